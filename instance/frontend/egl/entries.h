#ifndef DC_FRONTEND_EGL_ENTRIES_H
#define DC_FRONTEND_EGL_ENTRIES_H
/* EGL's entry points as libEGL calls them. `eglFoo` is `dc_eglFoo`; semantics are EGL 1.5's. */
#include <EGL/egl.h>
#include <EGL/eglext.h>

/* Entry point by EGL name, NULL if we have none. */
void *dc_egl_find_entry(const char *name);
/* Vendor-neutral stub of a display extension's function ("eglCreateSyncKHR"), for libEGL to give to applications. */
void *dc_egl_find_dispatch(const char *name);
void dc_egl_set_dispatch_index(const char *name, int index);

// display.c
EGLBoolean dc_eglInitialize(EGLDisplay handle, EGLint *major, EGLint *minor);
EGLBoolean dc_eglTerminate(EGLDisplay handle);
const char *dc_eglQueryString(EGLDisplay handle, EGLint name);
EGLBoolean dc_eglGetConfigs(EGLDisplay handle, EGLConfig *configs, EGLint size, EGLint *count);
EGLBoolean dc_eglChooseConfig(EGLDisplay handle, const EGLint *attribs, EGLConfig *configs, EGLint size,
                              EGLint *count);
EGLBoolean dc_eglGetConfigAttrib(EGLDisplay handle, EGLConfig config, EGLint attribute, EGLint *value);
// context.c
EGLContext dc_eglCreateContext(EGLDisplay handle, EGLConfig config, EGLContext share, const EGLint *attribs);
EGLBoolean dc_eglDestroyContext(EGLDisplay handle, EGLContext context);
EGLBoolean dc_eglQueryContext(EGLDisplay handle, EGLContext context, EGLint attribute, EGLint *value);
// current.c
EGLBoolean dc_eglMakeCurrent(EGLDisplay handle, EGLSurface draw, EGLSurface read, EGLContext context);
EGLBoolean dc_eglReleaseThread(void);
EGLContext dc_eglGetCurrentContext(void);
EGLDisplay dc_eglGetCurrentDisplay(void);
EGLSurface dc_eglGetCurrentSurface(EGLint which);
EGLBoolean dc_eglWaitClient(void);
EGLBoolean dc_eglWaitNative(EGLint engine);
// surface.c
EGLSurface dc_eglCreateWindowSurface(EGLDisplay handle, EGLConfig config, EGLNativeWindowType window,
                                     const EGLint *attribs);
EGLSurface dc_eglCreatePlatformWindowSurface(EGLDisplay handle, EGLConfig config, void *window,
                                             const EGLAttrib *attribs);
EGLSurface dc_eglCreatePlatformWindowSurfaceEXT(EGLDisplay handle, EGLConfig config, void *window,
                                                const EGLint *attribs);
EGLSurface dc_eglCreatePbufferSurface(EGLDisplay handle, EGLConfig config, const EGLint *attribs);
EGLSurface dc_eglCreatePixmapSurface(EGLDisplay handle, EGLConfig config, EGLNativePixmapType pixmap,
                                     const EGLint *attribs);
EGLSurface dc_eglCreatePlatformPixmapSurface(EGLDisplay handle, EGLConfig config, void *pixmap,
                                             const EGLAttrib *attribs);
EGLSurface dc_eglCreatePlatformPixmapSurfaceEXT(EGLDisplay handle, EGLConfig config, void *pixmap,
                                                const EGLint *attribs);
EGLSurface dc_eglCreatePbufferFromClientBuffer(EGLDisplay handle, EGLenum type, EGLClientBuffer buffer,
                                               EGLConfig config, const EGLint *attribs);
EGLBoolean dc_eglDestroySurface(EGLDisplay handle, EGLSurface surface);
// surface_query.c
EGLBoolean dc_eglQuerySurface(EGLDisplay handle, EGLSurface surface, EGLint attribute, EGLint *value);
EGLBoolean dc_eglSurfaceAttrib(EGLDisplay handle, EGLSurface surface, EGLint attribute, EGLint value);
EGLBoolean dc_eglBindTexImage(EGLDisplay handle, EGLSurface surface, EGLint buffer);
EGLBoolean dc_eglReleaseTexImage(EGLDisplay handle, EGLSurface surface, EGLint buffer);
// swap.c
EGLBoolean dc_eglSwapInterval(EGLDisplay handle, EGLint interval);
EGLBoolean dc_eglSwapBuffers(EGLDisplay handle, EGLSurface surface);
EGLBoolean dc_eglSwapBuffersWithDamage(EGLDisplay handle, EGLSurface surface, const EGLint *rects, EGLint count);
EGLBoolean dc_eglSetDamageRegionKHR(EGLDisplay handle, EGLSurface surface, EGLint *rects, EGLint count);
EGLBoolean dc_eglCopyBuffers(EGLDisplay handle, EGLSurface surface, EGLNativePixmapType target);
// image.c
EGLImage dc_eglCreateImage(EGLDisplay handle, EGLContext context, EGLenum target, EGLClientBuffer buffer,
                           const EGLAttrib *attribs);
EGLImageKHR dc_eglCreateImageKHR(EGLDisplay handle, EGLContext context, EGLenum target, EGLClientBuffer buffer,
                                 const EGLint *attribs);
EGLBoolean dc_eglDestroyImage(EGLDisplay handle, EGLImage image);
// wayland_server.c
EGLBoolean dc_eglBindWaylandDisplayWL(EGLDisplay handle, struct wl_display *server);
EGLBoolean dc_eglUnbindWaylandDisplayWL(EGLDisplay handle, struct wl_display *server);
EGLBoolean dc_eglQueryWaylandBufferWL(EGLDisplay handle, struct wl_resource *buffer, EGLint attribute, EGLint *value);
// sync.c
EGLSync dc_eglCreateSync(EGLDisplay handle, EGLenum type, const EGLAttrib *attribs);
EGLSyncKHR dc_eglCreateSyncKHR(EGLDisplay handle, EGLenum type, const EGLint *attribs);
EGLBoolean dc_eglDestroySync(EGLDisplay handle, EGLSync sync);
EGLint dc_eglClientWaitSync(EGLDisplay handle, EGLSync sync, EGLint flags, EGLTime timeout_ns);
EGLBoolean dc_eglSignalSyncKHR(EGLDisplay handle, EGLSyncKHR sync, EGLenum mode);
EGLBoolean dc_eglWaitSync(EGLDisplay handle, EGLSync sync, EGLint flags);
EGLint dc_eglWaitSyncKHR(EGLDisplay handle, EGLSyncKHR sync, EGLint flags);
EGLBoolean dc_eglGetSyncAttrib(EGLDisplay handle, EGLSync sync, EGLint attribute, EGLAttrib *value);
EGLBoolean dc_eglGetSyncAttribKHR(EGLDisplay handle, EGLSyncKHR sync, EGLint attribute, EGLint *value);

#endif
