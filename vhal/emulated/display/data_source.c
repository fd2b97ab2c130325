#include "data_source.h"

#include <stdlib.h>
#include <string.h>

#include <wayland-server-protocol.h>

static void
handle_offer(struct wl_client *client, struct wl_resource *resource, const char *mime_type)
{
    struct dc_data_source *source = wl_resource_get_user_data(resource);
    if (source->type_count == DC_DATA_SOURCE_MAX_TYPES)
        return;
    char *copy = strdup(mime_type);
    if (copy)
        source->types[source->type_count++] = copy;
    else
        wl_client_post_no_memory(client);
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_set_actions(struct wl_client *client, struct wl_resource *resource, uint32_t actions)
{
}

static const struct wl_data_source_interface source_impl = {
    .offer = handle_offer,
    .destroy = handle_destroy,
    .set_actions = handle_set_actions,
};

static void
free_source(struct wl_resource *resource)
{
    struct dc_data_source *source = wl_resource_get_user_data(resource);
    wl_signal_emit_mutable(&source->destroyed, source);
    for (uint32_t i = 0; i < source->type_count; i++)
        free(source->types[i]);
    free(source);
}

void
dc_data_source_create(struct wl_client *client, uint32_t version, uint32_t id)
{
    struct dc_data_source *source = calloc(1, sizeof(*source));
    if (source)
        source->resource = wl_resource_create(client, &wl_data_source_interface, (int)version, id);
    if (!source || !source->resource) {
        free(source);
        wl_client_post_no_memory(client);
        return;
    }
    wl_signal_init(&source->destroyed);
    wl_resource_set_implementation(source->resource, &source_impl, source, free_source);
}
