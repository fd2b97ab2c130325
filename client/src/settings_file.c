#include "settings_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES 65536
#define MAX_LINE_BYTES 512
#define MAX_SETTINGS 64 // bits of `seen`

static char *
strip(char *text)
{
    static const char blank[] = " \t\r";
    text += strspn(text, blank);
    for (size_t length = strlen(text); length && strchr(blank, text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

/* One line, without its end; changed in place. */
static bool
parse_line(struct dc_settings *settings, char *line, uint64_t *seen, char *error, size_t error_bytes)
{
    char why[256];
    char *name = strip(line);
    char *equals = strchr(name, '=');
    if (!*name || *name == '#')
        return true;
    if (!equals) {
        snprintf(error, error_bytes, "'%s' is not name = value", name);
        return false;
    }
    *equals = '\0';
    name = strip(name);
    const struct dc_setting *setting = dc_settings_find(name);
    if (!setting) {
        snprintf(error, error_bytes, "there is no setting '%s'", name);
        return false;
    }
    uint64_t bit = UINT64_C(1) << (size_t)(setting - dc_settings_get(0)) % MAX_SETTINGS;
    if (*seen & bit) {
        snprintf(error, error_bytes, "%s is set twice", name);
        return false;
    }
    *seen |= bit;
    if (dc_setting_set(settings, setting, strip(equals + 1), why, sizeof(why)))
        return true;
    snprintf(error, error_bytes, "%s: %s", name, why);
    return false;
}

bool
dc_settings_file_parse(struct dc_settings *settings, const char *text, size_t size_bytes, char *error, size_t error_bytes)
{
    uint64_t seen = 0;
    unsigned number = 1;
    for (const char *end = text + size_bytes; text < end; number++) {
        char line[MAX_LINE_BYTES], why[384] = "the line is too long";
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline ? newline : end) - text);
        bool fits = length < sizeof(line);
        if (fits) {
            memcpy(line, text, length);
            line[length] = '\0';
            if (strlen(line) != length) {
                fits = false;
                snprintf(why, sizeof(why), "the line has a NUL");
            }
        }
        if (!fits || !parse_line(settings, line, &seen, why, sizeof(why))) {
            snprintf(error, error_bytes, "%u: %s", number, why);
            return false;
        }
        text += length + (newline != NULL);
    }
    return true;
}

bool
dc_settings_file_path(char *path, size_t path_bytes)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int length = -1;
    if (base && *base == '/') // a relative one is to be ignored (XDG Base Directory Specification)
        length = snprintf(path, path_bytes, "%s/droidcloud/client.conf", base);
    else if (home && *home)
        length = snprintf(path, path_bytes, "%s/.config/droidcloud/client.conf", home);
    return length > 0 && (size_t)length < path_bytes;
}

bool
dc_settings_file_read(struct dc_settings *settings, const char *path)
{
    static const char prefix[] = "dc-client: settings";
    char own[4096], error[512], *text = NULL;
    bool is_own = !path, done = false;
    if (is_own && !dc_settings_file_path(own, sizeof(own)))
        return true;
    path = is_own ? own : path;
    FILE *file = fopen(path, "re");
    if (!file && is_own && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (file)
        text = malloc(MAX_FILE_BYTES + 1);
    size_t size_bytes = text ? fread(text, 1, MAX_FILE_BYTES + 1, file) : 0;
    if (!text || ferror(file))
        fprintf(stderr, "%s: %s: %s\n", prefix, path, strerror(errno));
    else if (size_bytes > MAX_FILE_BYTES)
        fprintf(stderr, "%s: %s: larger than %d bytes\n", prefix, path, MAX_FILE_BYTES);
    else if (!dc_settings_file_parse(settings, text, size_bytes, error, sizeof(error)))
        fprintf(stderr, "%s: %s:%s\n", prefix, path, error);
    else
        done = true;
    free(text);
    if (file)
        fclose(file);
    return done;
}
