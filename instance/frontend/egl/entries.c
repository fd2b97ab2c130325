#include "entries.h"

#include <string.h>

#include "thread.h"

static EGLBoolean
bind_api(EGLenum api)
{
    return api == EGL_OPENGL_ES_API ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_PARAMETER);
}

static EGLenum
query_api(void)
{
    dc_egl_succeed();
    return dc_egl_api();
}

static EGLint
get_error(void)
{
    return dc_egl_take_error();
}

static const struct {
    const char *name;
    void *function;
} entries[] = {
    { "eglBindAPI", bind_api },
    { "eglBindTexImage", dc_eglBindTexImage },
    { "eglBindWaylandDisplayWL", dc_eglBindWaylandDisplayWL },
    { "eglChooseConfig", dc_eglChooseConfig },
    { "eglClientWaitSync", dc_eglClientWaitSync },
    { "eglClientWaitSyncKHR", dc_eglClientWaitSync },
    { "eglCopyBuffers", dc_eglCopyBuffers },
    { "eglCreateContext", dc_eglCreateContext },
    { "eglCreateImage", dc_eglCreateImage },
    { "eglCreateImageKHR", dc_eglCreateImageKHR },
    { "eglCreatePbufferFromClientBuffer", dc_eglCreatePbufferFromClientBuffer },
    { "eglCreatePbufferSurface", dc_eglCreatePbufferSurface },
    { "eglCreatePixmapSurface", dc_eglCreatePixmapSurface },
    { "eglCreatePlatformPixmapSurface", dc_eglCreatePlatformPixmapSurface },
    { "eglCreatePlatformPixmapSurfaceEXT", dc_eglCreatePlatformPixmapSurfaceEXT },
    { "eglCreatePlatformWindowSurface", dc_eglCreatePlatformWindowSurface },
    { "eglCreatePlatformWindowSurfaceEXT", dc_eglCreatePlatformWindowSurfaceEXT },
    { "eglCreateSync", dc_eglCreateSync },
    { "eglCreateSyncKHR", dc_eglCreateSyncKHR },
    { "eglCreateWindowSurface", dc_eglCreateWindowSurface },
    { "eglDestroyContext", dc_eglDestroyContext },
    { "eglDestroyImage", dc_eglDestroyImage },
    { "eglDestroyImageKHR", dc_eglDestroyImage },
    { "eglDestroySurface", dc_eglDestroySurface },
    { "eglDestroySync", dc_eglDestroySync },
    { "eglDestroySyncKHR", dc_eglDestroySync },
    { "eglGetConfigAttrib", dc_eglGetConfigAttrib },
    { "eglGetConfigs", dc_eglGetConfigs },
    { "eglGetCurrentContext", dc_eglGetCurrentContext },
    { "eglGetCurrentDisplay", dc_eglGetCurrentDisplay },
    { "eglGetCurrentSurface", dc_eglGetCurrentSurface },
    { "eglGetError", get_error },
    { "eglGetSyncAttrib", dc_eglGetSyncAttrib },
    { "eglGetSyncAttribKHR", dc_eglGetSyncAttribKHR },
    { "eglInitialize", dc_eglInitialize },
    { "eglMakeCurrent", dc_eglMakeCurrent },
    { "eglQueryAPI", query_api },
    { "eglQueryContext", dc_eglQueryContext },
    { "eglQueryString", dc_eglQueryString },
    { "eglQuerySurface", dc_eglQuerySurface },
    { "eglQueryWaylandBufferWL", dc_eglQueryWaylandBufferWL },
    { "eglReleaseTexImage", dc_eglReleaseTexImage },
    { "eglReleaseThread", dc_eglReleaseThread },
    { "eglSetDamageRegionKHR", dc_eglSetDamageRegionKHR },
    { "eglSignalSyncKHR", dc_eglSignalSyncKHR },
    { "eglSurfaceAttrib", dc_eglSurfaceAttrib },
    { "eglSwapBuffers", dc_eglSwapBuffers },
    { "eglSwapBuffersWithDamageEXT", dc_eglSwapBuffersWithDamage },
    { "eglSwapBuffersWithDamageKHR", dc_eglSwapBuffersWithDamage },
    { "eglSwapInterval", dc_eglSwapInterval },
    { "eglTerminate", dc_eglTerminate },
    { "eglUnbindWaylandDisplayWL", dc_eglUnbindWaylandDisplayWL },
    { "eglWaitClient", dc_eglWaitClient },
    { "eglWaitGL", dc_eglWaitClient },
    { "eglWaitNative", dc_eglWaitNative },
    { "eglWaitSync", dc_eglWaitSync },
    { "eglWaitSyncKHR", dc_eglWaitSyncKHR },
};

void *
dc_egl_find_entry(const char *name)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (strcmp(entries[i].name, name) == 0)
            return entries[i].function;
    return NULL;
}
