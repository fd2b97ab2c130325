#ifndef DC_DISPLAY_DATA_SOURCE_H
#define DC_DISPLAY_DATA_SOURCE_H
/* wl_data_source: what a client has to offer on the clipboard. */
#include <stdint.h>

#include <wayland-server-core.h>

#define DC_DATA_SOURCE_MAX_TYPES 64

struct dc_data_source {
    struct wl_resource *resource;
    char *types[DC_DATA_SOURCE_MAX_TYPES]; // owned
    uint32_t type_count;
    struct wl_signal destroyed;
};

void dc_data_source_create(struct wl_client *client, uint32_t version, uint32_t id);

#endif
