/* Texture storage that the driver makes by itself: nothing to shadow but that completeness may change. */
#include <gles_entry.h>

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
