#include "image.h"

#include <stdlib.h>

#include "commands.h"
#include "context.h"
#include "entries.h"
#include "thread.h"
#include "wayland_server.h"

#define MAX_IMAGES 4000 // the worker ends a process that has more than 4096

static uint32_t alive; // protected by dc_egl_lock

struct request {
    EGLenum target;
    EGLClientBuffer buffer;
    EGLint level, zoffset, plane;
    uint32_t context_id;
};

static EGLint
parse_attribute(struct request *request, EGLint name, EGLint value)
{
    switch (name) {
    case EGL_IMAGE_PRESERVED_KHR:
        return EGL_SUCCESS; // it always is
    case EGL_GL_TEXTURE_LEVEL_KHR:
        request->level = value;
        return EGL_SUCCESS;
    case EGL_GL_TEXTURE_ZOFFSET_KHR:
        request->zoffset = value;
        return EGL_SUCCESS;
    case EGL_WAYLAND_PLANE_WL:
        request->plane = value;
        return EGL_SUCCESS;
    default:
        return EGL_BAD_PARAMETER;
    }
}

static bool
is_gl_target(EGLenum target)
{
    return (target >= EGL_GL_TEXTURE_2D && target <= EGL_GL_TEXTURE_CUBE_MAP_NEGATIVE_Z) ||
           target == EGL_GL_RENDERBUFFER;
}

/* Lock held. */
static EGLint
check(struct dc_display *display, struct request *request, EGLContext context_handle)
{
    const struct dc_egl_context *context = dc_egl_context_lookup(display, context_handle);
    if (context_handle && !context)
        return EGL_BAD_CONTEXT;
    if (dc_process_is_lost(display->process))
        return EGL_BAD_ALLOC;
    if (alive >= MAX_IMAGES)
        return EGL_BAD_ALLOC;
    if (request->target == EGL_WAYLAND_BUFFER_WL)
        return context || request->plane ? EGL_BAD_PARAMETER : EGL_SUCCESS;
    if (!is_gl_target(request->target))
        return EGL_BAD_PARAMETER;
    if (!context)
        return EGL_BAD_CONTEXT;
    if (!request->buffer)
        return EGL_BAD_PARAMETER;
    request->context_id = context->base.id;
    return EGL_SUCCESS;
}

/* Without the lock: waits for the worker, which knows whether there is such an object. */
static EGLint
create_from_object(struct dc_egl_image *image, const struct request *request)
{
    uint32_t error = EGL_BAD_ALLOC;
    struct dc_call call;
    if (dc_current)
        dc_context_flush(dc_current); // the object may have been made just now
    dc_call_begin(image->process, &call, &error, sizeof(error));
    dc_command_egl_image_create(image->process, call.serial, image->id, request->context_id, request->target,
                                (uint32_t)(uintptr_t)request->buffer, request->level, request->zoffset);
    return dc_call_wait(image->process, &call, DC_WAIT_STACK) ? (EGLint)error : EGL_BAD_ALLOC;
}

static EGLint
create_from_window(struct dc_egl_image *image, const struct request *request)
{
    const struct dc_server_buffer *buffer = dc_server_buffer_from_resource((struct wl_resource *)request->buffer);
    if (!buffer)
        return EGL_BAD_PARAMETER;
    dc_command_egl_image_import(image->process, image->id, buffer->ring_id, buffer->surface_id, buffer->seq,
                                !buffer->has_alpha);
    return EGL_SUCCESS;
}

/* Allocates the image and checks what can be checked here. NULL: error set. */
static struct dc_egl_image *
begin(EGLDisplay handle, EGLContext context, struct request *request)
{
    static uint32_t last_id; // protected by dc_egl_lock
    struct dc_egl_image *image = NULL;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    EGLint error = display ? check(display, request, context) : EGL_SUCCESS;
    if (display && error == EGL_SUCCESS && !(image = calloc(1, sizeof(*image))))
        error = EGL_BAD_ALLOC;
    if (image) {
        image->display = display;
        image->process = display->process;
        image->id = ++last_id;
        alive++;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    if (display)
        dc_egl_fail(error);
    return image;
}

static EGLImage
create(EGLDisplay handle, EGLContext context, struct request *request)
{
    struct dc_egl_image *image = begin(handle, context, request);
    if (!image)
        return EGL_NO_IMAGE;
    EGLint error = request->target == EGL_WAYLAND_BUFFER_WL ? create_from_window(image, request)
                                                            : create_from_object(image, request);
    pthread_mutex_lock(&dc_egl_lock);
    if (error == EGL_SUCCESS) {
        image->next = image->display->images;
        image->display->images = image;
    } else {
        alive--;
        free(image);
        image = NULL;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    dc_egl_fail(error);
    return image;
}

EGLImage
dc_eglCreateImage(EGLDisplay handle, EGLContext context, EGLenum target, EGLClientBuffer buffer,
                  const EGLAttrib *attribs)
{
    struct request request = { .target = target, .buffer = buffer };
    EGLint error = EGL_SUCCESS;
    for (const EGLAttrib *a = attribs; a && a[0] != EGL_NONE && error == EGL_SUCCESS; a += 2)
        error = parse_attribute(&request, (EGLint)a[0], (EGLint)a[1]);
    if (error == EGL_SUCCESS)
        return create(handle, context, &request);
    dc_egl_fail(error);
    return EGL_NO_IMAGE;
}

EGLImageKHR
dc_eglCreateImageKHR(EGLDisplay handle, EGLContext context, EGLenum target, EGLClientBuffer buffer,
                     const EGLint *attribs)
{
    struct request request = { .target = target, .buffer = buffer };
    EGLint error = EGL_SUCCESS;
    for (const EGLint *a = attribs; a && a[0] != EGL_NONE && error == EGL_SUCCESS; a += 2)
        error = parse_attribute(&request, a[0], a[1]);
    if (error == EGL_SUCCESS)
        return create(handle, context, &request);
    dc_egl_fail(error);
    return EGL_NO_IMAGE_KHR;
}

static struct dc_egl_image *
lookup(struct dc_display *display, EGLImage handle)
{
    struct dc_egl_image *image = display->images;
    while (image && image != handle)
        image = image->next;
    return image;
}

void
dc_egl_image_unlink(struct dc_egl_image *image)
{
    struct dc_egl_image **at = &image->display->images;
    while (*at && *at != image)
        at = &(*at)->next;
    if (*at)
        *at = image->next;
    alive--;
    dc_command_egl_image_destroy(image->process, image->id);
    free(image);
}

EGLBoolean
dc_eglDestroyImage(EGLDisplay handle, EGLImage image_handle)
{
    if (dc_current)
        dc_context_flush(dc_current); // what it encoded may name the image
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_egl_image *image = display ? lookup(display, image_handle) : NULL;
    if (image)
        dc_egl_image_unlink(image);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return image ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_PARAMETER);
}

uint32_t
dc_image_get_id(void *handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_egl_image *image = dc_current ? lookup(dc_egl_current()->display, handle) : NULL;
    uint32_t id = image ? image->id : 0;
    pthread_mutex_unlock(&dc_egl_lock);
    return id;
}
