#ifndef DC_DISPLAY_CLIENT_H
#define DC_DISPLAY_CLIENT_H
/*
 * A Wayland client, that is an application process: which process it is, and which input events were written to it
 * whose effect no frame has shown yet.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wayland-server-core.h>

#define DC_CLIENT_MAX_PENDING_INPUT 64

struct dc_display;

struct dc_client_input {
    uint64_t id;
    bool edge; // key, button, touch down or up; motion is dropped first when there are too many
    int64_t read_us; // when we saw that the client had read it; 0: not yet
};

struct dc_client {
    struct dc_display *display;
    struct wl_client *wl;
    pid_t pid;
    struct wl_list link;
    struct wl_listener destroyed;
    uint32_t surface_count;
    bool paced; // handle_paced(true) was said
    struct dc_client_input pending[DC_CLIENT_MAX_PENDING_INPUT]; // in the order of sending
    uint32_t pending_count;
};

/* For wl_display_add_client_created_listener. */
void dc_client_handle_created(struct wl_listener *listener, void *data);
struct dc_client *dc_client_from_wl(struct wl_client *wl);
/* After the event's requests were queued: flushes them to the socket, then tells the listener. */
void dc_client_input_sent(struct dc_client *client, uint64_t input_id, bool edge);
/* Looks whether the client has read all that we wrote. Called whenever it speaks and at each vsync: what it has read
 * by then is part of every frame that it begins later, even if more lay on its socket at that very moment. */
void dc_client_note_read(struct dc_client *client);
/* A rendered frame came with so many frame callbacks. While we say "paced" the frontend may ask for one of its own, and
 * now and then does not, so that we can see. */
void dc_client_note_pacing(struct dc_client *client, uint32_t callback_count);
/* A frame came whose first command was given at `begin_us`. Events up to `input_id` (as the frontend saw it), and those
 * that the client had read before, become part of the next present. */
void dc_client_take_input(struct dc_client *client, uint64_t input_id, int64_t begin_us);

#endif
