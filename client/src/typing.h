#ifndef DC_CLIENT_TYPING_H
#define DC_CLIENT_TYPING_H
/*
 * Text as the keys that type it on the instance's keyboard, which has US layout: every application understands keys. What
 * that keyboard has no key for is left out and counted. No SDL, no clock of its own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_TYPING_MAX_BYTES 4096

struct dc_typing {
    char text[DC_TYPING_MAX_BYTES + 1]; // what is still to be typed, from `next`
    size_t next, size_bytes;
};

struct dc_typing_key {
    uint32_t evdev_code;
    bool shift;
};

/* Whether there is a key for a character, and which. Tabs and line ends have one too. */
bool dc_typing_find(char c, struct dc_typing_key *key);
/* Takes the text (instead of what was still to be typed). Returns how many characters have no key; -1: too long, nothing
 * is typed. */
int dc_typing_start(struct dc_typing *typing, const char *text);
/* The next key to press and release; false: done. */
bool dc_typing_next(struct dc_typing *typing, struct dc_typing_key *key);

#endif
