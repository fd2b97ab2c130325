#include "keymap.h"

#include <SDL_scancode.h>
#include <linux/input-event-codes.h>
#include <strings.h>

struct key {
    uint16_t scancode, evdev_code;
    const char *name;
};

static const struct key keys[] = {
    { SDL_SCANCODE_A, KEY_A, "A" },
    { SDL_SCANCODE_B, KEY_B, "B" },
    { SDL_SCANCODE_C, KEY_C, "C" },
    { SDL_SCANCODE_D, KEY_D, "D" },
    { SDL_SCANCODE_E, KEY_E, "E" },
    { SDL_SCANCODE_F, KEY_F, "F" },
    { SDL_SCANCODE_G, KEY_G, "G" },
    { SDL_SCANCODE_H, KEY_H, "H" },
    { SDL_SCANCODE_I, KEY_I, "I" },
    { SDL_SCANCODE_J, KEY_J, "J" },
    { SDL_SCANCODE_K, KEY_K, "K" },
    { SDL_SCANCODE_L, KEY_L, "L" },
    { SDL_SCANCODE_M, KEY_M, "M" },
    { SDL_SCANCODE_N, KEY_N, "N" },
    { SDL_SCANCODE_O, KEY_O, "O" },
    { SDL_SCANCODE_P, KEY_P, "P" },
    { SDL_SCANCODE_Q, KEY_Q, "Q" },
    { SDL_SCANCODE_R, KEY_R, "R" },
    { SDL_SCANCODE_S, KEY_S, "S" },
    { SDL_SCANCODE_T, KEY_T, "T" },
    { SDL_SCANCODE_U, KEY_U, "U" },
    { SDL_SCANCODE_V, KEY_V, "V" },
    { SDL_SCANCODE_W, KEY_W, "W" },
    { SDL_SCANCODE_X, KEY_X, "X" },
    { SDL_SCANCODE_Y, KEY_Y, "Y" },
    { SDL_SCANCODE_Z, KEY_Z, "Z" },
    { SDL_SCANCODE_1, KEY_1, "1" },
    { SDL_SCANCODE_2, KEY_2, "2" },
    { SDL_SCANCODE_3, KEY_3, "3" },
    { SDL_SCANCODE_4, KEY_4, "4" },
    { SDL_SCANCODE_5, KEY_5, "5" },
    { SDL_SCANCODE_6, KEY_6, "6" },
    { SDL_SCANCODE_7, KEY_7, "7" },
    { SDL_SCANCODE_8, KEY_8, "8" },
    { SDL_SCANCODE_9, KEY_9, "9" },
    { SDL_SCANCODE_0, KEY_0, "0" },
    { SDL_SCANCODE_RETURN, KEY_ENTER, "Return" },
    { SDL_SCANCODE_ESCAPE, KEY_ESC, "Escape" },
    { SDL_SCANCODE_BACKSPACE, KEY_BACKSPACE, "Backspace" },
    { SDL_SCANCODE_TAB, KEY_TAB, "Tab" },
    { SDL_SCANCODE_SPACE, KEY_SPACE, "Space" },
    { SDL_SCANCODE_MINUS, KEY_MINUS, "Minus" },
    { SDL_SCANCODE_EQUALS, KEY_EQUAL, "Equals" },
    { SDL_SCANCODE_LEFTBRACKET, KEY_LEFTBRACE, "LeftBracket" },
    { SDL_SCANCODE_RIGHTBRACKET, KEY_RIGHTBRACE, "RightBracket" },
    { SDL_SCANCODE_BACKSLASH, KEY_BACKSLASH, "Backslash" },
    { SDL_SCANCODE_NONUSHASH, KEY_BACKSLASH, "NonUSHash" },
    { SDL_SCANCODE_SEMICOLON, KEY_SEMICOLON, "Semicolon" },
    { SDL_SCANCODE_APOSTROPHE, KEY_APOSTROPHE, "Apostrophe" },
    { SDL_SCANCODE_GRAVE, KEY_GRAVE, "Grave" },
    { SDL_SCANCODE_COMMA, KEY_COMMA, "Comma" },
    { SDL_SCANCODE_PERIOD, KEY_DOT, "Period" },
    { SDL_SCANCODE_SLASH, KEY_SLASH, "Slash" },
    { SDL_SCANCODE_CAPSLOCK, KEY_CAPSLOCK, "CapsLock" },
    { SDL_SCANCODE_PRINTSCREEN, KEY_SYSRQ, "PrintScreen" },
    { SDL_SCANCODE_SCROLLLOCK, KEY_SCROLLLOCK, "ScrollLock" },
    { SDL_SCANCODE_PAUSE, KEY_PAUSE, "Pause" },
    { SDL_SCANCODE_INSERT, KEY_INSERT, "Insert" },
    { SDL_SCANCODE_HOME, KEY_HOME, "Home" },
    { SDL_SCANCODE_PAGEUP, KEY_PAGEUP, "PageUp" },
    { SDL_SCANCODE_DELETE, KEY_DELETE, "Delete" },
    { SDL_SCANCODE_END, KEY_END, "End" },
    { SDL_SCANCODE_PAGEDOWN, KEY_PAGEDOWN, "PageDown" },
    { SDL_SCANCODE_RIGHT, KEY_RIGHT, "Right" },
    { SDL_SCANCODE_LEFT, KEY_LEFT, "Left" },
    { SDL_SCANCODE_DOWN, KEY_DOWN, "Down" },
    { SDL_SCANCODE_UP, KEY_UP, "Up" },
    { SDL_SCANCODE_NUMLOCKCLEAR, KEY_NUMLOCK, "NumLock" },
    { SDL_SCANCODE_KP_DIVIDE, KEY_KPSLASH, "KPDivide" },
    { SDL_SCANCODE_KP_MULTIPLY, KEY_KPASTERISK, "KPMultiply" },
    { SDL_SCANCODE_KP_MINUS, KEY_KPMINUS, "KPMinus" },
    { SDL_SCANCODE_KP_PLUS, KEY_KPPLUS, "KPPlus" },
    { SDL_SCANCODE_KP_ENTER, KEY_KPENTER, "KPEnter" },
    { SDL_SCANCODE_KP_PERIOD, KEY_KPDOT, "KPPeriod" },
    { SDL_SCANCODE_KP_EQUALS, KEY_KPEQUAL, "KPEquals" },
    { SDL_SCANCODE_KP_COMMA, KEY_KPCOMMA, "KPComma" },
    { SDL_SCANCODE_NONUSBACKSLASH, KEY_102ND, "NonUSBackslash" },
    { SDL_SCANCODE_APPLICATION, KEY_COMPOSE, "Menu" },
    { SDL_SCANCODE_LCTRL, KEY_LEFTCTRL, "LeftCtrl" },
    { SDL_SCANCODE_LSHIFT, KEY_LEFTSHIFT, "LeftShift" },
    { SDL_SCANCODE_LALT, KEY_LEFTALT, "LeftAlt" },
    { SDL_SCANCODE_LGUI, KEY_LEFTMETA, "LeftMeta" },
    { SDL_SCANCODE_RCTRL, KEY_RIGHTCTRL, "RightCtrl" },
    { SDL_SCANCODE_RSHIFT, KEY_RIGHTSHIFT, "RightShift" },
    { SDL_SCANCODE_RALT, KEY_RIGHTALT, "RightAlt" },
    { SDL_SCANCODE_RGUI, KEY_RIGHTMETA, "RightMeta" },
    { SDL_SCANCODE_MUTE, KEY_MUTE, "Mute" },
    { SDL_SCANCODE_VOLUMEUP, KEY_VOLUMEUP, "VolumeUp" },
    { SDL_SCANCODE_VOLUMEDOWN, KEY_VOLUMEDOWN, "VolumeDown" },
    { SDL_SCANCODE_AUDIONEXT, KEY_NEXTSONG, "AudioNext" },
    { SDL_SCANCODE_AUDIOPREV, KEY_PREVIOUSSONG, "AudioPrevious" },
    { SDL_SCANCODE_AUDIOSTOP, KEY_STOPCD, "AudioStop" },
    { SDL_SCANCODE_AUDIOPLAY, KEY_PLAYPAUSE, "AudioPlay" },
    { SDL_SCANCODE_INTERNATIONAL1, KEY_RO, "International1" },
    { SDL_SCANCODE_INTERNATIONAL2, KEY_KATAKANAHIRAGANA, "International2" },
    { SDL_SCANCODE_INTERNATIONAL3, KEY_YEN, "International3" },
    { SDL_SCANCODE_INTERNATIONAL4, KEY_HENKAN, "International4" },
    { SDL_SCANCODE_INTERNATIONAL5, KEY_MUHENKAN, "International5" },
    { SDL_SCANCODE_LANG1, KEY_HANGEUL, "Lang1" },
    { SDL_SCANCODE_LANG2, KEY_HANJA, "Lang2" },
    { SDL_SCANCODE_HELP, KEY_HELP, "Help" },
    { SDL_SCANCODE_UNDO, KEY_UNDO, "Undo" },
    { SDL_SCANCODE_CUT, KEY_CUT, "Cut" },
    { SDL_SCANCODE_COPY, KEY_COPY, "Copy" },
    { SDL_SCANCODE_PASTE, KEY_PASTE, "Paste" },
    { SDL_SCANCODE_FIND, KEY_FIND, "Find" },
    { SDL_SCANCODE_AC_BACK, KEY_BACK, "Back" },
    { SDL_SCANCODE_AC_FORWARD, KEY_FORWARD, "Forward" },
    { SDL_SCANCODE_AC_HOME, KEY_HOMEPAGE, "HomePage" },
    { SDL_SCANCODE_AC_SEARCH, KEY_SEARCH, "Search" },
    { SDL_SCANCODE_AC_REFRESH, KEY_REFRESH, "Refresh" },
    { SDL_SCANCODE_SLEEP, KEY_SLEEP, "Sleep" },
    { SDL_SCANCODE_F1, KEY_F1, "F1" },
    { SDL_SCANCODE_F2, KEY_F2, "F2" },
    { SDL_SCANCODE_F3, KEY_F3, "F3" },
    { SDL_SCANCODE_F4, KEY_F4, "F4" },
    { SDL_SCANCODE_F5, KEY_F5, "F5" },
    { SDL_SCANCODE_F6, KEY_F6, "F6" },
    { SDL_SCANCODE_F7, KEY_F7, "F7" },
    { SDL_SCANCODE_F8, KEY_F8, "F8" },
    { SDL_SCANCODE_F9, KEY_F9, "F9" },
    { SDL_SCANCODE_F10, KEY_F10, "F10" },
    { SDL_SCANCODE_F11, KEY_F11, "F11" },
    { SDL_SCANCODE_F12, KEY_F12, "F12" },
    { SDL_SCANCODE_F13, KEY_F13, "F13" },
    { SDL_SCANCODE_F14, KEY_F14, "F14" },
    { SDL_SCANCODE_F15, KEY_F15, "F15" },
    { SDL_SCANCODE_F16, KEY_F16, "F16" },
    { SDL_SCANCODE_F17, KEY_F17, "F17" },
    { SDL_SCANCODE_F18, KEY_F18, "F18" },
    { SDL_SCANCODE_F19, KEY_F19, "F19" },
    { SDL_SCANCODE_F20, KEY_F20, "F20" },
    { SDL_SCANCODE_F21, KEY_F21, "F21" },
    { SDL_SCANCODE_F22, KEY_F22, "F22" },
    { SDL_SCANCODE_F23, KEY_F23, "F23" },
    { SDL_SCANCODE_F24, KEY_F24, "F24" },
    { SDL_SCANCODE_KP_0, KEY_KP0, "KP0" },
    { SDL_SCANCODE_KP_1, KEY_KP1, "KP1" },
    { SDL_SCANCODE_KP_2, KEY_KP2, "KP2" },
    { SDL_SCANCODE_KP_3, KEY_KP3, "KP3" },
    { SDL_SCANCODE_KP_4, KEY_KP4, "KP4" },
    { SDL_SCANCODE_KP_5, KEY_KP5, "KP5" },
    { SDL_SCANCODE_KP_6, KEY_KP6, "KP6" },
    { SDL_SCANCODE_KP_7, KEY_KP7, "KP7" },
    { SDL_SCANCODE_KP_8, KEY_KP8, "KP8" },
    { SDL_SCANCODE_KP_9, KEY_KP9, "KP9" },
};

static const struct {
    const char *name;
    uint32_t evdev_code;
} buttons[] = { // in SDL's order, from 1
    { "left", BTN_LEFT }, { "middle", BTN_MIDDLE }, { "right", BTN_RIGHT }, { "side", BTN_SIDE }, { "extra", BTN_EXTRA },
};

uint32_t
dc_keymap_from_scancode(int scancode)
{
    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].scancode == scancode)
            return keys[i].evdev_code;
    }
    return 0;
}

uint32_t
dc_keymap_from_name(const char *name)
{
    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!strcasecmp(keys[i].name, name))
            return keys[i].evdev_code;
    }
    return 0;
}

uint32_t
dc_keymap_button_from_name(const char *name)
{
    for (unsigned i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
        if (!strcasecmp(buttons[i].name, name))
            return buttons[i].evdev_code;
    }
    return 0;
}

uint32_t
dc_keymap_from_button(int button)
{
    int count = (int)(sizeof(buttons) / sizeof(buttons[0]));
    return button >= 1 && button <= count ? buttons[button - 1].evdev_code : 0;
}
