/* The attribute lists of eglCreate…Surface. */
#include "config.h"
#include "surface.h"

static EGLint
check_texture_attribute(struct dc_surface *surface, EGLint name, EGLint value)
{
    if (surface->type != EGL_PBUFFER_BIT)
        return EGL_BAD_ATTRIBUTE;
    switch (name) {
    case EGL_TEXTURE_FORMAT:
        surface->texture_format = value;
        return value == EGL_TEXTURE_RGB || value == EGL_TEXTURE_RGBA || value == EGL_NO_TEXTURE ? EGL_SUCCESS
                                                                                               : EGL_BAD_ATTRIBUTE;
    case EGL_TEXTURE_TARGET:
        surface->texture_target = value;
        return value == EGL_TEXTURE_2D || value == EGL_NO_TEXTURE ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    default:
        surface->mipmap_texture = value != EGL_FALSE;
        return EGL_SUCCESS;
    }
}

static EGLint
parse_attribute(struct dc_surface *surface, EGLint name, EGLint value)
{
    bool window = surface->type == EGL_WINDOW_BIT;
    switch (name) {
    case EGL_GL_COLORSPACE:
        surface->colorspace = value;
        return value == EGL_GL_COLORSPACE_SRGB || value == EGL_GL_COLORSPACE_LINEAR ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    case EGL_VG_COLORSPACE:
        surface->vg_colorspace = value;
        return value == EGL_VG_COLORSPACE_sRGB || value == EGL_VG_COLORSPACE_LINEAR ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    case EGL_VG_ALPHA_FORMAT:
        surface->vg_alpha_format = value;
        return value == EGL_VG_ALPHA_FORMAT_NONPRE || value == EGL_VG_ALPHA_FORMAT_PRE ? EGL_SUCCESS
                                                                                       : EGL_BAD_ATTRIBUTE;
    case EGL_RENDER_BUFFER:
        surface->render_buffer = value;
        return window && (value == EGL_BACK_BUFFER || value == EGL_SINGLE_BUFFER) ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    case EGL_PRESENT_OPAQUE_EXT:
        if (!window)
            return EGL_BAD_ATTRIBUTE;
        surface->present_opaque = value == EGL_TRUE;
        return value == EGL_TRUE || value == EGL_FALSE ? EGL_SUCCESS : EGL_BAD_PARAMETER;
    case EGL_WIDTH:
    case EGL_HEIGHT:
        if (window)
            return EGL_BAD_ATTRIBUTE;
        *(name == EGL_WIDTH ? &surface->width : &surface->height) = value;
        return value >= 0 ? EGL_SUCCESS : EGL_BAD_PARAMETER;
    case EGL_LARGEST_PBUFFER:
        surface->largest_pbuffer = value != EGL_FALSE;
        return window ? EGL_BAD_ATTRIBUTE : EGL_SUCCESS;
    case EGL_TEXTURE_FORMAT:
    case EGL_TEXTURE_TARGET:
    case EGL_MIPMAP_TEXTURE:
        return check_texture_attribute(surface, name, value);
    default:
        return EGL_BAD_ATTRIBUTE;
    }
}

EGLint
dc_surface_parse_attributes(struct dc_surface *surface, const EGLint *attribs)
{
    for (const EGLint *a = attribs; a && a[0] != EGL_NONE; a += 2) {
        EGLint error = parse_attribute(surface, a[0], a[1]);
        if (error != EGL_SUCCESS)
            return error;
    }
    if ((surface->texture_format == EGL_NO_TEXTURE) != (surface->texture_target == EGL_NO_TEXTURE))
        return EGL_BAD_MATCH;
    EGLint max_width = surface->config->max_pbuffer_width, max_height = surface->config->max_pbuffer_height;
    if (!surface->largest_pbuffer)
        return surface->width > max_width || surface->height > max_height ? EGL_BAD_ALLOC : EGL_SUCCESS;
    surface->width = surface->width < max_width ? surface->width : max_width;
    surface->height = surface->height < max_height ? surface->height : max_height;
    return EGL_SUCCESS;
}
