#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES (16 << 20)

static int
compare_events(const void *a, const void *b)
{
    const struct dc_script_event *x = a, *y = b;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

void
dc_script_sort(struct dc_script *script)
{
    struct dc_script_event *events = script->events;
    bool sorted = true;
    for (size_t i = 1; i < script->count; i++)
        sorted = sorted && events[i - 1].at_us <= events[i].at_us;
    if (sorted)
        return;
    for (size_t i = 0; i < script->count; i++) // qsort is not stable: the place in the file breaks ties
        events[i].at_us = events[i].at_us * 2 * DC_SCRIPT_MAX_EVENTS + (int64_t)i;
    qsort(events, script->count, sizeof(*events), compare_events);
    for (size_t i = 0; i < script->count; i++)
        events[i].at_us /= 2 * DC_SCRIPT_MAX_EVENTS;
}

bool
dc_script_load(struct dc_script *script, const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = file ? malloc(MAX_FILE_BYTES + 1) : NULL;
    bool loaded = false;
    *script = (struct dc_script){ .count = 0 };
    if (!text) {
        fprintf(stderr, "dc-client: script %s: %s\n", path, strerror(errno));
    } else {
        size_t size_bytes = fread(text, 1, MAX_FILE_BYTES, file);
        text[size_bytes] = '\0';
        if (ferror(file))
            fprintf(stderr, "dc-client: script %s: %s\n", path, strerror(errno));
        else if (strlen(text) != size_bytes || !feof(file))
            fprintf(stderr, "dc-client: script %s: not a text of at most 16 MB\n", path);
        else
            loaded = dc_script_parse(script, path, text);
    }
    free(text);
    if (file)
        fclose(file);
    return loaded;
}

void
dc_script_finish(struct dc_script *script)
{
    free(script->events);
    *script = (struct dc_script){ .count = 0 };
}

const struct dc_input_event *
dc_script_pull(struct dc_script *script, int64_t at_us)
{
    if (script->next == script->count || script->events[script->next].at_us > at_us)
        return NULL;
    return &script->events[script->next++].input;
}

int64_t
dc_script_next_us(const struct dc_script *script)
{
    return script->next < script->count ? script->events[script->next].at_us : INT64_MAX;
}
