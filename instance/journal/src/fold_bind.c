/* Bindings of a context, and what vertex arrays, framebuffers and transform feedback objects refer to. */
#include "fold.h"

#include <string.h>

#include <gles_opcodes.h>

#include <GLES3/gl32.h>
#include <GLES2/gl2ext.h>

/* Puts words into a recipe with a reference; `name_at` is the word with the object's name. */
static void
put_ref(struct dc_fold *fold, struct dc_recipe *recipe, uint64_t key, const uint32_t *words, uint32_t count,
        struct dc_object *object, uint32_t name_at)
{
    struct dc_recipe_entry *entry = dc_recipe_put(recipe, key, fold->journal->order, words, count);
    if (entry)
        dc_recipe_set_ref(entry, object, name_at);
    else
        dc_fold_out_of_memory(fold);
}

void
dc_fold_active_texture(struct dc_fold *fold)
{
    if (fold->context)
        fold->context->active_unit = fold->w[1] - GL_TEXTURE0;
}

struct dc_object *
dc_fold_texture(const struct dc_fold *fold, uint32_t target)
{
    if (target >= GL_TEXTURE_CUBE_MAP_POSITIVE_X && target <= GL_TEXTURE_CUBE_MAP_NEGATIVE_Z)
        target = GL_TEXTURE_CUBE_MAP;
    uint64_t key = dc_recipe_key(DC_OP_BindTexture, target, fold->context->active_unit);
    struct dc_recipe_entry *entry = dc_recipe_find(&fold->context->state, key);
    return entry ? entry->ref : NULL;
}

void
dc_fold_bind_texture(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    if (!context)
        return;
    uint32_t target = fold->w[1], name = fold->w[2];
    struct dc_object *texture = dc_fold_bound(fold, DC_OBJECT_TEXTURE, name);
    if (texture && texture->target && texture->target != target)
        return; // refused
    if (texture)
        texture->target = target;
    if (!name) { // as at the beginning
        dc_recipe_void(&context->state, dc_recipe_key(DC_OP_BindTexture, target, context->active_unit));
        return;
    }
    const uint32_t words[] = { 2u << 16 | DC_OP_ActiveTexture, GL_TEXTURE0 + context->active_unit, fold->w[0], target,
                               name };
    put_ref(fold, &context->state, dc_recipe_key(DC_OP_BindTexture, target, context->active_unit), words, 5, texture, 4);
}

void
dc_fold_bind_sampler(struct dc_fold *fold)
{
    struct dc_object *sampler = fold->context ? dc_fold_find(fold, DC_OBJECT_SAMPLER, fold->w[2]) : NULL;
    if (fold->context && (sampler || !fold->w[2]))
        put_ref(fold, &fold->context->state, dc_recipe_key(DC_OP_BindSampler, fold->w[1], 0), fold->w, 3, sampler, 2);
}

struct dc_object *
dc_fold_buffer(const struct dc_fold *fold, uint32_t target)
{
    struct dc_journal_context *context = fold->context;
    const struct dc_recipe *recipe = target == GL_ELEMENT_ARRAY_BUFFER ? &context->array->recipe : &context->state;
    if (target == GL_ARRAY_BUFFER)
        return context->array_buffer;
    struct dc_recipe_entry *entry = dc_recipe_find(recipe, dc_recipe_key(DC_OP_BindBuffer, target, 0));
    return entry ? entry->ref : NULL;
}

/* The binding that is not indexed. */
static void
bind_generic(struct dc_fold *fold, uint32_t target, uint32_t name, struct dc_object *buffer)
{
    struct dc_journal_context *context = fold->context;
    const uint32_t words[] = { 3u << 16 | DC_OP_BindBuffer, target, name };
    struct dc_recipe *recipe = target == GL_ELEMENT_ARRAY_BUFFER ? &context->array->recipe : &context->state;
    if (target == GL_ARRAY_BUFFER)
        dc_journal_context_bind(&context->array_buffer, buffer);
    if (!name && (target == GL_ARRAY_BUFFER || target == GL_ELEMENT_ARRAY_BUFFER)) { // as at the beginning
        dc_recipe_void(recipe, dc_recipe_key(DC_OP_BindBuffer, target, 0));
        return;
    }
    put_ref(fold, recipe, dc_recipe_key(DC_OP_BindBuffer, target, 0), words, 3, buffer, 2);
}

void
dc_fold_bind_buffer(struct dc_fold *fold)
{
    if (fold->context)
        bind_generic(fold, fold->w[1], fold->w[2], dc_fold_bound(fold, DC_OBJECT_BUFFER, fold->w[2]));
}

void
dc_fold_bind_indexed(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    if (!context)
        return;
    uint32_t target = fold->w[1];
    struct dc_object *buffer = dc_fold_bound(fold, DC_OBJECT_BUFFER, fold->w[3]);
    bool feedback = target == GL_TRANSFORM_FEEDBACK_BUFFER;
    // Its order follows, so that the generic binding that it also sets comes out right.
    put_ref(fold, feedback ? &context->feedback->recipe : &context->state,
            dc_recipe_key(DC_OP_BindBufferBase, target, fold->w[2]), fold->w, fold->count, buffer, 3);
    bind_generic(fold, target, fold->w[3], buffer);
    if (target == GL_SHADER_STORAGE_BUFFER || target == GL_ATOMIC_COUNTER_BUFFER)
        dc_fold_mark_lost(buffer, "shaders may have written it");
}

void
dc_fold_bind_image(struct dc_fold *fold) // unit, texture, level, layered, layer, access, format
{
    struct dc_object *texture = fold->context ? dc_fold_find(fold, DC_OBJECT_TEXTURE, fold->w[2]) : NULL;
    if (!fold->context || fold->count != 8)
        return;
    put_ref(fold, &fold->context->state, dc_recipe_key(DC_OP_BindImageTexture, fold->w[1], 0), fold->w, 8, texture, 2);
    if (texture && fold->w[6] != GL_READ_ONLY)
        dc_fold_mark_lost(texture, "shaders may have written it");
}

/* ---- containers ---- */

void
dc_fold_bind_array(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    struct dc_object *array = context && fold->w[1] ? dc_fold_find(fold, DC_OBJECT_VERTEX_ARRAY, fold->w[1]) : NULL;
    if (!context || (fold->w[1] && !array))
        return;
    if (array)
        array->made = true;
    dc_journal_context_bind(&context->array, array ? array : context->default_array);
}

void
dc_fold_bind_vertex_buffer(struct dc_fold *fold) // binding, buffer, offset, stride
{
    if (!fold->context || fold->context->array == fold->context->default_array)
        return;
    struct dc_object *buffer = dc_fold_bound(fold, DC_OBJECT_BUFFER, fold->w[2]);
    put_ref(fold, &fold->context->array->recipe, dc_recipe_key(fold->op, fold->w[1], 0), fold->w, fold->count, buffer, 2);
}

void
dc_fold_attrib_pointer(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    uint32_t words[16] = { 3u << 16 | DC_OP_BindBuffer, GL_ARRAY_BUFFER };
    if (!context || fold->count > 13)
        return;
    words[2] = context->array_buffer ? context->array_buffer->name : 0;
    memcpy(words + 3, fold->w, fold->count * 4);
    put_ref(fold, &context->array->recipe, dc_recipe_key(DC_OP_VertexAttribPointer, fold->w[1], 0), words,
            3 + fold->count, context->array_buffer, 2);
}

struct dc_object *
dc_fold_framebuffer(const struct dc_fold *fold, uint32_t target)
{
    return target == GL_READ_FRAMEBUFFER ? fold->context->read_framebuffer : fold->context->draw_framebuffer;
}

void
dc_fold_bind_framebuffer(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    if (!context)
        return;
    struct dc_object *framebuffer = dc_fold_bound(fold, DC_OBJECT_FRAMEBUFFER, fold->w[2]);
    if (!framebuffer)
        framebuffer = context->default_framebuffer;
    if (fold->w[1] != GL_READ_FRAMEBUFFER)
        dc_journal_context_bind(&context->draw_framebuffer, framebuffer);
    if (fold->w[1] != GL_DRAW_FRAMEBUFFER)
        dc_journal_context_bind(&context->read_framebuffer, framebuffer);
}

/* Attachments, and which of them are drawn to and read from. The dump has the framebuffer bound to both targets. */
void
dc_fold_attach(struct dc_fold *fold)
{
    if (!fold->context)
        return;
    bool has_target = fold->op != DC_OP_ReadBuffer && fold->op != DC_OP_DrawBuffers;
    uint32_t target = fold->op == DC_OP_ReadBuffer ? GL_READ_FRAMEBUFFER : has_target ? fold->w[1] : GL_DRAW_FRAMEBUFFER;
    struct dc_object *framebuffer = dc_fold_framebuffer(fold, target), *object = NULL;
    if (!has_target) {
        dc_fold_put(fold, &framebuffer->recipe, dc_recipe_key(fold->op, 0, 0));
        return;
    }
    uint32_t name_at = fold->op == DC_OP_FramebufferTexture2D || fold->op == DC_OP_FramebufferRenderbuffer ? 4 : 3;
    enum dc_object_kind kind =
        fold->op == DC_OP_FramebufferRenderbuffer ? DC_OBJECT_RENDERBUFFER : DC_OBJECT_TEXTURE;
    if (name_at >= fold->count || !framebuffer->name)
        return;
    object = dc_fold_find(fold, kind, fold->w[name_at]);
    uint32_t words[8];
    if (fold->count > 8)
        return;
    memcpy(words, fold->w, fold->count * 4);
    words[1] = GL_FRAMEBUFFER;
    put_ref(fold, &framebuffer->recipe, dc_recipe_key(DC_OP_FramebufferTexture2D, fold->w[2], 0), words, fold->count,
            object, name_at);
    framebuffer->drawn = 0;
}

void
dc_fold_mark_drawn(struct dc_fold *fold)
{
    struct dc_object *framebuffer = fold->context ? fold->context->draw_framebuffer : NULL;
    if (!framebuffer || !framebuffer->name || framebuffer->drawn == fold->journal->generation + 1)
        return;
    for (uint32_t i = 0; i < framebuffer->recipe.count; i++) {
        const struct dc_recipe_entry *entry = &framebuffer->recipe.entries[i];
        if (entry->word_count && entry->ref)
            dc_fold_mark_lost(entry->ref, "drawn by the GPU");
    }
    framebuffer->drawn = fold->journal->generation + 1;
}

void
dc_fold_bind_renderbuffer(struct dc_fold *fold)
{
    if (fold->context)
        dc_journal_context_bind(&fold->context->renderbuffer,
                                dc_fold_bound(fold, DC_OBJECT_RENDERBUFFER, fold->w[2]));
}

void
dc_fold_bind_feedback(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    struct dc_object *feedback = context && fold->w[2] ? dc_fold_find(fold, DC_OBJECT_FEEDBACK, fold->w[2]) : NULL;
    if (!context || (fold->w[2] && !feedback))
        return;
    if (feedback)
        feedback->made = true;
    dc_journal_context_bind(&context->feedback, feedback ? feedback : context->default_feedback);
}

void
dc_fold_feedback_begin(struct dc_fold *fold)
{
    const struct dc_recipe *recipe = fold->context ? &fold->context->feedback->recipe : NULL;
    for (uint32_t i = 0; recipe && i < recipe->count; i++)
        dc_fold_mark_lost(recipe->entries[i].ref, "written by transform feedback");
}

void
dc_fold_bind_pipeline(struct dc_fold *fold)
{
    struct dc_object *pipeline = fold->context ? dc_fold_find(fold, DC_OBJECT_PIPELINE, fold->w[1]) : NULL;
    if (!fold->context || (fold->w[1] && !pipeline))
        return;
    if (pipeline)
        pipeline->made = true;
    put_ref(fold, &fold->context->state, dc_recipe_key(DC_OP_BindProgramPipeline, 0, 0), fold->w, 2, pipeline, 1);
}

void
dc_fold_query(struct dc_fold *fold)
{
    if (!fold->context)
        return;
    static const uint32_t targets[] = { GL_ANY_SAMPLES_PASSED, GL_ANY_SAMPLES_PASSED_CONSERVATIVE,
                                        GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN, GL_PRIMITIVES_GENERATED,
                                        GL_TIME_ELAPSED_EXT };
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (targets[i] != fold->w[1])
            continue;
        struct dc_object *query =
            fold->op == DC_OP_BeginQuery ? dc_fold_bound(fold, DC_OBJECT_QUERY, fold->w[2]) : NULL;
        if (query)
            query->target = targets[i];
        dc_journal_context_bind(&fold->context->active_query[i], query);
    }
}

void
dc_fold_query_counter(struct dc_fold *fold) // query, target
{
    struct dc_object *query = fold->context ? dc_fold_bound(fold, DC_OBJECT_QUERY, fold->w[1]) : NULL;
    if (query)
        query->target = fold->w[2];
}

/* Begin: query, mode; End. */
void
dc_fold_condition(struct dc_fold *fold)
{
    uint64_t key = dc_recipe_key(DC_OP_BeginConditionalRenderNV, 0, 0);
    if (!fold->context)
        return;
    if (fold->op == DC_OP_BeginConditionalRenderNV)
        put_ref(fold, &fold->context->state, key, fold->w, fold->count, dc_fold_find(fold, DC_OBJECT_QUERY, fold->w[1]), 1);
    else
        dc_recipe_void(&fold->context->state, key);
}
