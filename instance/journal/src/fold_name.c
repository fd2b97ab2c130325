/* glGen*, glDelete*. */
#include "fold.h"

#include <string.h>

#include <gles_opcodes.h>

static enum dc_object_kind
kind_of(uint32_t op)
{
    switch (op) {
    case DC_OP_GenBuffers: case DC_OP_DeleteBuffers: return DC_OBJECT_BUFFER;
    case DC_OP_GenTextures: case DC_OP_DeleteTextures: return DC_OBJECT_TEXTURE;
    case DC_OP_GenRenderbuffers: case DC_OP_DeleteRenderbuffers: return DC_OBJECT_RENDERBUFFER;
    case DC_OP_GenSamplers: case DC_OP_DeleteSamplers: return DC_OBJECT_SAMPLER;
    case DC_OP_GenFramebuffers: case DC_OP_DeleteFramebuffers: return DC_OBJECT_FRAMEBUFFER;
    case DC_OP_GenVertexArrays: case DC_OP_DeleteVertexArrays: return DC_OBJECT_VERTEX_ARRAY;
    case DC_OP_GenQueries: case DC_OP_DeleteQueries: return DC_OBJECT_QUERY;
    case DC_OP_GenTransformFeedbacks: case DC_OP_DeleteTransformFeedbacks: return DC_OBJECT_FEEDBACK;
    default: return DC_OBJECT_PIPELINE;
    }
}

/* The names, and how many; NULL: none. */
static const uint32_t *
names_of(const struct dc_fold *fold, uint32_t *count)
{
    uint32_t size_bytes;
    const uint32_t *names = fold->context && fold->count > 3 ? dc_fold_blob(fold, 2, &size_bytes) : NULL;
    *count = names ? size_bytes / 4 : 0;
    return names;
}

void
dc_fold_gen(struct dc_fold *fold)
{
    uint32_t count;
    const uint32_t *names = names_of(fold, &count);
    enum dc_object_kind kind = kind_of(fold->op);
    for (uint32_t i = 0; i < count; i++) {
        if (names[i] && !dc_objects_make(dc_journal_context_objects(fold->context, kind), kind, names[i]))
            dc_fold_out_of_memory(fold);
    }
}

static void
unbind(struct dc_object **place, const struct dc_object *object, struct dc_object *instead)
{
    if (*place == object)
        dc_journal_context_bind(place, instead);
}

/* A deleted object leaves what is bound in the current context; elsewhere it stays (GLES 3.2 §5.1.2). */
static void
leave_context(struct dc_journal_context *context, struct dc_object *object)
{
    dc_recipe_drop_ref(&context->state, object);
    dc_recipe_drop_ref(&context->array->recipe, object);
    dc_recipe_drop_ref(&context->draw_framebuffer->recipe, object);
    dc_recipe_drop_ref(&context->read_framebuffer->recipe, object);
    dc_recipe_drop_ref(&context->feedback->recipe, object);
    unbind(&context->array_buffer, object, NULL);
    unbind(&context->renderbuffer, object, NULL);
    unbind(&context->array, object, context->default_array);
    unbind(&context->draw_framebuffer, object, context->default_framebuffer);
    unbind(&context->read_framebuffer, object, context->default_framebuffer);
    unbind(&context->feedback, object, context->default_feedback);
    for (int i = 0; i < DC_JOURNAL_QUERIES; i++)
        unbind(&context->active_query[i], object, NULL);
}

void
dc_fold_delete(struct dc_fold *fold)
{
    uint32_t count;
    const uint32_t *names = names_of(fold, &count);
    enum dc_object_kind kind = kind_of(fold->op);
    for (uint32_t i = 0; i < count; i++) {
        struct dc_object *object = dc_fold_find(fold, kind, names[i]);
        if (!object)
            continue;
        dc_object_ref(object);
        leave_context(fold->context, object);
        dc_objects_delete(object);
        dc_object_unref(object);
        fold->journal->generation++;
    }
}
