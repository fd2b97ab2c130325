#ifndef DC_TESTS_DIFFERENTIAL_EGL_CASE_H
#define DC_TESTS_DIFFERENTIAL_EGL_CASE_H
/*
 * EGL programs whose whole output is text that must be the same on native Mesa and through the stack. Configs are told
 * apart by what they are, not by their number; only those that our profile offers (8 bits a channel) are looked at.
 */
#include <stdbool.h>
#include <stdio.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl32.h>

struct egl_case {
    const char *name;
    void (*run)(EGLDisplay display);
};

extern const struct egl_case egl_cases_config[], egl_cases_context[], egl_cases_surface[], egl_cases_current[],
    egl_cases_sync[], egl_cases_thread[], egl_cases_image[];

#define MAX_CONFIGS 256

/* eglChooseConfig, with what the profile does not offer left out; the return value, -1 on error. */
int egl_choose(EGLDisplay display, const EGLint *attribs, EGLConfig *configs);
/* RGBA 8888, depth 24, stencil 8, single sample. */
EGLConfig egl_config(EGLDisplay display);
EGLContext egl_context(EGLDisplay display, EGLContext share);
EGLSurface egl_pbuffer(EGLDisplay display, EGLint width, EGLint height);
/* "label: ok|null error 3000" and clears the error. */
void egl_report(const char *label, bool ok);
/* Hash of a read-back of the whole draw surface. */
void egl_print_pixels(const char *label, int width, int height);

#endif
