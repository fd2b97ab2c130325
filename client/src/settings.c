#include "settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware.h"

#define MAX_DISPLAY 63
#define MAX_ASPECT 9999
#define FIELD(member) offsetof(struct dc_settings, member), sizeof(((struct dc_settings *)0)->member)

static const char *const scales[] = { "fit", "integer", "stretch", NULL }; // enum dc_scale

static const struct dc_setting table[] = {
    { "fullscreen", DC_SETTING_BOOL, FIELD(fullscreen) },
    { "vsync", DC_SETTING_BOOL, FIELD(vsync) },
    { "relative-mouse", DC_SETTING_BOOL, FIELD(relative_mouse) },
    { "stats", DC_SETTING_BOOL, FIELD(stats) },
    { "audio", DC_SETTING_BOOL, FIELD(audio) },
    { "display", DC_SETTING_NUMBER, FIELD(display), .min = 0, .max = MAX_DISPLAY },
    { "grab", DC_SETTING_BOOL, FIELD(grab) },
    { "local-cursor", DC_SETTING_BOOL, FIELD(local_cursor) },
    { "scale", DC_SETTING_CHOICE, FIELD(scale), .choices = scales },
    { "decoder", DC_SETTING_CHOICE, FIELD(decoder), .choices = dc_decoder_kind_names },
    { "aspect", DC_SETTING_ASPECT, FIELD(aspect) },
    { "audio-device", DC_SETTING_TEXT, FIELD(audio_device) },
};

void
dc_settings_init(struct dc_settings *settings)
{
    *settings = (struct dc_settings){ .audio = true, .local_cursor = true };
}

size_t
dc_settings_count(void)
{
    return sizeof(table) / sizeof(table[0]);
}

const struct dc_setting *
dc_settings_get(size_t index)
{
    return &table[index];
}

const struct dc_setting *
dc_settings_find(const char *name)
{
    for (size_t i = 0; i < dc_settings_count(); i++) {
        if (!strcmp(table[i].name, name))
            return &table[i];
    }
    return NULL;
}

static bool
set_bool(bool *field, const char *value, char *error, size_t error_bytes)
{
    static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" } };
    for (size_t i = 0; i < 6; i++) {
        if (!strcmp(value, words[i / 2][i % 2])) {
            *field = i % 2;
            return true;
        }
    }
    snprintf(error, error_bytes, "'%s' is neither yes nor no", value);
    return false;
}

static bool
set_number(const struct dc_setting *setting, uint32_t *field, const char *value, char *error, size_t error_bytes)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    if (isdigit((unsigned char)*value) && !*end && number >= setting->min && number <= setting->max) {
        *field = (uint32_t)number;
        return true;
    }
    snprintf(error, error_bytes, "'%s' is not a number between %u and %u", value, setting->min, setting->max);
    return false;
}

static bool
set_text(const struct dc_setting *setting, char *field, const char *value, char *error, size_t error_bytes)
{
    if (strlen(value) >= setting->size_bytes) {
        snprintf(error, error_bytes, "longer than %zu bytes", setting->size_bytes - 1);
        return false;
    }
    snprintf(field, setting->size_bytes, "%s", value);
    return true;
}

static bool
set_choice(const struct dc_setting *setting, uint32_t *field, const char *value, char *error, size_t error_bytes)
{
    size_t length = (size_t)snprintf(error, error_bytes, "'%s' is none of", value);
    for (uint32_t i = 0; setting->choices[i]; i++) {
        if (!strcmp(setting->choices[i], value)) {
            *field = i;
            return true;
        }
        if (length < error_bytes)
            length += (size_t)snprintf(error + length, error_bytes - length, "%s %s", i ? "," : "", setting->choices[i]);
    }
    return false;
}

/* "16:9", or "auto". */
static bool
set_aspect(struct dc_aspect *field, const char *value, char *error, size_t error_bytes)
{
    struct dc_aspect aspect = { 0 };
    int end = 0;
    if (strcmp(value, "auto") &&
        (strspn(value, "0123456789:") != strlen(value) || sscanf(value, "%5u:%5u%n", &aspect.width, &aspect.height, &end) != 2 ||
         value[end] || !aspect.width || !aspect.height || aspect.width > MAX_ASPECT || aspect.height > MAX_ASPECT)) {
        snprintf(error, error_bytes, "'%s' is neither auto nor WIDTH:HEIGHT", value);
        return false;
    }
    *field = aspect;
    return true;
}

bool
dc_setting_set(struct dc_settings *settings, const struct dc_setting *setting, const char *value, char *error,
               size_t error_bytes)
{
    void *field = (char *)settings + setting->offset;
    switch (setting->kind) {
    case DC_SETTING_BOOL: return set_bool(field, value, error, error_bytes);
    case DC_SETTING_NUMBER: return set_number(setting, field, value, error, error_bytes);
    case DC_SETTING_TEXT: return set_text(setting, field, value, error, error_bytes);
    case DC_SETTING_ASPECT: return set_aspect(field, value, error, error_bytes);
    case DC_SETTING_CHOICE: return set_choice(setting, field, value, error, error_bytes);
    }
    return false;
}
