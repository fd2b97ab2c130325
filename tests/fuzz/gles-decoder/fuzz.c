/*
 * The worker's decoder and handlers against any bytes, over a driver that does nothing. The input is a batch; bulk is 64 KiB
 * of a fixed pattern.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>
#include "exec.h"

#define BULK_BYTES (64u << 10)

static uint8_t bulk[BULK_BYTES];
static uint8_t reply[DC_EXEC_REPLY_PART_BYTES + 1024];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const void *
bulk_view(void *user, uint64_t position, size_t size_bytes)
{
    return position <= BULK_BYTES && size_bytes <= BULK_BYTES - position ? bulk + position : NULL;
}

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    return size_bytes <= sizeof(reply) ? reply : NULL;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    if (size_bytes > sizeof(reply))
        abort();
}

static const struct dc_exec_impl impl = { .reply_reserve = reply_reserve, .reply_publish = reply_publish };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dc_exec x;
    size_t words = size / 4;
    uint32_t *batch = malloc(words * 4 + 1);
    setenv("DC_LOG", "none:error", 0); // thousands of failures are expected
    if (!batch || !dc_exec_init(&x, &dc_gl_null, &impl, NULL))
        abort();
    memcpy(batch, data, words * 4);
    for (size_t i = 0; i < BULK_BYTES; i++)
        bulk[i] = (uint8_t)i;
    x.decoder.bulk_view = bulk_view;
    x.quota = (struct dc_exec_quota){ .objects = 1000, .shader_bytes = 4096, .buffer_bytes = 1u << 20 };
    struct dc_exec_context *context = dc_exec_context_create(&x, 1, NULL);
    dc_exec_context_made_current(&x, context);
    if (context)
        context->version = 32;
    dc_gles_dispatch(&x, batch, words);
    dc_exec_check_errors(&x);
    dc_exec_poll_fences(&x);
    dc_exec_finish(&x);
    free(batch);
    return 0;
}
