#ifndef DC_VHAL_INPUT_H
#define DC_VHAL_INPUT_H
/* An input event on its way from the client session through the hub to the seat. */
#include <stdbool.h>
#include <stdint.h>

enum dc_input_kind {
    DC_INPUT_KEY,
    DC_INPUT_POINTER_MOTION,
    DC_INPUT_POINTER_BUTTON,
    DC_INPUT_POINTER_AXIS,
    DC_INPUT_TOUCH,
    DC_INPUT_FOCUS, // active = false: everything held down is released
};

enum dc_touch_kind { DC_TOUCH_DOWN, DC_TOUCH_MOTION, DC_TOUCH_UP, DC_TOUCH_CANCEL };

struct dc_input_event {
    uint64_t id;     // the client's, echoed by the frame that shows its effect
    int64_t time_us; // when the supervisor received it
    enum dc_input_kind kind;
    union {
        struct { uint32_t evdev_code; bool pressed; } key, button;
        struct { int32_t x, y, dx, dy; } motion; // 24.8 output pixels; dx, dy relative
        struct { int32_t dx, dy, dx_120, dy_120; } axis;
        struct { enum dc_touch_kind kind; uint32_t id; int32_t x, y; } touch;
        struct { bool active; } focus;
    };
};

#endif
