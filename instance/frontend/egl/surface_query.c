/* Attributes of surfaces: read and set. */
#include "config.h"
#include "context.h"
#include "entries.h"
#include "surface.h"
#include "thread.h"

/* What a pbuffer alone has; asking a window is no error and leaves *value alone. */
static bool
query_pbuffer(const struct dc_surface *surface, EGLint attribute, EGLint *value)
{
    EGLint answer;
    switch (attribute) {
    case EGL_LARGEST_PBUFFER:
        answer = surface->largest_pbuffer;
        break;
    case EGL_TEXTURE_FORMAT:
        answer = surface->texture_format;
        break;
    case EGL_TEXTURE_TARGET:
        answer = surface->texture_target;
        break;
    case EGL_MIPMAP_TEXTURE:
        answer = surface->mipmap_texture;
        break;
    case EGL_MIPMAP_LEVEL:
        answer = surface->mipmap_level;
        break;
    default:
        return false;
    }
    if (surface->type == EGL_PBUFFER_BIT)
        *value = answer;
    return true;
}

static EGLint
query(struct dc_surface *surface, EGLint attribute, EGLint *value)
{
    switch (attribute) {
    case EGL_WIDTH:
        *value = __atomic_load_n(&surface->width, __ATOMIC_RELAXED);
        return EGL_SUCCESS;
    case EGL_HEIGHT:
        *value = __atomic_load_n(&surface->height, __ATOMIC_RELAXED);
        return EGL_SUCCESS;
    case EGL_CONFIG_ID:
        *value = surface->config->config_id;
        return EGL_SUCCESS;
    case EGL_SWAP_BEHAVIOR:
        *value = surface->swap_behavior;
        return EGL_SUCCESS;
    case EGL_RENDER_BUFFER:
        *value = surface->type == EGL_PBUFFER_BIT ? EGL_BACK_BUFFER : surface->render_buffer;
        return EGL_SUCCESS;
    case EGL_PIXEL_ASPECT_RATIO:
    case EGL_HORIZONTAL_RESOLUTION:
    case EGL_VERTICAL_RESOLUTION:
        *value = EGL_UNKNOWN;
        return EGL_SUCCESS;
    case EGL_MULTISAMPLE_RESOLVE:
        *value = surface->multisample_resolve;
        return EGL_SUCCESS;
    case EGL_VG_ALPHA_FORMAT:
        *value = surface->vg_alpha_format;
        return EGL_SUCCESS;
    case EGL_VG_COLORSPACE:
        *value = surface->vg_colorspace;
        return EGL_SUCCESS;
    case EGL_GL_COLORSPACE:
        *value = surface->colorspace;
        return EGL_SUCCESS;
    case EGL_PRESENT_OPAQUE_EXT:
        if (surface->display->platform != DC_PLATFORM_WAYLAND)
            return EGL_BAD_ATTRIBUTE;
        *value = surface->present_opaque;
        return EGL_SUCCESS;
    case EGL_BUFFER_AGE_EXT:
        if (surface->display->platform != DC_PLATFORM_WAYLAND)
            return EGL_BAD_ATTRIBUTE;
        if (!dc_current || dc_current->draw != surface)
            return EGL_BAD_SURFACE;
        *value = dc_surface_get_age(surface);
        return EGL_SUCCESS;
    default:
        return query_pbuffer(surface, attribute, value) ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    }
}

/* The surface behind a handle, with the error set when it is NULL. Lock held. */
static struct dc_surface *
require(EGLDisplay handle, EGLSurface surface_handle)
{
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? dc_surface_lookup(display, surface_handle) : NULL;
    if (display && !surface)
        dc_egl_fail(EGL_BAD_SURFACE);
    return surface;
}

EGLBoolean
dc_eglQuerySurface(EGLDisplay handle, EGLSurface surface_handle, EGLint attribute, EGLint *value)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_surface *surface = require(handle, surface_handle);
    EGLint error = EGL_SUCCESS;
    if (surface)
        error = value ? query(surface, attribute, value) : EGL_BAD_PARAMETER;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!surface)
        return EGL_FALSE;
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

static EGLint
set(struct dc_surface *surface, EGLint attribute, EGLint value)
{
    switch (attribute) {
    case EGL_MIPMAP_LEVEL:
        surface->mipmap_level = value;
        return EGL_SUCCESS;
    case EGL_MULTISAMPLE_RESOLVE:
        if (value == EGL_MULTISAMPLE_RESOLVE_DEFAULT)
            return EGL_SUCCESS;
        return value == EGL_MULTISAMPLE_RESOLVE_BOX ? EGL_BAD_MATCH : EGL_BAD_ATTRIBUTE; // no config has the bit
    case EGL_SWAP_BEHAVIOR:
        if (value == EGL_BUFFER_DESTROYED)
            return EGL_SUCCESS;
        return value == EGL_BUFFER_PRESERVED ? EGL_BAD_MATCH : EGL_BAD_ATTRIBUTE; // no config has the bit
    default:
        return EGL_BAD_ATTRIBUTE;
    }
}

EGLBoolean
dc_eglSurfaceAttrib(EGLDisplay handle, EGLSurface surface_handle, EGLint attribute, EGLint value)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_surface *surface = require(handle, surface_handle);
    EGLint error = surface ? set(surface, attribute, value) : EGL_SUCCESS;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!surface)
        return EGL_FALSE;
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

/* No config can be bound to a texture; the errors are those of a surface that has no texture format. */
EGLBoolean
dc_eglBindTexImage(EGLDisplay handle, EGLSurface surface_handle, EGLint buffer)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_surface *surface = require(handle, surface_handle);
    bool pbuffer = surface && surface->type == EGL_PBUFFER_BIT;
    pthread_mutex_unlock(&dc_egl_lock);
    return surface ? dc_egl_fail(pbuffer ? EGL_BAD_MATCH : EGL_BAD_SURFACE) : EGL_FALSE;
}

EGLBoolean
dc_eglReleaseTexImage(EGLDisplay handle, EGLSurface surface_handle, EGLint buffer)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_surface *surface = require(handle, surface_handle);
    pthread_mutex_unlock(&dc_egl_lock);
    return surface ? dc_egl_succeed() : EGL_FALSE; // never bound: nothing to do
}
