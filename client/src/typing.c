#include "typing.h"

#include <linux/input-event-codes.h>
#include <string.h>

/* Pairs: without and with shift. */
static const struct {
    uint8_t evdev_code;
    char plain, shifted;
} keys[] = {
    { KEY_A, 'a', 'A' }, { KEY_B, 'b', 'B' }, { KEY_C, 'c', 'C' }, { KEY_D, 'd', 'D' }, { KEY_E, 'e', 'E' },
    { KEY_F, 'f', 'F' }, { KEY_G, 'g', 'G' }, { KEY_H, 'h', 'H' }, { KEY_I, 'i', 'I' }, { KEY_J, 'j', 'J' },
    { KEY_K, 'k', 'K' }, { KEY_L, 'l', 'L' }, { KEY_M, 'm', 'M' }, { KEY_N, 'n', 'N' }, { KEY_O, 'o', 'O' },
    { KEY_P, 'p', 'P' }, { KEY_Q, 'q', 'Q' }, { KEY_R, 'r', 'R' }, { KEY_S, 's', 'S' }, { KEY_T, 't', 'T' },
    { KEY_U, 'u', 'U' }, { KEY_V, 'v', 'V' }, { KEY_W, 'w', 'W' }, { KEY_X, 'x', 'X' }, { KEY_Y, 'y', 'Y' },
    { KEY_Z, 'z', 'Z' }, { KEY_1, '1', '!' }, { KEY_2, '2', '@' }, { KEY_3, '3', '#' }, { KEY_4, '4', '$' },
    { KEY_5, '5', '%' }, { KEY_6, '6', '^' }, { KEY_7, '7', '&' }, { KEY_8, '8', '*' }, { KEY_9, '9', '(' },
    { KEY_0, '0', ')' }, { KEY_MINUS, '-', '_' }, { KEY_EQUAL, '=', '+' }, { KEY_LEFTBRACE, '[', '{' },
    { KEY_RIGHTBRACE, ']', '}' }, { KEY_BACKSLASH, '\\', '|' }, { KEY_SEMICOLON, ';', ':' }, { KEY_APOSTROPHE, '\'', '"' },
    { KEY_GRAVE, '`', '~' }, { KEY_COMMA, ',', '<' }, { KEY_DOT, '.', '>' }, { KEY_SLASH, '/', '?' },
    { KEY_SPACE, ' ', 0 }, { KEY_TAB, '\t', 0 }, { KEY_ENTER, '\n', 0 },
};

bool
dc_typing_find(char c, struct dc_typing_key *key)
{
    for (size_t i = 0; c && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].plain == c || keys[i].shifted == c) {
            *key = (struct dc_typing_key){ .evdev_code = keys[i].evdev_code, .shift = keys[i].shifted == c };
            return true;
        }
    }
    return false;
}

int
dc_typing_start(struct dc_typing *typing, const char *text)
{
    struct dc_typing_key key;
    int missing = 0;
    size_t length = strlen(text);
    typing->next = typing->size_bytes = 0;
    if (length > DC_TYPING_MAX_BYTES)
        return -1;
    for (const char *c = text; *c; c++) {
        bool continues = ((unsigned char)*c & 0xc0) == 0x80; // the rest of a UTF-8 character is not another one
        if (dc_typing_find(*c, &key))
            typing->text[typing->size_bytes++] = *c;
        else if (*c != '\r' && !continues) // "\r\n" is one line end
            missing++;
    }
    return missing;
}

bool
dc_typing_next(struct dc_typing *typing, struct dc_typing_key *key)
{
    return typing->next < typing->size_bytes && dc_typing_find(typing->text[typing->next++], key);
}
