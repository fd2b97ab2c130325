/* wl_output: one screen, of the size that the instance was started with. */
#include <wayland-server-protocol.h>

#include "compositor.h"

#define PIXELS_PER_MM 4 // a size that makes toolkits choose 96 dpi or so

static void
handle_release(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_output_interface output_impl = { .release = handle_release };

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

static void
describe(struct dc_display *display, struct wl_resource *resource)
{
    int version = wl_resource_get_version(resource);
    wl_output_send_geometry(resource, 0, 0, (int32_t)display->width / PIXELS_PER_MM,
                            (int32_t)display->height / PIXELS_PER_MM, WL_OUTPUT_SUBPIXEL_NONE, "droidcloud", "stream",
                            WL_OUTPUT_TRANSFORM_NORMAL);
    wl_output_send_mode(resource, WL_OUTPUT_MODE_CURRENT | WL_OUTPUT_MODE_PREFERRED, (int32_t)display->width,
                        (int32_t)display->height, (int32_t)display->refresh_mhz);
    if (version >= WL_OUTPUT_SCALE_SINCE_VERSION)
        wl_output_send_scale(resource, 1);
    if (version >= WL_OUTPUT_NAME_SINCE_VERSION) {
        wl_output_send_name(resource, "DC-1");
        wl_output_send_description(resource, "droidcloud stream");
    }
    if (version >= WL_OUTPUT_DONE_SINCE_VERSION)
        wl_output_send_done(resource);
}

static void
bind_output(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct dc_display *display = data;
    struct wl_resource *resource = wl_resource_create(client, &wl_output_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &output_impl, display, unlink_resource);
    wl_list_insert(&display->output_resources, wl_resource_get_link(resource));
    describe(display, resource);
}

void
dc_output_send_enter(struct dc_display *display, struct wl_resource *surface)
{
    struct wl_resource *output;
    wl_resource_for_each(output, &display->output_resources) {
        if (wl_resource_get_client(output) == wl_resource_get_client(surface))
            wl_surface_send_enter(surface, output);
    }
}

bool
dc_output_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wl_output_interface, 4, display, bind_output);
}
