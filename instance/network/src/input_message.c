#include "input_message.h"

#include <session.pb-c.h>

#define MAX_EVDEV_CODE 0x2ff // KEY_MAX

static bool
convert_key(struct dc_input_event *event, uint32_t evdev_code, bool pressed, enum dc_input_kind kind)
{
    event->kind = kind;
    event->key.evdev_code = evdev_code; // key and button share their layout
    event->key.pressed = pressed;
    return evdev_code > 0 && evdev_code <= MAX_EVDEV_CODE;
}

static bool
convert_touch(struct dc_input_event *event, const Dc__Session__Touch *touch)
{
    event->kind = DC_INPUT_TOUCH;
    event->touch.id = touch->touch_id;
    event->touch.x = touch->x;
    event->touch.y = touch->y;
    switch (touch->kind) {
    case DC__SESSION__TOUCH__KIND__DOWN: event->touch.kind = DC_TOUCH_DOWN; return true;
    case DC__SESSION__TOUCH__KIND__MOTION: event->touch.kind = DC_TOUCH_MOTION; return true;
    case DC__SESSION__TOUCH__KIND__UP: event->touch.kind = DC_TOUCH_UP; return true;
    case DC__SESSION__TOUCH__KIND__CANCEL: event->touch.kind = DC_TOUCH_CANCEL; return true;
    default: return false;
    }
}

static bool
convert(struct dc_input_event *event, const Dc__Session__Input *input)
{
    switch (input->body_case) {
    case DC__SESSION__INPUT__BODY_KEY:
        return convert_key(event, input->key->evdev_code, input->key->pressed, DC_INPUT_KEY);
    case DC__SESSION__INPUT__BODY_BUTTON:
        return convert_key(event, input->button->evdev_code, input->button->pressed, DC_INPUT_POINTER_BUTTON);
    case DC__SESSION__INPUT__BODY_MOTION:
        event->kind = DC_INPUT_POINTER_MOTION;
        event->motion.x = input->motion->x;
        event->motion.y = input->motion->y;
        event->motion.dx = input->motion->dx;
        event->motion.dy = input->motion->dy;
        return true;
    case DC__SESSION__INPUT__BODY_AXIS:
        event->kind = DC_INPUT_POINTER_AXIS;
        event->axis.dx = input->axis->dx;
        event->axis.dy = input->axis->dy;
        event->axis.dx_120 = input->axis->dx_120;
        event->axis.dy_120 = input->axis->dy_120;
        return true;
    case DC__SESSION__INPUT__BODY_TOUCH:
        return convert_touch(event, input->touch);
    case DC__SESSION__INPUT__BODY_FOCUS:
        event->kind = DC_INPUT_FOCUS;
        event->focus.active = input->focus->active;
        return true;
    default:
        return false;
    }
}

bool
dc_input_message_unpack(const uint8_t *data, size_t size_bytes, int64_t now_us, struct dc_input_event *event)
{
    Dc__Session__Input *input = dc__session__input__unpack(NULL, size_bytes, data);
    if (!input)
        return false;
    *event = (struct dc_input_event){ .id = input->id, .time_us = now_us };
    bool valid = input->id > 0 && convert(event, input);
    dc__session__input__free_unpacked(input, NULL);
    return valid;
}
