#include "egl_image.h"

#include <stdlib.h>

#include <EGL/eglext.h>
#include <gles_decode.h>

#define MAX_IMAGES 4096u

static struct dc_egl_image *
find(const struct dc_executor *executor, uint32_t id)
{
    struct dc_egl_image *image = executor->egl_images;
    while (image && image->id != id)
        image = image->next;
    return image;
}

/* NULL for an unknown id: the driver knows the error. */
static void *
driver_image(struct dc_exec *x, uint32_t id)
{
    const struct dc_egl_image *image = find(dc_executor_of(x), id);
    return image ? image->egl : NULL;
}

/* A record for a new id; NULL: x has failed. */
static struct dc_egl_image *
add(struct dc_exec *x, uint32_t id)
{
    struct dc_executor *executor = dc_executor_of(x);
    if (!id || find(executor, id) || executor->egl_image_count >= MAX_IMAGES) {
        dc_exec_fail(x, 0, "image id is taken, or too many images");
        return NULL;
    }
    struct dc_egl_image *image = calloc(1, sizeof *image);
    if (!image) {
        dc_exec_fail(x, 0, "out of memory");
        return NULL;
    }
    image->id = id;
    image->egl = EGL_NO_IMAGE;
    image->next = executor->egl_images;
    executor->egl_images = image;
    executor->egl_image_count++;
    return image;
}

static void
drop(struct dc_executor *executor, uint32_t id)
{
    struct dc_egl_image **at = &executor->egl_images;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct dc_egl_image *image = *at;
    if (!image)
        return;
    *at = image->next;
    executor->egl_image_count--;
    if (image->egl != EGL_NO_IMAGE)
        eglDestroyImage(executor->renderer->display, image->egl);
    free(image);
}

static EGLImage
create(struct dc_exec *x, const struct dc_exec_context *context, const struct dc_cmd_dcEglImageCreate *c)
{
    const struct dc_render_context *rc = context->backend;
    enum dc_names_kind kind = c->target == EGL_GL_RENDERBUFFER ? DC_NAMES_RENDERBUFFER : DC_NAMES_TEXTURE;
    uint32_t driver = dc_names_find(&context->share->names[kind], c->name);
    if (!driver)
        driver = DC_NAME_UNKNOWN;
    EGLAttrib attributes[8];
    int n = 0;
    attributes[n++] = EGL_IMAGE_PRESERVED;
    attributes[n++] = EGL_TRUE;
    if (kind == DC_NAMES_TEXTURE) {
        attributes[n++] = EGL_GL_TEXTURE_LEVEL;
        attributes[n++] = c->level;
    }
    if (c->target == EGL_GL_TEXTURE_3D) {
        attributes[n++] = EGL_GL_TEXTURE_ZOFFSET;
        attributes[n++] = c->zoffset;
    }
    attributes[n] = EGL_NONE;
    return eglCreateImage(dc_executor_of(x)->renderer->display, rc->egl, c->target, (EGLClientBuffer)(uintptr_t)driver,
                          attributes);
}

static bool
is_target(uint32_t target)
{
    return (target >= EGL_GL_TEXTURE_2D && target <= EGL_GL_TEXTURE_CUBE_MAP_NEGATIVE_Z) || target == EGL_GL_RENDERBUFFER;
}

void
dc_exec_dcEglImageCreate(struct dc_exec *x, const struct dc_cmd_dcEglImageCreate *c)
{
    const struct dc_exec_context *context = dc_exec_context_find(x, c->context);
    if (!context || !is_target(c->target)) {
        dc_exec_fail(x, 0, "unknown context or kind of image");
        return;
    }
    struct dc_egl_image *image = add(x, c->image);
    if (!image)
        return;
    image->egl = create(x, context, c);
    uint32_t error = image->egl == EGL_NO_IMAGE ? (uint32_t)eglGetError() : EGL_SUCCESS;
    if (image->egl == EGL_NO_IMAGE)
        drop(dc_executor_of(x), c->image);
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, &error, sizeof error);
}

void
dc_exec_dcEglImageImport(struct dc_exec *x, const struct dc_cmd_dcEglImageImport *c)
{
    struct dc_egl_image *image = add(x, c->image);
    if (image)
        image->egl = dc_egl_image_import(dc_executor_of(x), c->ring, c->surface, c->seq, c->opaque != 0);
}

void
dc_exec_dcEglImageDestroy(struct dc_exec *x, const struct dc_cmd_dcEglImageDestroy *c)
{
    drop(dc_executor_of(x), c->image);
}

void
dc_exec_EGLImageTargetTexture2DOES(struct dc_exec *x, const struct dc_cmd_EGLImageTargetTexture2DOES *c)
{
    x->gl->EGLImageTargetTexture2DOES(c->target, driver_image(x, c->image));
}

void
dc_exec_EGLImageTargetRenderbufferStorageOES(struct dc_exec *x,
                                             const struct dc_cmd_EGLImageTargetRenderbufferStorageOES *c)
{
    x->gl->EGLImageTargetRenderbufferStorageOES(c->target, driver_image(x, c->image));
}

void
dc_exec_EGLImageTargetTexStorageEXT(struct dc_exec *x, const struct dc_cmd_EGLImageTargetTexStorageEXT *c)
{
    // The only list that the extension defines is an empty one.
    static const GLint unknown[] = { 1, 1, GL_NONE };
    x->gl->EGLImageTargetTexStorageEXT(c->target, driver_image(x, c->image), c->has_attributes ? unknown : NULL);
}

void
dc_egl_image_destroy_all(struct dc_executor *executor)
{
    while (executor->egl_images)
        drop(executor, executor->egl_images->id);
}
