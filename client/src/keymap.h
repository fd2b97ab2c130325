#ifndef DC_CLIENT_KEYMAP_H
#define DC_CLIENT_KEYMAP_H
/* Keys by position: SDL scancodes (USB usages) and names of scripts → Linux evdev codes. */
#include <stdint.h>

/* 0: no such key. */
uint32_t dc_keymap_from_scancode(int scancode);
/* `name` without regard to case, e.g. "Return", "Left", "a", "F1", "LeftShift". 0: unknown. */
uint32_t dc_keymap_from_name(const char *name);
/* "left", "middle", "right", "side", "extra" → BTN_…; 0: unknown. */
uint32_t dc_keymap_button_from_name(const char *name);
/* 1-based SDL button → BTN_…; 0: unknown. */
uint32_t dc_keymap_from_button(int button);

#endif
