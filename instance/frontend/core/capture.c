#include "capture.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>
#include <protocol/gles/print.h>

static FILE *
open_capture(const char *base)
{
    char path[4096];
    const uint32_t head[] = { DC_CAPTURE_MAGIC, DC_CAPTURE_VERSION };
    snprintf(path, sizeof(path), "%s.%d", base, (int)getpid());
    FILE *f = fopen(path, "wbe");
    if (!f)
        dc_warn("cannot capture to %s", path);
    else
        fwrite(head, sizeof(head), 1, f);
    return f;
}

void
dc_capture_batch(const struct dc_batch_header *header, const void *words)
{
    static const uint8_t padding[8];
    static const char *base; // where to, looked up once
    static bool looked_up;
    static FILE *file;
    static pid_t owner; // a forked child captures to a file of its own
    if (!looked_up) {
        base = getenv("DC_CAPTURE_GL");
        looked_up = true;
    }
    if (!base || !*base)
        return;
    if (owner != getpid()) {
        owner = getpid();
        file = open_capture(base);
    }
    if (!file)
        return;
    fwrite(header, sizeof(*header), 1, file);
    fwrite(words, 1, header->size_bytes, file);
    fwrite(padding, 1, -header->size_bytes & 7, file);
    fflush(file);
}
