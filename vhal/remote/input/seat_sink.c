#include <vhal/seat_sink.h>

#include <vhal/display.h>

static void
handle_input(void *user, const struct dc_input_event *event)
{
    dc_display_handle_input(user, event);
}

bool
dc_seat_sink_add(struct dc_hub *hub, struct dc_display *display)
{
    struct dc_hub_sink sink = {
        .name = "wl_seat",
        .kinds = 1u << DC_INPUT_KEY | 1u << DC_INPUT_POINTER_MOTION | 1u << DC_INPUT_POINTER_BUTTON |
                 1u << DC_INPUT_POINTER_AXIS | 1u << DC_INPUT_TOUCH | 1u << DC_INPUT_FOCUS,
        .handle_input = handle_input,
        .user = display,
    };
    return dc_hub_add_sink(hub, &sink);
}
