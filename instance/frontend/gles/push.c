/* What the worker tells unasked: compiles, links, fences, errors, resets, query results, debug messages. */
#include "../core/context.h"

#include <common/wire.h>

#include "glsl_object.h"
#include "query.h"
#include "results.h"
#include "shared.h"
#include "state.h"
#include "sync.h"

struct push {
    uint32_t type;
    uint64_t serial;
    uint64_t value;
    const void *payload;
    size_t size_bytes;
};

static void
tell_context(struct dc_context *context, void *user)
{
    const struct push *push = user;
    if (!context->gles)
        return;
    switch (push->type) {
    case DC_REPLY_GL_ERROR:
        __atomic_store_n(&context->gles->pushed_error, (uint32_t)push->value, __ATOMIC_RELEASE);
        break;
    case DC_REPLY_RESET:
        __atomic_store_n(&context->gles->reset_status, (uint32_t)push->value, __ATOMIC_RELEASE);
        break;
    case DC_REPLY_DEBUG:
        dc_debug_handle_message(context, push->payload, push->size_bytes);
        break;
    case DC_REPLY_QUERY:
        dc_query_handle_result(context, (uint32_t)push->serial, push->value);
        break;
    default:
        break;
    }
}

static void
handle_reflection(struct dc_process *process, uint32_t type, uint64_t serial, const void *payload, size_t size_bytes)
{
    struct dc_gles_shared *shared = dc_gles_registry_group(process, (uint32_t)(serial >> 32));
    if (!shared)
        return;
    dc_glsl_object_handle(shared, type == DC_REPLY_PROGRAM, (uint32_t)serial, payload, size_bytes);
    dc_gles_shared_unref(shared);
}

void
dc_gles_handle_push(struct dc_process *process, uint32_t type, uint64_t serial, const void *payload,
                    size_t size_bytes)
{
    struct dc_reader r;
    dc_reader_init(&r, payload, size_bytes);
    struct push push = { type, serial, 0, payload, size_bytes };
    switch (type) {
    case DC_REPLY_SHADER:
    case DC_REPLY_PROGRAM:
        handle_reflection(process, type, serial, payload, size_bytes);
        break;
    case DC_REPLY_KNOWN:
        dc_results_handle_known(process, serial, payload, size_bytes);
        break;
    case DC_REPLY_FENCE:
        dc_sync_handle_fence(process, serial);
        break;
    case DC_REPLY_QUERY:
        push.value = dc_reader_u64le(&r);
        dc_gles_registry_context(process, (uint32_t)(serial >> 32), tell_context, &push);
        break;
    case DC_REPLY_DEBUG:
        dc_gles_registry_context(process, (uint32_t)serial, tell_context, &push);
        break;
    case DC_REPLY_GL_ERROR:
    case DC_REPLY_RESET:
        push.value = dc_reader_u32le(&r);
        dc_gles_registry_context(process, (uint32_t)serial, tell_context, &push);
        break;
    default:
        break;
    }
}
