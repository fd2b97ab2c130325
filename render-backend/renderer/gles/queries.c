/*
 * Queries, fences, glFlush and glFinish. Results are pushed when they are there, so that nobody has to ask: poll_fences() looks.
 */
#include "objects.h"

#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>
#include <GLES2/gl2ext.h>

static int
slot_of(GLenum target)
{
    switch (target) {
    case GL_ANY_SAMPLES_PASSED:
        return 0;
    case GL_ANY_SAMPLES_PASSED_CONSERVATIVE:
        return 1;
    case GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN:
        return 2;
    case GL_PRIMITIVES_GENERATED:
        return 3;
    case GL_TIME_ELAPSED_EXT:
        return 4;
    default:
        return -1;
    }
}

void
dc_queries_forget(struct dc_exec_context *context, uint32_t name)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < context->query_count; i++)
        if (context->queries[i].name != name)
            context->queries[kept++] = context->queries[i];
    context->query_count = kept;
    for (int i = 0; i < DC_EXEC_QUERY_TARGETS; i++)
        if (context->query_active[i] == name)
            context->query_active[i] = 0;
}

void
dc_exec_BeginQuery(struct dc_exec *x, const struct dc_cmd_BeginQuery *c)
{
    struct dc_exec_context *context = x->context;
    int slot = slot_of(c->target);
    x->gl->BeginQuery(c->target, dc_exec_name(x, DC_NAMES_QUERY, c->id));
    if (slot < 0 || context->query_active[slot] || !dc_names_find(dc_exec_names(x, DC_NAMES_QUERY), c->id))
        return;
    dc_queries_forget(context, c->id);
    context->query_active[slot] = c->id;
}

/* The result is pushed when it is there. `wide`: of 64 bits. */
static void
expect(struct dc_exec *x, uint32_t name, bool wide)
{
    struct dc_exec_context *context = x->context;
    if (context->query_count == context->query_capacity) {
        uint32_t capacity = context->query_capacity ? context->query_capacity * 2 : 16;
        struct dc_exec_query *queries = realloc(context->queries, capacity * sizeof(*queries));
        if (!queries) {
            dc_exec_fail(x, 0, "out of memory");
            return;
        }
        context->queries = queries;
        context->query_capacity = capacity;
    }
    context->queries[context->query_count++] = (struct dc_exec_query){ name, wide };
}

void
dc_exec_EndQuery(struct dc_exec *x, const struct dc_cmd_EndQuery *c)
{
    struct dc_exec_context *context = x->context;
    int slot = slot_of(c->target);
    x->gl->EndQuery(c->target);
    if (slot < 0 || !context->query_active[slot])
        return;
    expect(x, context->query_active[slot], c->target == GL_TIME_ELAPSED_EXT);
    context->query_active[slot] = 0;
}

void
dc_exec_QueryCounterEXT(struct dc_exec *x, const struct dc_cmd_QueryCounterEXT *c)
{
    dc_exec_collect_error(x);
    x->gl->QueryCounterEXT(dc_exec_name(x, DC_NAMES_QUERY, c->id), c->target);
    if (dc_exec_collect_error(x) || !dc_names_find(dc_exec_names(x, DC_NAMES_QUERY), c->id))
        return; // there will be no result
    dc_queries_forget(x->context, c->id);
    expect(x, c->id, true);
}

void
dc_exec_dcTimestamp(struct dc_exec *x, const struct dc_cmd_dcTimestamp *c)
{
    memset(x->scratch, 0, sizeof(GLint64)); // a driver that does not know it writes nothing
    x->gl->GetInteger64v(GL_TIMESTAMP_EXT, (void *)x->scratch);
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, x->scratch, sizeof(GLint64));
}

void
dc_exec_BeginConditionalRenderNV(struct dc_exec *x, const struct dc_cmd_BeginConditionalRenderNV *c)
{
    x->gl->BeginConditionalRenderNV(dc_exec_name(x, DC_NAMES_QUERY, c->id), c->mode);
}

/* Pushes results of the current context that are there. */
static void
poll_queries(struct dc_exec *x)
{
    struct dc_exec_context *context = x->context;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < context->query_count; i++) {
        const struct dc_exec_query query = context->queries[i];
        uint32_t driver = dc_exec_name(x, DC_NAMES_QUERY, query.name);
        GLuint available = GL_FALSE, result = 0;
        x->gl->GetQueryObjectuiv(driver, GL_QUERY_RESULT_AVAILABLE, &available);
        if (!available) {
            context->queries[kept++] = query;
            continue;
        }
        uint64_t value = 0;
        if (query.wide) {
            x->gl->GetQueryObjectui64vEXT(driver, GL_QUERY_RESULT, (GLuint64 *)&value);
        } else {
            x->gl->GetQueryObjectuiv(driver, GL_QUERY_RESULT, &result);
            value = result;
        }
        dc_exec_reply(x, DC_REPLY_QUERY, query.name | (uint64_t)context->id << 32, &value, sizeof(value));
    }
    context->query_count = kept;
}

static void
signal_fence(struct dc_exec *x, uint64_t serial)
{
    dc_exec_reply(x, DC_REPLY_FENCE, serial, NULL, 0);
}

void
dc_exec_dcFence(struct dc_exec *x, const struct dc_cmd_dcFence *c)
{
    GLsync sync = x->context ? x->gl->FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0) : NULL;
    if (!sync) { // nothing that could be behind
        signal_fence(x, c->serial64);
        return;
    }
    if (x->fence_count >= DC_EXEC_MAX_FENCES) {
        x->gl->DeleteSync(sync);
        dc_exec_fail(x, 0, "too many fences");
        return;
    }
    if (x->fence_count == x->fence_capacity) {
        uint32_t capacity = x->fence_capacity ? x->fence_capacity * 2 : 16;
        struct dc_exec_fence *fences = realloc(x->fences, capacity * sizeof(*fences));
        if (!fences) {
            dc_exec_fail(x, 0, "out of memory");
            return;
        }
        x->fences = fences;
        x->fence_capacity = capacity;
    }
    x->fences[x->fence_count++] = (struct dc_exec_fence){ c->serial64, x->context->id, sync };
}

void
dc_exec_fences_forget(struct dc_exec *x, uint32_t context_id)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->fence_count; i++) {
        if (x->fences[i].context_id == context_id)
            signal_fence(x, x->fences[i].serial);
        else
            x->fences[kept++] = x->fences[i];
    }
    x->fence_count = kept;
}

/* Fences of the current context. `flags`: of glClientWaitSync. */
static void
poll_own_fences(struct dc_exec *x, GLbitfield flags)
{
    uint32_t kept = 0;
    bool waiting = false;
    for (uint32_t i = 0; i < x->fence_count; i++) {
        struct dc_exec_fence *fence = &x->fences[i];
        if (fence->context_id == x->context->id && !waiting) {
            GLenum status = x->gl->ClientWaitSync(fence->sync, flags, 0);
            waiting = status == GL_TIMEOUT_EXPIRED;
            if (!waiting) {
                x->gl->DeleteSync(fence->sync);
                signal_fence(x, fence->serial);
                continue;
            }
        }
        x->fences[kept++] = *fence;
    }
    x->fence_count = kept;
}

static bool
has_pending(const struct dc_exec *x, const struct dc_exec_context *context)
{
    if (context->query_count)
        return true;
    for (uint32_t i = 0; i < x->fence_count; i++)
        if (x->fences[i].context_id == context->id)
            return true;
    return false;
}

uint32_t
dc_exec_poll_fences(struct dc_exec *x)
{
    struct dc_exec_context *before = x->context;
    uint32_t pending = 0;
    for (struct dc_exec_context *context = x->contexts; context; context = context->next) {
        if (!has_pending(x, context))
            continue;
        if (context == x->context || (x->impl->switch_context && x->impl->switch_context(x, context))) {
            poll_queries(x);
            poll_own_fences(x, GL_SYNC_FLUSH_COMMANDS_BIT);
        }
        pending += context->query_count;
    }
    if (before && x->context != before)
        x->impl->switch_context(x, before);
    return pending + x->fence_count;
}

void
dc_exec_glance_fences(struct dc_exec *x)
{
    // No flush: it would cut the frame that is being drawn in two.
    if (x->fence_count && x->context)
        poll_own_fences(x, 0);
}

/* As glFlush, which Mesa turns into a wait: without a config, a context takes every pbuffer for a front buffer that has to
 * be brought to the screen. */
void
dc_exec_Flush(struct dc_exec *x, const struct dc_cmd_Flush *c)
{
    (void)c;
    GLsync sync = x->gl->FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!sync) {
        x->gl->Flush();
        return;
    }
    x->gl->ClientWaitSync(sync, GL_SYNC_FLUSH_COMMANDS_BIT, 0);
    x->gl->DeleteSync(sync);
}

void
dc_exec_dcFinish(struct dc_exec *x, const struct dc_cmd_dcFinish *c)
{
    if (x->context)
        x->gl->Finish();
    dc_exec_poll_fences(x);
    dc_exec_check_errors(x); // an off-screen application's frame: it learns of its errors as after a swap
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, NULL, 0);
}
