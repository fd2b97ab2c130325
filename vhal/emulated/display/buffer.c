#include "buffer.h"

#include <stdlib.h>

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <droidcloud-buffer-v1-server-protocol.h>
#include <wayland-server-protocol.h>

#include "client.h"
#include "compositor.h"
#include "surface.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_buffer_interface buffer_impl = { .destroy = handle_destroy };

struct dc_gpu_buffer *
dc_gpu_buffer_from_resource(struct wl_resource *buffer)
{
    if (!wl_resource_instance_of(buffer, &wl_buffer_interface, &buffer_impl))
        return NULL;
    return wl_resource_get_user_data(buffer);
}

static void
free_buffer(struct wl_resource *resource)
{
    struct dc_gpu_buffer *buffer = wl_resource_get_user_data(resource);
    wl_list_remove(&buffer->link);
    free(buffer);
}

static void
stop_waiting(struct dc_gpu_buffer *buffer)
{
    wl_list_remove(&buffer->link);
    wl_list_init(&buffer->link);
    wl_buffer_send_release(buffer->resource);
}

static struct dc_gpu_buffer *
find(struct dc_display *display, uint32_t ring_id, uint32_t surface_id, uint64_t seq)
{
    struct dc_gpu_buffer *buffer;
    wl_list_for_each(buffer, &display->gpu_buffers, link) {
        if (buffer->seq == seq && buffer->surface_id == surface_id && buffer->ring_id == ring_id)
            return buffer;
    }
    return NULL;
}

void
dc_gpu_buffer_commit(struct dc_display *display, struct dc_gpu_buffer *buffer, struct dc_content *content)
{
    *content = (struct dc_content){
        .kind = DC_CONTENT_GPU,
        .ring_id = buffer->ring_id,
        .surface_id = buffer->surface_id,
        .seq = buffer->seq,
        .width = buffer->width,
        .height = buffer->height,
        .has_alpha = buffer->has_alpha,
    };
    buffer->presented = false;
    wl_list_remove(&buffer->link); // committed once more
    wl_list_insert(&display->gpu_buffers, &buffer->link);
    dc_presenter_set_times(&display->presenter, buffer->first_command_us, buffer->swap_us);
    struct dc_client *client = dc_client_from_wl(wl_resource_get_client(buffer->resource));
    if (!client)
        return;
    dc_client_take_input(client, buffer->input_id, buffer->first_command_us);
    dc_client_note_read(client);
}

void
dc_gpu_buffer_superseded(struct dc_display *display, const struct dc_content *content)
{
    struct dc_gpu_buffer *buffer = find(display, content->ring_id, content->surface_id, content->seq);
    if (buffer && !buffer->presented)
        stop_waiting(buffer);
}

void
dc_gpu_buffer_mark_presented(struct dc_display *display, const struct dc_content *content)
{
    struct dc_gpu_buffer *buffer = find(display, content->ring_id, content->surface_id, content->seq);
    if (buffer)
        buffer->presented = true;
}

void
dc_gpu_buffer_release(struct dc_display *display, uint32_t ring_id, uint32_t surface_id, uint64_t seq)
{
    struct dc_gpu_buffer *buffer = find(display, ring_id, surface_id, seq);
    if (buffer)
        stop_waiting(buffer);
}

void
dc_gpu_buffer_release_all(struct dc_display *display)
{
    struct dc_gpu_buffer *buffer, *next;
    wl_list_for_each_safe(buffer, next, &display->gpu_buffers, link)
        stop_waiting(buffer);
}

static bool
is_allowed(struct dc_display *display, struct wl_client *client, struct wl_resource *manager, uint32_t ring_id,
           int32_t width, int32_t height)
{
    pid_t pid;
    wl_client_get_credentials(client, &pid, NULL, NULL);
    if (!display->listener.check_ring(display->user, ring_id, pid)) {
        dc_warn("process %d names ring %u, which is not its own", (int)pid, ring_id);
        wl_resource_post_error(manager, DC_BUFFER_MANAGER_V1_ERROR_BAD_RING, "ring %u is not this process's", ring_id);
        return false;
    }
    if (width <= 0 || height <= 0 || width > DC_DISPLAY_MAX_SIZE || height > DC_DISPLAY_MAX_SIZE) {
        wl_resource_post_error(manager, DC_BUFFER_MANAGER_V1_ERROR_BAD_SIZE, "%d×%d", width, height);
        return false;
    }
    return true;
}

static uint64_t
join(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

static void
handle_create_buffer(struct wl_client *client, struct wl_resource *manager, uint32_t id, uint32_t ring_id,
                     uint32_t surface_id, uint32_t seq_hi, uint32_t seq_lo, int32_t width, int32_t height,
                     uint32_t format, uint32_t input_id_hi, uint32_t input_id_lo, uint32_t first_command_hi,
                     uint32_t first_command_lo, uint32_t swap_hi, uint32_t swap_lo)
{
    struct dc_display *display = wl_resource_get_user_data(manager);
    if (!is_allowed(display, client, manager, ring_id, width, height))
        return;
    struct dc_gpu_buffer *buffer = calloc(1, sizeof(*buffer));
    if (buffer)
        buffer->resource = wl_resource_create(client, &wl_buffer_interface, 1, id);
    if (!buffer || !buffer->resource) {
        free(buffer);
        wl_client_post_no_memory(client);
        return;
    }
    wl_list_init(&buffer->link);
    buffer->ring_id = ring_id;
    buffer->surface_id = surface_id;
    buffer->seq = join(seq_hi, seq_lo);
    buffer->width = (uint32_t)width;
    buffer->height = (uint32_t)height;
    buffer->has_alpha = format != DC_BUFFER_MANAGER_V1_FORMAT_XRGB;
    buffer->input_id = join(input_id_hi, input_id_lo);
    buffer->first_command_us = (int64_t)join(first_command_hi, first_command_lo);
    buffer->swap_us = (int64_t)join(swap_hi, swap_lo);
    wl_resource_set_implementation(buffer->resource, &buffer_impl, buffer, free_buffer);
}

static const struct dc_buffer_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .create_buffer = handle_create_buffer,
};

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &dc_buffer_manager_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_buffer_manager_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &dc_buffer_manager_v1_interface, 1, display, bind_manager);
}
