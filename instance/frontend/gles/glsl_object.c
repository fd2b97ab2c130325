#include "glsl_object.h"

#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>

#include "../core/context.h"
#include "error.h"
#include "results.h"
#include "shared.h"
#include "state.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

struct dc_glsl_object *
dc_glsl_object_create(struct dc_gles_shared *shared, bool is_program, GLuint *name)
{
    struct dc_glsl_object *object = shared->spare;
    if (object)
        shared->spare = object->next;
    else
        object = calloc(1, sizeof *object);
    if (!object)
        return 0;
    *object = (struct dc_glsl_object){ .is_program = is_program };
    dc_reflection_init(&object->reflection);
    if (!dc_names_generate(&shared->programs, 1, name, object)) {
        object->next = shared->spare;
        shared->spare = object;
        return 0;
    }
    object->name = *name;
    return object;
}

static void
finish_contents(struct dc_glsl_object *object)
{
    dc_glsl_text_unref(object->source);
    dc_glsl_text_unref(object->compiled);
    object->source = object->compiled = 0;
    dc_link_settings_finish(&object->settings);
    dc_link_recipe_finish(&object->linked_from);
    dc_shader_reflection_finish(&object->shader);
    dc_reflection_finish(&object->reflection);
}

void
dc_glsl_object_free(struct dc_glsl_object *object)
{
    finish_contents(object);
    free(object);
}

void
dc_glsl_object_collect(struct dc_gles_shared *shared, struct dc_glsl_object *object)
{
    if (!object->delete_pending || __atomic_load_n(&object->uses, __ATOMIC_ACQUIRE) || !object->name)
        return;
    dc_names_set(&shared->programs, object->name, DC_NAME_FREE);
    object->name = 0;
    uint32_t attached = object->attached_count;
    object->attached_count = 0;
    for (uint32_t i = 0; i < attached; i++) {
        __atomic_sub_fetch(&object->attached[i]->uses, 1, __ATOMIC_RELEASE);
        dc_glsl_object_collect(shared, object->attached[i]);
    }
    finish_contents(object);
    object->next = shared->spare;
    shared->spare = object;
}

struct dc_glsl_object *
dc_glsl_object_get(struct dc_context *context, GLuint name, bool is_program)
{
    struct dc_glsl_object *object = name ? dc_names_object(&context->shared->programs, name) : 0;
    if (!object) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return 0;
    }
    if (object->is_program != is_program) {
        dc_gles_raise(context, GL_INVALID_OPERATION);
        return 0;
    }
    return object;
}

void
dc_glsl_object_expect(struct dc_context *context, struct dc_glsl_object *object, struct dc_result_key key)
{
    dc_gles_lock(context->shared);
    object->result = (struct dc_glsl_result){ .key = key };
    dc_gles_unlock(context->shared);
    __atomic_add_fetch(&object->pending, 1, __ATOMIC_ACQ_REL);
    dc_enc_dcResultKey(&context->encoder, key.low, key.high);
}

static void
unpack(struct dc_glsl_object *object, const void *payload, size_t size_bytes)
{
    if (!object->is_program) {
        dc_shader_reflection_finish(&object->shader);
        dc_shader_reflection_unpack(&object->shader, payload, size_bytes);
        return;
    }
    dc_reflection_finish(&object->reflection);
    dc_reflection_unpack(&object->reflection, payload, size_bytes);
    if (object->reflection.linked)
        object->ever_linked = true;
}

struct wait {
    struct dc_context *context;
    struct dc_glsl_object *object;
};

/* What an earlier run of the same sources gave counts as the answer; the push will only confirm it. */
static bool
take_known(const struct wait *wait)
{
    struct dc_glsl_object *object = wait->object;
    size_t size_bytes = 0;
    dc_gles_lock(wait->context->shared);
    const void *known = dc_results_find(wait->context->process, object->is_program ? DC_REPLY_PROGRAM : DC_REPLY_SHADER,
                                        object->result.key, &size_bytes);
    if (known && !object->result.known) {
        unpack(object, known, size_bytes);
        object->result.known_bytes = size_bytes;
        __atomic_store_n(&object->result.known, known, __ATOMIC_RELEASE);
    }
    dc_gles_unlock(wait->context->shared);
    return known;
}

bool
dc_glsl_object_is_answered(const struct dc_glsl_object *object)
{
    return __atomic_load_n(&object->pending, __ATOMIC_ACQUIRE) == 0 ||
           __atomic_load_n(&object->result.known, __ATOMIC_ACQUIRE);
}

static bool
has_answer(void *user)
{
    const struct wait *wait = user;
    return dc_glsl_object_is_answered(wait->object) || take_known(wait);
}

bool
dc_glsl_object_wait(struct dc_context *context, struct dc_glsl_object *object)
{
    struct wait wait = { context, object };
    if (has_answer(&wait))
        return true;
    dc_context_flush(context);
    return dc_process_wait(context->process, has_answer, &wait, -1, DC_WAIT_STACK);
}

bool
dc_glsl_object_is_done(struct dc_context *context, struct dc_glsl_object *object)
{
    struct wait wait = { context, object };
    if (has_answer(&wait))
        return true;
    dc_context_flush(context); // who asks in a loop wants it to come about; it drains, too
    return has_answer(&wait);
}

/* Lock held. The push of something that was known already confirms it: what was changed since (block bindings) stays. */
static void
handle_answer(struct dc_glsl_object *object, const void *payload, size_t size_bytes)
{
    uint32_t pending = __atomic_load_n(&object->pending, __ATOMIC_ACQUIRE);
    const struct dc_glsl_result *result = &object->result;
    bool same = result->known && result->known_bytes == size_bytes && memcmp(result->known, payload, size_bytes) == 0;
    if (result->known && pending > 1)
        same = true; // the answer to an older question
    if (!same) {
        if (result->known)
            dc_warn("%s %u: the worker says something else than what was known", object->is_program ? "program" : "shader",
                    object->name);
        unpack(object, payload, size_bytes);
    }
    if (pending <= 1)
        __atomic_store_n(&object->result.known, NULL, __ATOMIC_RELEASE);
    if (pending)
        __atomic_sub_fetch(&object->pending, 1, __ATOMIC_RELEASE);
}

void
dc_glsl_object_handle(struct dc_gles_shared *shared, bool is_program, GLuint name, const void *payload, size_t size_bytes)
{
    dc_gles_lock(shared);
    struct dc_glsl_object *object = dc_names_object(&shared->programs, name);
    if (object && object->is_program == is_program)
        handle_answer(object, payload, size_bytes);
    dc_gles_unlock(shared);
}

void
dc_glsl_copy_string(const char *text, GLsizei buffer_bytes, GLsizei *length, GLchar *out)
{
    size_t size = text ? strlen(text) : 0;
    if (buffer_bytes <= 0)
        size = 0;
    else if (size > (size_t)buffer_bytes - 1)
        size = (size_t)buffer_bytes - 1;
    if (out && buffer_bytes > 0) {
        memcpy(out, text ? text : "", size);
        out[size] = 0;
    }
    if (length)
        *length = (GLsizei)size;
}
