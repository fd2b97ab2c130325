#ifndef DC_FRONTEND_EGL_CURRENT_H
#define DC_FRONTEND_EGL_CURRENT_H
/* Nothing is current on this thread any more. */
void dc_egl_release_current(void);
#endif
