/* What the display asks for: presents to the worker, images of shared-memory clients, who owns which ring. */
#include <stdlib.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>
#include <instance/link/link.h>
#include <render.pb-c.h>
#include <vhal/display.h>

#include "instance.h"

#define MAX_LAYERS 64

static void
fill_layer(Dc__Render__Layer *to, const struct dc_display_layer *from)
{
    dc__render__layer__init(to);
    to->ring_id = from->ring_id;
    to->surface_id = from->surface_id;
    to->seq = from->seq;
    to->x = from->x;
    to->y = from->y;
    to->width = from->width;
    to->height = from->height;
    to->src_x = from->src_x;
    to->src_y = from->src_y;
    to->src_width = from->src_width;
    to->src_height = from->src_height;
    to->opaque = from->opaque;
    to->y_inverted = from->y_inverted;
}

static void
handle_present(void *user, const struct dc_display_present *present)
{
    struct dc_instance *instance = user;
    Dc__Render__Layer layers[MAX_LAYERS], *pointers[MAX_LAYERS];
    Dc__Render__Present body = DC__RENDER__PRESENT__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    uint32_t count = present->layer_count < MAX_LAYERS ? present->layer_count : MAX_LAYERS;
    if (!instance->worker_ready || instance->link_closed)
        return;
    // What is left out here is painted when the process is there: till then the last picture stands.
    for (uint32_t i = 0; i < count; i++) {
        if (dc_recovery_holds(instance, present->layers[i].ring_id))
            return;
    }
    for (uint32_t i = 0; i < count; i++) {
        fill_layer(&layers[i], &present->layers[i]);
        pointers[i] = &layers[i];
    }
    body.present_id = present->present_id;
    body.n_layers = count;
    body.layers = pointers;
    body.n_input_ids = present->input_id_count;
    body.input_ids = (uint64_t *)present->input_ids;
    body.first_command_us = present->first_command_us;
    body.swap_us = present->swap_us;
    body.present_us = present->present_us;
    message.body_case = DC__RENDER__TO_WORKER__BODY_PRESENT;
    message.present = &body;
    instance->presents++;
    dc_link_send(instance->link, &message);
}

static bool
check_ring(void *user, uint32_t ring_id, pid_t pid)
{
    struct dc_instance *instance = user;
    return dc_frontend_server_owns(&instance->frontends, ring_id, pid);
}

static uint32_t
image_create(void *user, uint32_t width, uint32_t height, bool alpha)
{
    return dc_image_writer_create(&((struct dc_instance *)user)->images, width, height, alpha);
}

static void
image_upload(void *user, uint32_t image, uint32_t x, uint32_t y, uint32_t width, uint32_t height, const void *pixels,
             uint32_t stride_bytes)
{
    dc_image_writer_upload(&((struct dc_instance *)user)->images, image, x, y, width, height, pixels, stride_bytes);
}

static void
image_commit(void *user, uint32_t image, uint64_t seq)
{
    dc_image_writer_commit(&((struct dc_instance *)user)->images, image, seq);
}

static void
image_destroy(void *user, uint32_t image)
{
    dc_image_writer_destroy(&((struct dc_instance *)user)->images, image);
}

static uint32_t
image_ring(void *user)
{
    return DC_IMAGE_RING_ID;
}

static void
handle_input_sent(void *user, pid_t pid, uint64_t input_id)
{
    dc_frontend_server_set_input(&((struct dc_instance *)user)->frontends, pid, input_id);
}

static void
handle_paced(void *user, pid_t pid, bool paced)
{
    dc_frontend_server_set_paced(&((struct dc_instance *)user)->frontends, pid, paced);
}

const struct dc_display_listener dc_instance_display_listener = {
    .handle_present = handle_present,
    .check_ring = check_ring,
    .image_create = image_create,
    .image_upload = image_upload,
    .image_commit = image_commit,
    .image_destroy = image_destroy,
    .image_ring = image_ring,
    .handle_input_sent = handle_input_sent,
    .handle_paced = handle_paced,
};
