#ifndef DC_DISPLAY_PRESENTER_H
#define DC_DISPLAY_PRESENTER_H
/*
 * When the worker is told what is on screen. A commit goes out at once; two in quick succession too (a frame that was
 * late and one that is not); beyond the refresh rate on average they wait and only the newest is sent, so a client that
 * ignores frame callbacks cannot make the encoder work for frames that nobody sees.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/frame.h>
#include <wayland-server-core.h>

#include "backlog.h"

struct dc_presenter {
    bool dirty;          // something on screen changed
    bool at_tick;        // … but only the pointer moved: the next vsync is early enough
    bool waiting;        // the rate limit holds a present back until the timer
    int64_t earliest_us; // "theoretical arrival time" of the rate limit
    int timer_fd;        // owned
    struct wl_event_source *timer;
    uint64_t last_id;
    struct dc_backlog backlog; // what the worker still has to do
    uint64_t input_ids[DC_FRAME_MAX_INPUT_IDS]; // of the next present
    bool input_edges[DC_FRAME_MAX_INPUT_IDS];
    uint32_t input_count;
    int64_t first_command_us, swap_us; // of the newest commit
    struct wl_list feedbacks;          // dc_feedback.link: presented, not yet executed
};

bool dc_presenter_init(struct dc_presenter *presenter, struct wl_event_loop *loop);
void dc_presenter_finish(struct dc_presenter *presenter);
void dc_presenter_add_input(struct dc_presenter *presenter, uint64_t input_id, bool edge);
/* A frame's times travel with the next present. */
void dc_presenter_set_times(struct dc_presenter *presenter, int64_t first_command_us, int64_t swap_us);
void dc_presenter_damage(struct dc_presenter *presenter);         // at once
void dc_presenter_damage_pointer(struct dc_presenter *presenter); // at the next tick
void dc_presenter_handle_tick(struct dc_presenter *presenter);
/* Presents if something is due. */
void dc_presenter_run(struct dc_presenter *presenter);

#endif
