#include "wayland.h"

#include <stdlib.h>
#include <string.h>

#include <wayland-client.h>

#include "wayland_priv.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

static void
handle_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    struct dc_wayland *wayland = data;
    if (strcmp(interface, dc_buffer_manager_v1_interface.name) == 0 && !wayland->manager)
        wayland->manager = wl_registry_bind(registry, name, &dc_buffer_manager_v1_interface, 1);
}

static void
handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
    .global = handle_global,
    .global_remove = handle_global_remove,
};

static void
destroy(struct dc_wayland *wayland)
{
    if (wayland->manager)
        dc_buffer_manager_v1_destroy(wayland->manager);
    if (wayland->registry)
        wl_registry_destroy(wayland->registry);
    if (wayland->wrapper)
        wl_proxy_wrapper_destroy(wayland->wrapper);
    if (wayland->queue)
        wl_event_queue_destroy(wayland->queue);
    if (wayland->own_display)
        wl_display_disconnect(wayland->own_display);
    free(wayland);
}

struct dc_wayland *
dc_wayland_create(struct wl_display *native)
{
    struct dc_wayland *wayland = calloc(1, sizeof(*wayland));
    if (!wayland)
        return NULL;
    wayland->refs = 1;
    wayland->display = native;
    if (!native)
        wayland->display = wayland->own_display = wl_display_connect(NULL);
    if (!wayland->display) {
        dc_error("no Wayland compositor answers");
        goto fail;
    }
    wayland->queue = wl_display_create_queue(wayland->display);
    wayland->wrapper = wl_proxy_create_wrapper(wayland->display);
    if (!wayland->queue || !wayland->wrapper)
        goto fail;
    wl_proxy_set_queue((struct wl_proxy *)wayland->wrapper, wayland->queue);
    wayland->registry = wl_display_get_registry(wayland->wrapper);
    if (!wayland->registry)
        goto fail;
    wl_registry_add_listener(wayland->registry, &registry_listener, wayland);
    if (wl_display_roundtrip_queue(wayland->display, wayland->queue) < 0) {
        dc_error("the Wayland compositor closed the connection");
        goto fail;
    }
    if (!wayland->manager) {
        dc_error("the Wayland compositor is not droidcloud's: it has no dc_buffer_manager_v1");
        goto fail;
    }
    return wayland;
fail:
    destroy(wayland);
    return NULL;
}

struct dc_wayland *
dc_wayland_ref(struct dc_wayland *wayland)
{
    wayland->refs++;
    return wayland;
}

void
dc_wayland_unref(struct dc_wayland *wayland)
{
    if (wayland && --wayland->refs == 0)
        destroy(wayland);
}
