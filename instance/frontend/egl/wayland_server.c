#include "wayland_server.h"

#include <stdlib.h>

#include <wayland-server.h>

#include <droidcloud-buffer-v1-server-protocol.h>

#include "display.h"
#include "entries.h"
#include "thread.h"

#define MAX_SIZE 16384 // of a buffer: more than any worker makes

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_buffer_interface buffer_impl = { .destroy = handle_destroy };

static void
free_buffer(struct wl_resource *resource)
{
    free(wl_resource_get_user_data(resource));
}

/* Whose ring it is cannot be seen here. It does not matter: the worker knows the rings of this instance only, and whoever
 * names another process's picture shows it to the same user. */
static void
handle_create_buffer(struct wl_client *client, struct wl_resource *manager, uint32_t id, uint32_t ring_id,
                     uint32_t surface_id, uint32_t seq_hi, uint32_t seq_lo, int32_t width, int32_t height,
                     uint32_t format, uint32_t input_hi, uint32_t input_lo, uint32_t first_hi, uint32_t first_lo,
                     uint32_t swap_hi, uint32_t swap_lo)
{
    if (width <= 0 || height <= 0 || width > MAX_SIZE || height > MAX_SIZE) {
        wl_resource_post_error(manager, DC_BUFFER_MANAGER_V1_ERROR_BAD_SIZE, "%dx%d", width, height);
        return;
    }
    struct dc_server_buffer *buffer = calloc(1, sizeof(*buffer));
    struct wl_resource *resource = buffer ? wl_resource_create(client, &wl_buffer_interface, 1, id) : NULL;
    if (!resource) {
        free(buffer);
        wl_client_post_no_memory(client);
        return;
    }
    *buffer = (struct dc_server_buffer){
        .ring_id = ring_id,
        .surface_id = surface_id,
        .seq = (uint64_t)seq_hi << 32 | seq_lo,
        .width = width,
        .height = height,
        .has_alpha = format != DC_BUFFER_MANAGER_V1_FORMAT_XRGB,
    };
    wl_resource_set_implementation(resource, &buffer_impl, buffer, free_buffer);
}

static const struct dc_buffer_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .create_buffer = handle_create_buffer,
};

static void
handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &dc_buffer_manager_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, NULL, NULL);
    else
        wl_client_post_no_memory(client);
}

const struct dc_server_buffer *
dc_server_buffer_from_resource(struct wl_resource *resource)
{
    if (!resource || !wl_resource_instance_of(resource, &wl_buffer_interface, &buffer_impl))
        return NULL;
    return wl_resource_get_user_data(resource);
}

EGLBoolean
dc_eglBindWaylandDisplayWL(EGLDisplay handle, struct wl_display *server)
{
    EGLint error = EGL_SUCCESS;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    if (display && (!server || display->server))
        error = EGL_BAD_PARAMETER;
    else if (display && !(display->server_global = wl_global_create(server, &dc_buffer_manager_v1_interface, 1, NULL,
                                                                    handle_bind)))
        error = EGL_BAD_ALLOC;
    else if (display)
        display->server = server;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

EGLBoolean
dc_eglUnbindWaylandDisplayWL(EGLDisplay handle, struct wl_display *server)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    bool bound = display && server && display->server == server;
    if (bound) {
        wl_global_destroy(display->server_global);
        display->server_global = NULL;
        display->server = NULL;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return bound ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_PARAMETER);
}

EGLBoolean
dc_eglQueryWaylandBufferWL(EGLDisplay handle, struct wl_resource *resource, EGLint attribute, EGLint *value)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    const struct dc_server_buffer *buffer = dc_server_buffer_from_resource(resource);
    if (!buffer || !value)
        return dc_egl_fail(EGL_BAD_PARAMETER);
    switch (attribute) {
    case EGL_WIDTH:
        *value = buffer->width;
        return dc_egl_succeed();
    case EGL_HEIGHT:
        *value = buffer->height;
        return dc_egl_succeed();
    case EGL_TEXTURE_FORMAT:
        *value = buffer->has_alpha ? EGL_TEXTURE_RGBA : EGL_TEXTURE_RGB;
        return dc_egl_succeed();
    case EGL_WAYLAND_Y_INVERTED_WL:
        *value = EGL_TRUE; // the worker turns what it imports
        return dc_egl_succeed();
    default:
        return dc_egl_fail(EGL_BAD_PARAMETER);
    }
}
