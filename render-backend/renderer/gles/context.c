/* Records of contexts and share groups. */
#include "../exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
share_unref(struct dc_exec *x, struct dc_exec_share *share)
{
    if (!share || --share->refs)
        return;
    for (int i = 0; i < DC_NAMES_SHARED_COUNT; i++)
        dc_names_finish(&share->names[i]);
    dc_names_finish(&share->bound_buffers);
    dc_ledger_table_finish(&share->sizes, x->ledger);
    free(share);
}

static struct dc_exec_share *
share_of(struct dc_exec_context *context)
{
    struct dc_exec_share *share = context ? context->share : calloc(1, sizeof(*share));
    if (share)
        share->refs++;
    return share;
}

static void
context_free(struct dc_exec *x, struct dc_exec_context *context)
{
    for (int i = 0; i < DC_NAMES_CONTEXT_COUNT; i++)
        dc_names_finish(&context->names[i]);
    dc_names_finish(&context->vao_index);
    free(context->vaos);
    free(context->queries);
    dc_ledger_give(x->ledger, context->stream_vertices.size_bytes);
    dc_ledger_give(x->ledger, context->stream_indices.size_bytes);
    share_unref(x, context->share);
    free(context);
}

struct dc_exec_context *
dc_exec_context_create(struct dc_exec *x, uint32_t id, enum dc_api api, struct dc_exec_context *share)
{
    struct dc_exec_context *context = calloc(1, sizeof(*context));
    if (!context)
        return NULL;
    context->id = id;
    context->api = api;
    context->version = api == DC_API_GLES1 ? 11 : 20;
    context->max_attribs = api == DC_API_GLES1 ? DC_GLES1_ARRAY_COUNT : 8;
    context->unpack = context->pack = (struct dc_pixel_store)DC_PIXEL_STORE_INIT;
    context->unpack_applied = context->pack_applied = context->unpack;
    context->vaos = calloc(1, sizeof(*context->vaos));
    context->vao_count = 1;
    context->share = share_of(share);
    if (!context->vaos || !context->share) {
        context_free(x, context);
        return NULL;
    }
    dc_exec_vao_init(&context->vaos[0]);
    context->next = x->contexts;
    x->contexts = context;
    return context;
}

struct dc_exec_context *
dc_exec_context_find(struct dc_exec *x, uint32_t id)
{
    struct dc_exec_context *context = x->contexts;
    while (context && context->id != id)
        context = context->next;
    return context;
}

void
dc_exec_context_destroy(struct dc_exec *x, struct dc_exec_context *context)
{
    struct dc_exec_context **at = &x->contexts;
    while (*at && *at != context)
        at = &(*at)->next;
    if (*at)
        *at = context->next;
    if (x->context == context)
        x->context = NULL;
    dc_exec_fences_forget(x, context->id);
    context_free(x, context);
}

/* The highest version that the driver's context has, as 20 … 32. */
static uint32_t
driver_version(struct dc_exec *x)
{
    const char *s = (const char *)x->gl->GetString(GL_VERSION);
    int major = 2, minor = 0;
    if (x->context->api == DC_API_GLES1)
        return 11;
    if (!s || sscanf(s, "OpenGL ES %d.%d", &major, &minor) != 2)
        return 20;
    return (uint32_t)(major * 10 + minor);
}

void
dc_exec_context_made_current(struct dc_exec *x, struct dc_exec_context *context)
{
    x->context = context;
    if (!context || context->ready)
        return;
    context->ready = true;
    context->version = driver_version(x);
    if (context->debug)
        dc_exec_debug_start(x);
    if (context->api == DC_API_GLES1)
        return;
    GLint attribs = 0;
    x->gl->GetIntegerv(GL_MAX_VERTEX_ATTRIBS, &attribs);
    context->max_attribs = attribs < 8 ? 8 : attribs > DC_EXEC_ATTRIBS ? DC_EXEC_ATTRIBS : (uint32_t)attribs;
}
