#ifndef DC_FRONTEND_EGL_THREAD_H
#define DC_FRONTEND_EGL_THREAD_H
/* What EGL keeps per thread: the last error and the bound API. The current context is dc_current. */
#include <EGL/egl.h>
#include <glvnd/libeglabi.h>

/* libEGL's exports, NULL when nobody loaded us through GLVND. Set anew each time libEGL is loaded: SDL unloads and
 * reloads it when it goes from desktop GL to GLES, and the old copy's functions are gone then. */
extern const __EGLapiExports *dc_egl_exports;

/* Sets the error and returns false, so that `return dc_egl_fail(EGL_BAD_…)` reads well. */
EGLBoolean dc_egl_fail(EGLint error);
EGLBoolean dc_egl_succeed(void);
EGLint dc_egl_take_error(void); // reads and clears
/* EGL_OPENGL_ES_API, or whatever the application bound in libEGL for another vendor. */
EGLenum dc_egl_api(void);
/* The calling thread's current context is released when the thread ends. */
void dc_egl_watch_thread_end(void);

#endif
