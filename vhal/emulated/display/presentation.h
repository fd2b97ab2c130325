#ifndef DC_DISPLAY_PRESENTATION_H
#define DC_DISPLAY_PRESENTATION_H
/* wp_presentation: feedback travels with a commit, then with a present, until the worker has executed that. */
#include <stdint.h>

#include <wayland-server-core.h>

struct dc_display;

struct dc_feedback {
    struct wl_resource *resource;
    struct wl_list link;
    uint64_t present_id;
};

void dc_feedback_list_discard(struct wl_list *feedbacks);
/* A present goes out: the surfaces' committed feedback waits for it. */
void dc_presentation_handle_present(struct dc_display *display, uint64_t present_id);
void dc_presentation_handle_done(struct dc_display *display, uint64_t present_id, int64_t time_us);

#endif
