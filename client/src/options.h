#ifndef DC_CLIENT_OPTIONS_H
#define DC_CLIENT_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

#include "settings.h"
#include "url.h"

struct dc_options {
    struct dc_url url;
    bool headless;
    const char *record, *dump_frames, *screenshot, *script, *report, *csv; // argv's; NULL: no
    double screenshot_at_s; // < 0: the last frame
    double seconds;         // 0: until somebody ends it
    double reconnect_s;     // how long to try, 0: not at all
    double warmup_s;        // not measured
    uint32_t refresh_mhz;   // headless: the emulated display
    struct dc_settings settings;
};

/* Prints what is wrong. Returns -1 to go on, else the exit code (--help: 0). */
int dc_options_parse(struct dc_options *options, int argc, char **argv);

#endif
