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

/* There are no images: the errors are those of an unknown target and of an unknown handle. */
static EGLImage
create_image(EGLDisplay handle, EGLContext context, EGLenum target, EGLClientBuffer buffer, const EGLAttrib *attribs)
{
    dc_egl_fail(EGL_BAD_PARAMETER);
    return EGL_NO_IMAGE;
}

static EGLBoolean
destroy_image(EGLDisplay handle, EGLImage image)
{
    return dc_egl_fail(EGL_BAD_PARAMETER);
}

static const struct {
    const char *name;
    void *function;
} entries[] = {
    { "eglBindAPI", bind_api },
    { "eglBindTexImage", dc_eglBindTexImage },
    { "eglChooseConfig", dc_eglChooseConfig },
    { "eglClientWaitSync", dc_eglClientWaitSync },
    { "eglClientWaitSyncKHR", dc_eglClientWaitSync },
    { "eglCopyBuffers", dc_eglCopyBuffers },
    { "eglCreateContext", dc_eglCreateContext },
    { "eglCreateImage", create_image },
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
    { "eglDestroyImage", destroy_image },
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
    { "eglReleaseTexImage", dc_eglReleaseTexImage },
    { "eglReleaseThread", dc_eglReleaseThread },
    { "eglSurfaceAttrib", dc_eglSurfaceAttrib },
    { "eglSwapBuffers", dc_eglSwapBuffers },
    { "eglSwapBuffersWithDamageEXT", dc_eglSwapBuffersWithDamage },
    { "eglSwapBuffersWithDamageKHR", dc_eglSwapBuffersWithDamage },
    { "eglSwapInterval", dc_eglSwapInterval },
    { "eglTerminate", dc_eglTerminate },
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
