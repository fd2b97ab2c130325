#include <vhal/hub.h>

#define DC_LOG_COMPONENT "vhal"
#include <common/log.h>

#define MAX_EVDEV_CODE 0x2ff

void
dc_hub_init(struct dc_hub *hub, uint32_t width, uint32_t height)
{
    *hub = (struct dc_hub){ .width = width, .height = height };
}

bool
dc_hub_add_sink(struct dc_hub *hub, const struct dc_hub_sink *sink)
{
    if (hub->sink_count == DC_HUB_MAX_SINKS)
        return false;
    hub->sinks[hub->sink_count++] = *sink;
    return true;
}

static int32_t
clamp(int32_t value, int32_t max)
{
    return value < 0 ? 0 : value > max ? max : value;
}

/* Keeps what a client may say inside what the output is. false: nothing that a device could have said. */
static bool
sanitise(const struct dc_hub *hub, struct dc_input_event *event)
{
    int32_t max_x = (int32_t)hub->width * 256 - 1, max_y = (int32_t)hub->height * 256 - 1;
    switch (event->kind) {
    case DC_INPUT_KEY:
    case DC_INPUT_POINTER_BUTTON:
        return event->key.evdev_code > 0 && event->key.evdev_code <= MAX_EVDEV_CODE;
    case DC_INPUT_POINTER_MOTION:
        event->motion.x = clamp(event->motion.x, max_x);
        event->motion.y = clamp(event->motion.y, max_y);
        return true;
    case DC_INPUT_TOUCH:
        event->touch.x = clamp(event->touch.x, max_x);
        event->touch.y = clamp(event->touch.y, max_y);
        return event->touch.kind <= DC_TOUCH_CANCEL;
    case DC_INPUT_POINTER_AXIS:
    case DC_INPUT_FOCUS:
        return true;
    }
    return false;
}

static bool
deliver(struct dc_hub *hub, const struct dc_input_event *event)
{
    bool taken = false;
    for (uint32_t i = 0; i < hub->sink_count; i++) {
        if (!(hub->sinks[i].kinds & 1u << event->kind))
            continue;
        hub->sinks[i].handle_input(hub->sinks[i].user, event);
        taken = true;
    }
    return taken;
}

void
dc_hub_handle_input(struct dc_hub *hub, const struct dc_input_event *from_client)
{
    struct dc_input_event event = *from_client;
    hub->stats.events++;
    if (event.id <= hub->stats.last_id)
        event.id = 0;
    else
        hub->stats.last_id = event.id;
    if (!sanitise(hub, &event) || !deliver(hub, &event)) {
        hub->stats.dropped++;
        dc_debug("input event %llu of kind %d was dropped", (unsigned long long)from_client->id, (int)event.kind);
    }
}

void
dc_hub_handle_disconnected(struct dc_hub *hub, int64_t time_us)
{
    struct dc_input_event event = { .time_us = time_us, .kind = DC_INPUT_FOCUS };
    deliver(hub, &event);
    hub->stats.last_id = 0;
}
