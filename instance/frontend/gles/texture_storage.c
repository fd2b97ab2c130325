/* Texture storage that the driver makes by itself: nothing to shadow but that completeness may change. */
#include <gles_entry.h>

#include <gles_encode.h>
#include <protocol/gles/pixels.h>

#include "shared.h"
#include "state.h"

static bool
changed(struct dc_context *context)
{
    dc_gles_storage_changed(context->shared);
    return true;
}

bool
dc_hook_TexStorage2D(struct dc_context *context, GLenum target, GLsizei levels, GLenum format, GLsizei width,
                     GLsizei height)
{
    return changed(context);
}

bool
dc_hook_TexStorage3D(struct dc_context *context, GLenum target, GLsizei levels, GLenum format, GLsizei width,
                     GLsizei height, GLsizei depth)
{
    return changed(context);
}

bool
dc_hook_TexStorage2DMultisample(struct dc_context *context, GLenum target, GLsizei samples, GLenum format,
                                GLsizei width, GLsizei height, GLboolean fixed)
{
    return changed(context);
}

bool
dc_hook_TexStorage3DMultisample(struct dc_context *context, GLenum target, GLsizei samples, GLenum format,
                                GLsizei width, GLsizei height, GLsizei depth, GLboolean fixed)
{
    return changed(context);
}

bool
dc_hook_CopyTexImage2D(struct dc_context *context, GLenum target, GLint level, GLenum format, GLint x, GLint y,
                       GLsizei width, GLsizei height, GLint border)
{
    return changed(context);
}

bool
dc_hook_GenerateMipmap(struct dc_context *context, GLenum target)
{
    return changed(context);
}

/* ---- GL_EXT_clear_texture: one texel is all that goes out ---- */

void GL_APIENTRY
dc_gl_ClearTexImageEXT(GLuint texture, GLint level, GLenum format, GLenum type, const void *data)
{
    uint32_t bytes = data ? dc_pixels_bytes_per_pixel(format, type) : 0;
    if (dc_current)
        dc_enc_ClearTexImageEXT(&dc_current->encoder, texture, level, format, type, bytes ? data : 0, bytes);
}

void GL_APIENTRY
dc_gl_ClearTexSubImageEXT(GLuint texture, GLint level, GLint x, GLint y, GLint z, GLsizei width, GLsizei height,
                          GLsizei depth, GLenum format, GLenum type, const void *data)
{
    uint32_t bytes = data ? dc_pixels_bytes_per_pixel(format, type) : 0;
    if (dc_current)
        dc_enc_ClearTexSubImageEXT(&dc_current->encoder, texture, level, x, y, z, width, height, depth, format, type,
                                   bytes ? data : 0, bytes);
}
