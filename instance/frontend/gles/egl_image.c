/* GL_OES_EGL_image, GL_EXT_EGL_image_storage: images of egl/ become a texture's or a renderbuffer's contents. */
#include <gles_entry.h>

#include <gles_encode.h>

#include "../core/context.h"
#include "shared.h"

void GL_APIENTRY
dc_gl_EGLImageTargetTexture2DOES(GLenum target, GLeglImageOES image)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    dc_gles_storage_changed(context->shared);
    dc_enc_EGLImageTargetTexture2DOES(&context->encoder, target, dc_image_get_id(image));
}

void GL_APIENTRY
dc_gl_EGLImageTargetRenderbufferStorageOES(GLenum target, GLeglImageOES image)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    dc_gles_storage_changed(context->shared);
    dc_enc_EGLImageTargetRenderbufferStorageOES(&context->encoder, target, dc_image_get_id(image));
}

void GL_APIENTRY
dc_gl_EGLImageTargetTexStorageEXT(GLenum target, GLeglImageOES image, const GLint *attrib_list)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    dc_gles_storage_changed(context->shared);
    dc_enc_EGLImageTargetTexStorageEXT(&context->encoder, target, dc_image_get_id(image),
                                       attrib_list && attrib_list[0] != GL_NONE);
}
