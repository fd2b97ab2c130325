#ifndef DC_CLIENT_SETTINGS_H
#define DC_CLIENT_SETTINGS_H
/*
 * What a player chooses once and keeps: options of the same names, and lines of a file (settings_file.h). One table says
 * what there is; defaults, then the file, then the command line.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "placement.h"

struct dc_settings {
    bool fullscreen, vsync, relative_mouse, stats, audio, grab, local_cursor;
    uint32_t scale;   // enum dc_scale
    uint32_t decoder; // enum dc_decoder_kind
    struct dc_aspect aspect;
    uint32_t display;       // SDL's number of the display on which the window opens
    char audio_device[256]; // SDL's name of the sound output; "": the system's default
};

enum dc_setting_kind { DC_SETTING_BOOL, DC_SETTING_NUMBER, DC_SETTING_TEXT, DC_SETTING_CHOICE, DC_SETTING_ASPECT };

struct dc_setting {
    const char *name; // "relative-mouse"
    enum dc_setting_kind kind;
    size_t offset, size_bytes;    // of the field
    uint32_t min, max;            // of a number
    const char *const *choices;   // of a choice, ends with NULL; the field is the index, u32
};

void dc_settings_init(struct dc_settings *settings);
size_t dc_settings_count(void);
const struct dc_setting *dc_settings_get(size_t index);
const struct dc_setting *dc_settings_find(const char *name); // NULL: there is none
/* false: `error` (for a person, without the name) says why; nothing was changed. A boolean is yes or no, also true, false,
 * on, off. */
bool dc_setting_set(struct dc_settings *settings, const struct dc_setting *setting, const char *value, char *error,
                    size_t error_bytes);

#endif
