#ifndef DC_CLIENT_SETTINGS_FILE_H
#define DC_CLIENT_SETTINGS_FILE_H
/*
 * $XDG_CONFIG_HOME/droidcloud/client.conf: lines of `name = value`, empty ones, and comments that begin with #. Spaces
 * around names and values do not count. What is not known, said twice or wrong is an error with its line's number.
 */
#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

/* `text` need not end with NUL. false: `error` ("3: there is no setting 'vsnc'"). */
bool dc_settings_file_parse(struct dc_settings *settings, const char *text, size_t size_bytes, char *error,
                            size_t error_bytes);
/* Reads the file; NULL: the player's own, which need not exist. false: printed. */
bool dc_settings_file_read(struct dc_settings *settings, const char *path);
/* Where the player's own is; false: nowhere (no home). */
bool dc_settings_file_path(char *path, size_t path_bytes);

#endif
