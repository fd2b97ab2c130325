#ifndef DC_TEST_FAKE_GLES_H
#define DC_TEST_FAKE_GLES_H
/* The gles/ half as these tests need it: pushes are noted, no state. */
#include <stdint.h>

extern int fake_gles_pushes;
extern uint64_t fake_gles_last_serial;
extern uint32_t fake_gles_first_width, fake_gles_first_height;

#endif
