#include "program_use.h"

#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "glsl_object.h"
#include "shared.h"
#include "state.h"

static bool
is_answered(const struct dc_glsl_object *object)
{
    return !object || dc_glsl_object_is_answered(object);
}

static bool
is_linked(const struct dc_glsl_object *object)
{
    return !object || object->reflection.linked;
}

static void
release(struct dc_context *context, struct dc_glsl_object *object)
{
    if (!object || __atomic_sub_fetch(&object->uses, 1, __ATOMIC_ACQ_REL) || !object->delete_pending)
        return;
    dc_gles_lock(context->shared);
    dc_glsl_object_collect(context->shared, object);
    dc_gles_unlock(context->shared);
}

static void
set_current(struct dc_gles_state *s, struct dc_glsl_object *object)
{
    s->program_object = object;
    s->program = object ? object->name : 0;
}

static void
drop_former(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    while (s->former_program_count)
        release(context, s->former_program[--s->former_program_count]);
}

/* The journal knows no results and took the refused program as current: says once more what is. */
static void
confirm(struct dc_context *context)
{
    const struct dc_gles_state *s = context->gles;
    if (is_answered(s->program_object) && is_linked(s->program_object) && !(s->xfb->active && !s->xfb->paused))
        dc_enc_UseProgram(&context->encoder, s->program);
}

/* Takes what has been answered by now. */
static void
settle_answered(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    bool refused = false;
    while (s->former_program_count && is_answered(s->program_object)) {
        if (is_linked(s->program_object)) {
            drop_former(context);
        } else {
            refused = true;
            release(context, s->program_object);
            set_current(s, s->former_program[--s->former_program_count]);
        }
    }
    if (refused && !s->former_program_count)
        confirm(context);
}

void
dc_program_use_settle(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    while (s->former_program_count && (is_answered(s->program_object) || dc_glsl_object_wait(context, s->program_object)))
        settle_answered(context);
}

void
dc_program_use_settle_of(struct dc_context *context, const struct dc_glsl_object *object)
{
    const struct dc_gles_state *s = context->gles;
    bool found = s->former_program_count && s->program_object == object;
    for (GLuint i = 1; i < s->former_program_count; i++)
        found = found || s->former_program[i] == object;
    if (found)
        dc_program_use_settle(context);
}

/* Makes room among the former ones: of those whose results have come one at most is still of interest. */
static void
shorten(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    if (!dc_glsl_object_wait(context, s->former_program[1])) {
        drop_former(context); // lost: it does not matter any more
        return;
    }
    for (GLuint i = s->former_program_count; i-- > 1;) {
        struct dc_glsl_object *object = s->former_program[i];
        if (!is_answered(object))
            continue;
        GLuint from = i, count = 1; // those that go
        if (is_linked(object))
            from = 0, count = i;
        for (GLuint k = from; k < from + count; k++)
            release(context, s->former_program[k]);
        s->former_program_count -= count;
        memmove(s->former_program + from, s->former_program + from + count,
                (s->former_program_count - from) * sizeof s->former_program[0]);
        if (from == 0)
            break;
    }
}

bool
dc_hook_UseProgram(struct dc_context *context, GLuint program)
{
    struct dc_gles_state *s = context->gles;
    if (s->former_program_count)
        settle_answered(context);
    if (program && program == s->program && s->program_object->name == program && is_answered(s->program_object) &&
        is_linked(s->program_object))
        return false; // nothing changes
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (program && (!object || !object->is_program))
        return true; // the driver's error
    if (s->xfb->active && !s->xfb->paused)
        return true;
    if (is_answered(object) && !is_linked(object)) { // refused: the old one stays
        dc_enc_UseProgram(&context->encoder, program);
        if (!s->former_program_count)
            confirm(context);
        return false;
    }
    if (!is_answered(object) && object == s->program_object)
        return true; // its result decides on both calls alike
    if (!is_answered(object) && s->former_program_count == DC_MAX_FORMER_PROGRAMS)
        shorten(context);
    if (object)
        __atomic_add_fetch(&object->uses, 1, __ATOMIC_ACQ_REL);
    struct dc_glsl_object *old = s->program_object;
    set_current(s, object);
    if (is_answered(object)) {
        drop_former(context);
        release(context, old);
    } else {
        s->former_program[s->former_program_count++] = old;
    }
    return true;
}

void
dc_program_use_finish(struct dc_context *context)
{
    struct dc_glsl_object *object = context->gles->program_object;
    drop_former(context);
    set_current(context->gles, 0);
    release(context, object);
}
