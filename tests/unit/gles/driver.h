#ifndef DC_TEST_GLES_DRIVER_H
#define DC_TEST_GLES_DRIVER_H
/* Mesa without a window: a context with a pbuffer of 64 × 64, current on this thread. */
#include <stdbool.h>

#include <gles_driver.h>

#define DRIVER_SIZE 64

/* NULL: no EGL here (the tests are skipped). */
const struct dc_gl *driver_create(void);
void driver_destroy(void);

#endif
