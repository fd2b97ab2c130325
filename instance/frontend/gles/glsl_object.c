#include "glsl_object.h"

#include <stdlib.h>
#include <string.h>

#include "../core/context.h"
#include "error.h"
#include "shared.h"
#include "state.h"

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
    free(object->source);
    object->source = 0;
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

static bool
has_answer(void *user)
{
    struct dc_glsl_object *object = user;
    return __atomic_load_n(&object->pending, __ATOMIC_ACQUIRE) == 0;
}

bool
dc_glsl_object_wait(struct dc_context *context, struct dc_glsl_object *object)
{
    if (has_answer(object))
        return true;
    dc_context_flush(context);
    return dc_process_wait(context->process, has_answer, object, -1, DC_WAIT_STACK);
}

bool
dc_glsl_object_is_done(struct dc_context *context, struct dc_glsl_object *object)
{
    if (has_answer(object))
        return true;
    dc_context_flush(context); // who asks in a loop wants it to come about; it drains, too
    return has_answer(object);
}

void
dc_glsl_object_release_current(struct dc_context *context)
{
    struct dc_glsl_object *object = context->gles->program_object;
    if (!object)
        return;
    context->gles->program_object = 0;
    context->gles->program = 0;
    dc_gles_lock(context->shared);
    __atomic_sub_fetch(&object->uses, 1, __ATOMIC_RELEASE);
    dc_glsl_object_collect(context->shared, object);
    dc_gles_unlock(context->shared);
}

static void
answered(struct dc_glsl_object *object)
{
    if (__atomic_load_n(&object->pending, __ATOMIC_ACQUIRE))
        __atomic_sub_fetch(&object->pending, 1, __ATOMIC_RELEASE);
}

void
dc_glsl_object_handle_shader(struct dc_gles_shared *shared, GLuint name, const void *payload, size_t size_bytes)
{
    dc_gles_lock(shared);
    struct dc_glsl_object *object = dc_names_object(&shared->programs, name);
    if (object && !object->is_program) {
        dc_shader_reflection_finish(&object->shader);
        dc_shader_reflection_unpack(&object->shader, payload, size_bytes);
        answered(object);
    }
    dc_gles_unlock(shared);
}

void
dc_glsl_object_handle_program(struct dc_gles_shared *shared, GLuint name, const void *payload, size_t size_bytes)
{
    dc_gles_lock(shared);
    struct dc_glsl_object *object = dc_names_object(&shared->programs, name);
    if (object && object->is_program) {
        dc_reflection_finish(&object->reflection);
        dc_reflection_unpack(&object->reflection, payload, size_bytes);
        if (object->reflection.linked)
            object->ever_linked = true;
        answered(object);
    }
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
