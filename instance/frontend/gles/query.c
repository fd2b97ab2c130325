#include "query.h"

#include <stdlib.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "shared.h"
#include "state.h"

/* Slot of a target among those active at once, -1 for no target. The two kinds of occlusion query share one. */
static int
slot_of(GLenum target)
{
    switch (target) {
    case GL_ANY_SAMPLES_PASSED:
    case GL_ANY_SAMPLES_PASSED_CONSERVATIVE:
        return 0;
    case GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN:
        return 1;
    case GL_PRIMITIVES_GENERATED:
        return 2;
    case GL_TIME_ELAPSED_EXT:
        return 3;
    default:
        return -1;
    }
}

/* The object behind a generated name, made at its first use. NULL: out of memory, raised. */
static struct dc_query *
get_or_make(struct dc_context *context, GLuint id, GLenum target)
{
    struct dc_gles_state *s = context->gles;
    struct dc_query *query = dc_names_object(&s->query_names, id);
    if (query)
        return query;
    query = calloc(1, sizeof *query);
    dc_gles_lock(context->shared); // the push looks queries up
    bool ok = query && dc_names_set(&s->query_names, id, query);
    dc_gles_unlock(context->shared);
    if (!ok) {
        free(query);
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return 0;
    }
    query->name = id;
    query->target = target;
    return query;
}

bool
dc_hook_BeginQuery(struct dc_context *context, GLenum target, GLuint id)
{
    struct dc_gles_state *s = context->gles;
    int slot = slot_of(target);
    void *value = id ? dc_names_get(&s->query_names, id) : DC_NAME_FREE;
    if (slot < 0 || s->active_query[slot] || value == DC_NAME_FREE)
        return true;
    struct dc_query *query = dc_names_object(&s->query_names, id);
    if (query && (query->active || query->target != target))
        return true;
    query = get_or_make(context, id, target);
    if (!query)
        return false;
    query->active = true;
    s->active_query[slot] = id;
    return true;
}

bool
dc_hook_QueryCounterEXT(struct dc_context *context, GLuint id, GLenum target)
{
    struct dc_gles_state *s = context->gles;
    if (target != GL_TIMESTAMP_EXT || !id || dc_names_get(&s->query_names, id) == DC_NAME_FREE)
        return true;
    struct dc_query *query = dc_names_object(&s->query_names, id);
    if (query && (query->active || query->target != target))
        return true;
    query = get_or_make(context, id, target);
    if (query)
        __atomic_add_fetch(&query->pending, 1, __ATOMIC_ACQ_REL);
    return query;
}

bool
dc_hook_EndQuery(struct dc_context *context, GLenum target)
{
    struct dc_gles_state *s = context->gles;
    int slot = slot_of(target);
    struct dc_query *query = slot >= 0 ? dc_names_object(&s->query_names, s->active_query[slot]) : 0;
    if (!query || query->target != target)
        return true;
    query->active = false;
    s->active_query[slot] = 0;
    __atomic_add_fetch(&query->pending, 1, __ATOMIC_ACQ_REL);
    return true;
}

bool
dc_hook_DeleteQueries(struct dc_context *context, GLsizei n, const GLuint *ids)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; ids && i < n; i++) {
        if (!ids[i] || dc_names_get(&s->query_names, ids[i]) == DC_NAME_FREE)
            continue;
        dc_gles_lock(context->shared);
        struct dc_query *query = dc_names_object(&s->query_names, ids[i]);
        dc_names_set(&s->query_names, ids[i], DC_NAME_FREE);
        free(query);
        dc_gles_unlock(context->shared);
        for (unsigned k = 0; k < sizeof s->active_query / sizeof s->active_query[0]; k++)
            s->active_query[k] = s->active_query[k] == ids[i] ? 0 : s->active_query[k];
    }
    return true;
}

void
dc_query_handle_result(struct dc_context *context, GLuint name, uint64_t result)
{
    if (!context->gles || !context->shared)
        return;
    dc_gles_lock(context->shared);
    struct dc_query *query = dc_names_object(&context->gles->query_names, name);
    if (query && __atomic_load_n(&query->pending, __ATOMIC_ACQUIRE)) {
        query->result = result;
        __atomic_sub_fetch(&query->pending, 1, __ATOMIC_RELEASE);
    }
    dc_gles_unlock(context->shared);
}

static bool
has_result(void *user)
{
    return __atomic_load_n(&((struct dc_query *)user)->pending, __ATOMIC_ACQUIRE) == 0;
}

/* false: an error was raised. */
static bool
get_object(GLuint id, GLenum pname, uint64_t *value)
{
    struct dc_context *context = dc_current;
    struct dc_query *query = context && id ? dc_names_object(&context->gles->query_names, id) : 0;
    if (!context)
        return false;
    if (!query || query->active) {
        dc_gles_raise(context, GL_INVALID_OPERATION);
        return false;
    }
    if (pname == GL_QUERY_RESULT_AVAILABLE) {
        dc_process_drain(context->process);
        if (!has_result(query)) {
            dc_context_flush(context); // who asks in a loop wants it to come about
            dc_process_drain(context->process);
        }
        *value = has_result(query);
        return true;
    }
    if (pname != GL_QUERY_RESULT) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return false;
    }
    if (!has_result(query)) {
        dc_context_flush(context);
        dc_process_wait(context->process, has_result, query, -1, DC_WAIT_APP);
    }
    bool boolean = query->target == GL_ANY_SAMPLES_PASSED || query->target == GL_ANY_SAMPLES_PASSED_CONSERVATIVE;
    *value = boolean ? query->result != 0 : query->result;
    return true;
}

void GL_APIENTRY
dc_gl_GetQueryObjectuiv(GLuint id, GLenum pname, GLuint *params)
{
    uint64_t value;
    if (get_object(id, pname, &value))
        *params = value > UINT32_MAX ? UINT32_MAX : (GLuint)value;
}

void GL_APIENTRY
dc_gl_GetQueryObjectivEXT(GLuint id, GLenum pname, GLint *params)
{
    uint64_t value;
    if (get_object(id, pname, &value))
        *params = value > INT32_MAX ? INT32_MAX : (GLint)value;
}

void GL_APIENTRY
dc_gl_GetQueryObjecti64vEXT(GLuint id, GLenum pname, GLint64 *params)
{
    uint64_t value;
    if (get_object(id, pname, &value))
        *params = (GLint64)value;
}

void GL_APIENTRY
dc_gl_GetQueryObjectui64vEXT(GLuint id, GLenum pname, GLuint64 *params)
{
    uint64_t value;
    if (get_object(id, pname, &value))
        *params = value;
}

/* Of what only the driver knows: how wide its counters are. */
static void
ask(struct dc_context *context, GLenum target, GLenum pname, GLint *params)
{
    GLint answer;
    struct dc_call call;
    dc_call_begin(context->process, &call, &answer, sizeof answer);
    dc_enc_GetQueryiv(&context->encoder, call.serial, target, pname);
    if (dc_context_call_wait(context, &call, DC_WAIT_STACK) && call.got_bytes == sizeof answer)
        *params = answer;
}

void GL_APIENTRY
dc_gl_GetQueryiv(GLenum target, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    int slot = slot_of(target);
    if (!context)
        return;
    if (pname == GL_QUERY_COUNTER_BITS_EXT) {
        ask(context, target, pname, params);
        return;
    }
    if (target == GL_TIMESTAMP_EXT && pname == GL_CURRENT_QUERY) {
        *params = 0; // it is never active
        return;
    }
    if (slot < 0 || pname != GL_CURRENT_QUERY) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return;
    }
    struct dc_query *query = dc_names_object(&context->gles->query_names, context->gles->active_query[slot]);
    *params = query && query->target == target ? (GLint)query->name : 0;
}
