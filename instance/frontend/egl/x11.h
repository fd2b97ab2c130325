#ifndef DC_FRONTEND_EGL_X11_H
#define DC_FRONTEND_EGL_X11_H
/*
 * The X11 platform, as far as programs need it that ask an X display for EGL without showing anything (es2_info): an
 * instance shows Wayland clients, X windows are drawn to and not shown. Xlib is not ours to load: whoever has a Display*
 * has it.
 */
#include <stdbool.h>
#include <stdint.h>

#include <EGL/egl.h>

/* The id of the default visual; 0 when Xlib is not there. */
uint32_t dc_x11_get_visual(void *display);
bool dc_x11_get_window_size(void *display, unsigned long window, EGLint *width, EGLint *height);

#endif
