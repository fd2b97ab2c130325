#ifndef DC_VHAL_HUB_H
#define DC_VHAL_HUB_H
/*
 * The hub: where what a client's devices say meets the HALs that make a guest see it. OS-neutral; adapters (the Wayland
 * seat, later a gamepad node or an Android module) register as sinks. One thread, the supervisor's.
 */
#include <stdbool.h>
#include <stdint.h>

#include <vhal/input.h>

#define DC_HUB_MAX_SINKS 8

struct dc_hub_sink {
    const char *name; // for logs
    uint32_t kinds;   // bit 1 << enum dc_input_kind for each kind that it takes
    void (*handle_input)(void *user, const struct dc_input_event *event); // required
    void *user;
};

struct dc_hub_stats {
    uint64_t events;  // taken from clients
    uint64_t dropped; // no sink takes the kind, or nonsense
    uint64_t last_id;
};

struct dc_hub {
    struct dc_hub_sink sinks[DC_HUB_MAX_SINKS];
    uint32_t sink_count;
    uint32_t width, height; // pointer and touch positions are kept on the output
    struct dc_hub_stats stats;
};

void dc_hub_init(struct dc_hub *hub, uint32_t width, uint32_t height);
bool dc_hub_add_sink(struct dc_hub *hub, const struct dc_hub_sink *sink); // copied; false: full
/* From the client session. Ids must grow; an event whose id does not keeps its effect but carries none back. */
void dc_hub_handle_input(struct dc_hub *hub, const struct dc_input_event *event);
/* The client went away: everything held down is released, and the next client's ids start anew. */
void dc_hub_handle_disconnected(struct dc_hub *hub, int64_t time_us);

#endif
