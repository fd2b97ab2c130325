#ifndef FUZZ_EGL_H
#define FUZZ_EGL_H
/* EGL over the fuzzer's driver (egl.c defines the functions themselves; no libEGL is linked). */
#define EGL_EGLEXT_PROTOTYPES 1
#include <EGL/egl.h>
#include <EGL/eglext.h>

#include "driver.h"

/* Frees what the run has not destroyed. */
void fuzz_egl_reset(void);

#endif
