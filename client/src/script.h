#ifndef DC_CLIENT_SCRIPT_H
#define DC_CLIENT_SCRIPT_H
/*
 * Timed input. One command a line, "#" starts a comment, times are seconds after the first frame shown:
 *
 *   1.50 key Return press          1.60 key Return release
 *   2    tap Space [0.05]          press, and release after so many seconds
 *   2.5  move 640 360              pointer to these output pixels
 *   2.6  button left press         2.7 button left release
 *   3    click left [640 360]      (moves,) presses, and releases 0.05 s later
 *   3.5  wheel 0 -1                notches right and down
 *   4    touch down 0 100 200      touch move 0 110 210, touch up 0
 *   5    focus off                 everything held down is released; focus on
 *   6    repeat 100 0.171 tap Right 0.06     a command 100 times, every 0.171 s
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vhal/input.h>

#define DC_SCRIPT_MAX_EVENTS 1000000

struct dc_script_event {
    int64_t at_us;
    struct dc_input_event input; // without id and time
};

struct dc_script {
    struct dc_script_event *events; // owned, sorted by time
    size_t count;
    size_t next; // the first that was not yet pulled
};

/* Errors are printed as "FILE:LINE:COLUMN: what". */
bool dc_script_load(struct dc_script *script, const char *path);
bool dc_script_parse(struct dc_script *script, const char *name, char *text); // cuts `text` up
/* By time; equal times keep their order, because a press and its release may have the same. */
void dc_script_sort(struct dc_script *script);
void dc_script_finish(struct dc_script *script);
/* The next event that is due at `at_us`, or NULL. */
const struct dc_input_event *dc_script_pull(struct dc_script *script, int64_t at_us);
/* When the next one is due, INT64_MAX: never. */
int64_t dc_script_next_us(const struct dc_script *script);

#endif
