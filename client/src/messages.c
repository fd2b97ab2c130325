#include "messages.h"

#include <ctype.h>

#include <session.pb-c.h>

#include "player.h"

bool
dc_messages_send_hello(struct dc_carrier *carrier, const uint8_t *token, size_t token_bytes, uint32_t refresh_mhz,
                       bool audio)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    hello.version = DC_SESSION_VERSION;
    hello.token.data = (uint8_t *)token;
    hello.token.len = token_bytes;
    hello.client = (char *)"dc-client " DC_VERSION;
    hello.refresh_mhz = refresh_mhz;
    hello.video = true;
    hello.audio = audio;
    control.body_case = DC__SESSION__CONTROL__BODY_HELLO;
    control.hello = &hello;
    return dc_carrier_send(carrier, DC_CHANNEL_CONTROL, &control);
}

static bool
send_touch(struct dc_carrier *carrier, Dc__Session__Input *input, const struct dc_input_event *event)
{
    static const Dc__Session__Touch__Kind kinds[] = {
        [DC_TOUCH_DOWN] = DC__SESSION__TOUCH__KIND__DOWN, [DC_TOUCH_MOTION] = DC__SESSION__TOUCH__KIND__MOTION,
        [DC_TOUCH_UP] = DC__SESSION__TOUCH__KIND__UP, [DC_TOUCH_CANCEL] = DC__SESSION__TOUCH__KIND__CANCEL,
    };
    Dc__Session__Touch touch = DC__SESSION__TOUCH__INIT;
    touch.kind = kinds[event->touch.kind];
    touch.touch_id = event->touch.id;
    touch.x = event->touch.x;
    touch.y = event->touch.y;
    input->body_case = DC__SESSION__INPUT__BODY_TOUCH;
    input->touch = &touch;
    bool motion = event->touch.kind == DC_TOUCH_MOTION;
    return dc_carrier_send(carrier, motion ? DC_CHANNEL_INPUT_MOTION : DC_CHANNEL_INPUT_EDGES, input);
}

static bool
send_motion(struct dc_carrier *carrier, Dc__Session__Input *input, const struct dc_input_event *event)
{
    Dc__Session__PointerMotion motion = DC__SESSION__POINTER_MOTION__INIT;
    motion.x = event->motion.x;
    motion.y = event->motion.y;
    motion.dx = event->motion.dx;
    motion.dy = event->motion.dy;
    input->body_case = DC__SESSION__INPUT__BODY_MOTION;
    input->motion = &motion;
    return dc_carrier_send(carrier, DC_CHANNEL_INPUT_MOTION, input);
}

static bool
send_axis(struct dc_carrier *carrier, Dc__Session__Input *input, const struct dc_input_event *event)
{
    Dc__Session__PointerAxis axis = DC__SESSION__POINTER_AXIS__INIT;
    axis.dx = event->axis.dx;
    axis.dy = event->axis.dy;
    axis.dx_120 = event->axis.dx_120;
    axis.dy_120 = event->axis.dy_120;
    input->body_case = DC__SESSION__INPUT__BODY_AXIS;
    input->axis = &axis;
    return dc_carrier_send(carrier, DC_CHANNEL_INPUT_EDGES, input);
}

bool
dc_messages_send_input(struct dc_carrier *carrier, const struct dc_input_event *event)
{
    Dc__Session__Input input = DC__SESSION__INPUT__INIT;
    Dc__Session__Key key = DC__SESSION__KEY__INIT;
    Dc__Session__PointerButton button = DC__SESSION__POINTER_BUTTON__INIT;
    Dc__Session__Focus focus = DC__SESSION__FOCUS__INIT;
    input.id = event->id;
    input.time_us = event->time_us;
    switch (event->kind) {
    case DC_INPUT_KEY:
        key.evdev_code = event->key.evdev_code;
        key.pressed = event->key.pressed;
        input.body_case = DC__SESSION__INPUT__BODY_KEY;
        input.key = &key;
        break;
    case DC_INPUT_POINTER_BUTTON:
        button.evdev_code = event->button.evdev_code;
        button.pressed = event->button.pressed;
        input.body_case = DC__SESSION__INPUT__BODY_BUTTON;
        input.button = &button;
        break;
    case DC_INPUT_FOCUS:
        focus.active = event->focus.active;
        input.body_case = DC__SESSION__INPUT__BODY_FOCUS;
        input.focus = &focus;
        break;
    case DC_INPUT_POINTER_MOTION: return send_motion(carrier, &input, event);
    case DC_INPUT_POINTER_AXIS: return send_axis(carrier, &input, event);
    case DC_INPUT_TOUCH: return send_touch(carrier, &input, event);
    }
    return dc_carrier_send(carrier, DC_CHANNEL_INPUT_EDGES, &input);
}

bool
dc_messages_send_ping(struct dc_carrier *carrier, uint64_t id, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Ping ping = DC__SESSION__PING__INIT;
    ping.id = id;
    ping.t1_us = now_us;
    control.body_case = DC__SESSION__CONTROL__BODY_PING;
    control.ping = &ping;
    return dc_carrier_send(carrier, DC_CHANNEL_CONTROL, &control);
}

bool
dc_messages_send_keyframe_request(struct dc_carrier *carrier, uint64_t last_frame_id)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__KeyframeRequest request = DC__SESSION__KEYFRAME_REQUEST__INIT;
    request.last_frame_id = last_frame_id;
    control.body_case = DC__SESSION__CONTROL__BODY_KEYFRAME_REQUEST;
    control.keyframe_request = &request;
    return dc_carrier_send(carrier, DC_CHANNEL_CONTROL, &control);
}

bool
dc_messages_send_stats_request(struct dc_carrier *carrier, uint64_t id)
{
    Dc__Session__Stats stats = DC__SESSION__STATS__INIT;
    Dc__Session__StatsRequest request = DC__SESSION__STATS_REQUEST__INIT;
    request.id = id;
    stats.body_case = DC__SESSION__STATS__BODY_REQUEST;
    stats.request = &request;
    return dc_carrier_send(carrier, DC_CHANNEL_STATS, &stats);
}

bool
dc_messages_send_display_shift(struct dc_carrier *carrier, int64_t shift_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__DisplayShift shift = DC__SESSION__DISPLAY_SHIFT__INIT;
    shift.shift_us = shift_us;
    control.body_case = DC__SESSION__CONTROL__BODY_DISPLAY_SHIFT;
    control.display_shift = &shift;
    return dc_carrier_send(carrier, DC_CHANNEL_CONTROL, &control);
}

bool
dc_messages_send_bye(struct dc_carrier *carrier, const char *reason)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Bye bye = DC__SESSION__BYE__INIT;
    bye.reason = (char *)reason;
    control.body_case = DC__SESSION__CONTROL__BODY_BYE;
    control.bye = &bye;
    return dc_carrier_send(carrier, DC_CHANNEL_CONTROL, &control);
}

void
dc_messages_copy_text(char *out, size_t out_bytes, const char *text)
{
    size_t n = 0;
    for (; text && text[n] && n + 1 < out_bytes; n++)
        out[n] = isprint((unsigned char)text[n]) ? text[n] : '?';
    out[n] = '\0';
}

bool
dc_messages_unpack_stats(const uint8_t *data, size_t size_bytes, struct dc_instance_stats *stats)
{
    Dc__Session__Stats *message = dc__session__stats__unpack(NULL, size_bytes, data);
    bool valid = message && message->body_case == DC__SESSION__STATS__BODY_INSTANCE;
    if (valid) {
        const Dc__Session__InstanceStats *s = message->instance;
        *stats = (struct dc_instance_stats){
            .id = s->id, .time_us = s->time_us, .link_bytes = s->link_bytes,
            .link_wire_bytes = s->link_wire_bytes, .frames = s->frames,
            .round_trips = s->round_trips, .app_waits = s->app_waits, .frames_encoded = s->frames_encoded,
            .audio_underruns = s->audio_underruns, .app_cpu_us = s->app_cpu_us,
            .instance_cpu_us = s->instance_cpu_us, .worker_cpu_us = s->worker_cpu_us,
        };
        dc_messages_copy_text(stats->link_kind, sizeof(stats->link_kind), s->link_kind);
        dc_messages_copy_text(stats->renderer, sizeof(stats->renderer), s->renderer);
        dc_messages_copy_text(stats->app, sizeof(stats->app), s->app);
        dc_messages_copy_text(stats->runtime, sizeof(stats->runtime), s->runtime);
    }
    if (message)
        dc__session__stats__free_unpacked(message, NULL);
    return valid;
}
