/* Objects: names, parameters, contents. */
#include "dump.h"

#include <stdlib.h>

#include <gles_encode.h>

#include <GLES2/gl2ext.h>

#define PIECE_BYTES (8u << 20) // of a buffer at once

void
dc_dump_recipe_part(struct dc_journal_writer *writer, const struct dc_recipe *recipe, uint64_t from, uint64_t to)
{
    struct dc_recipe_entry **list = dc_recipe_sorted(recipe);
    if (!list)
        writer->stopped = true;
    for (struct dc_recipe_entry **at = list; at && *at; at++) {
        const struct dc_recipe_entry *entry = *at;
        if (entry->order < from || entry->order >= to)
            continue;
        if (entry->ref)
            entry->words[entry->name_at] = dc_object_wire_name(entry->ref);
        dc_journal_writer_put(writer, entry->words, entry->word_count);
    }
    free(list);
}

void
dc_dump_recipe(struct dc_journal_writer *writer, const struct dc_recipe *recipe, bool skip_gone)
{
    struct dc_recipe_entry **list = dc_recipe_sorted(recipe);
    if (!list)
        writer->stopped = true;
    for (struct dc_recipe_entry **at = list; at && *at; at++) {
        const struct dc_recipe_entry *entry = *at;
        if (entry->ref && entry->ref->deleted && skip_gone)
            continue;
        if (entry->ref)
            entry->words[entry->name_at] = dc_object_wire_name(entry->ref);
        dc_journal_writer_put(writer, entry->words, entry->word_count);
    }
    free(list);
}

static void
dump_buffer(struct dc_journal_writer *writer, const struct dc_object *buffer)
{
    struct dc_encoder *e = &writer->encoder;
    const struct dc_store *store = &buffer->store;
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, dc_object_wire_name(buffer));
    if (!store->allocated)
        return;
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, store->size_bytes, NULL, 0, store->usage);
    for (const struct dc_store_piece *piece = store->first; piece; piece = piece->next) {
        for (int64_t at = 0; piece->content->data && at < piece->size_bytes; at += PIECE_BYTES) {
            int64_t size = piece->size_bytes - at < PIECE_BYTES ? piece->size_bytes - at : PIECE_BYTES;
            dc_enc_BufferSubData(e, GL_ARRAY_BUFFER, piece->offset + at, size, piece->content->data + at,
                                 (uint32_t)size);
        }
    }
}

static void
dump_step(struct dc_journal_writer *writer, const struct dc_object *object, struct dc_image_step *step)
{
    const struct dc_content *content = step->content;
    if (step->names_itself)
        step->words[1] = dc_object_wire_name(object);
    if (step->ref)
        step->words[step->name_at] = dc_object_wire_name(step->ref);
    if (!step->has_blob)
        dc_journal_writer_put(writer, step->words, step->word_count);
    else if (step->kind == DC_IMAGE_WHOLE || step->kind == DC_IMAGE_CLEAR || (content && content->data)) // a part without data would be an error
        dc_journal_writer_put_data(writer, step->words, step->word_count, content ? content->data : NULL,
                                   content && content->data ? content->size_bytes : 0);
}

/* Parameters and contents in the order in which they were given: a mipmap is made of the levels that it was told to. */
void
dc_dump_texture(struct dc_journal_writer *writer, const struct dc_object *texture)
{
    uint64_t from = 0;
    struct dc_image_step *first = texture->image.first;
    if (first && first->kind == DC_IMAGE_SHARED && first->names_itself) {
        dump_step(writer, texture, first); // a view comes before its name is ever bound
        first = first->next;
    }
    dc_enc_BindTexture(&writer->encoder, texture->target, dc_object_wire_name(texture));
    for (struct dc_image_step *step = first; step; step = step->next) {
        dc_dump_recipe_part(writer, &texture->recipe, from, step->order);
        if (step->kind != DC_IMAGE_SHARED || step->ref->dumped) // else the image is not to be had
            dump_step(writer, texture, step);
        from = step->order;
    }
    dc_dump_recipe_part(writer, &texture->recipe, from, UINT64_MAX);
    dc_enc_BindTexture(&writer->encoder, texture->target, 0);
}

void
dc_dump_renderbuffer(struct dc_journal_writer *writer, const struct dc_object *renderbuffer)
{
    dc_enc_BindRenderbuffer(&writer->encoder, GL_RENDERBUFFER, dc_object_wire_name(renderbuffer));
    dc_dump_recipe(writer, &renderbuffer->recipe, false);
    dc_enc_BindRenderbuffer(&writer->encoder, GL_RENDERBUFFER, 0);
}

void
dc_dump_shared(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    struct dc_encoder *e = &writer->encoder;
    for (const struct dc_object *o = objects->first[DC_OBJECT_BUFFER]; o; o = o->next) {
        if (o->made)
            dump_buffer(writer, o);
    }
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 0);
    for (const struct dc_object *o = objects->first[DC_OBJECT_TEXTURE]; o; o = o->next) {
        if (o->made && o->target && !dc_object_source(o))
            dc_dump_texture(writer, o);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_RENDERBUFFER]; o; o = o->next) {
        if (o->made && !dc_object_source(o))
            dc_dump_renderbuffer(writer, o);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_SAMPLER]; o; o = o->next) {
        if (!o->deleted)
            dc_dump_recipe(writer, &o->recipe, false);
    }
}

void
dc_dump_own(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    struct dc_encoder *e = &writer->encoder;
    for (const struct dc_object *o = objects->first[DC_OBJECT_VERTEX_ARRAY]; o; o = o->next) {
        if (!o->made || o->deleted)
            continue;
        dc_enc_BindVertexArray(e, o->name);
        dc_dump_recipe(writer, &o->recipe, false);
        dc_enc_BindVertexArray(e, 0);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_FRAMEBUFFER]; o; o = o->next) {
        if (!o->made || o->deleted)
            continue;
        dc_enc_BindFramebuffer(e, GL_FRAMEBUFFER, o->name);
        dc_dump_recipe(writer, &o->recipe, false);
        dc_enc_BindFramebuffer(e, GL_FRAMEBUFFER, 0);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_FEEDBACK]; o; o = o->next) {
        if (!o->made || o->deleted)
            continue;
        dc_enc_BindTransformFeedback(e, GL_TRANSFORM_FEEDBACK, o->name);
        dc_dump_recipe(writer, &o->recipe, true);
        dc_enc_BindTransformFeedback(e, GL_TRANSFORM_FEEDBACK, 0);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_PIPELINE]; o; o = o->next) {
        if (o->made && !o->deleted)
            dc_dump_recipe(writer, &o->recipe, true);
    }
    for (const struct dc_object *o = objects->first[DC_OBJECT_RANGE]; o; o = o->next) {
        if (o->image.first && !o->deleted)
            dump_step(writer, o, o->image.first);
    }
    // The application may still wait for the result of a query that ended: it gets one, of nothing drawn.
    for (const struct dc_object *o = objects->first[DC_OBJECT_QUERY]; o; o = o->next) {
        if (!o->target || o->deleted)
            continue;
        if (o->target == GL_TIMESTAMP_EXT) {
            dc_enc_QueryCounterEXT(e, o->name, o->target);
            continue;
        }
        dc_enc_BeginQuery(e, o->target, o->name);
        dc_enc_EndQuery(e, o->target);
    }
}

void
dc_dump_images(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    for (const struct dc_object *o = objects->first[DC_OBJECT_IMAGE]; o; o = o->next) {
        for (struct dc_image_step *step = o->image.first; step; step = step->next)
            dump_step(writer, o, step);
        dc_dump_recipe(writer, &o->recipe, false);
    }
}

/* ---- names ---- */

static void
gen(struct dc_encoder *e, enum dc_object_kind kind, uint32_t name)
{
    switch (kind) {
    case DC_OBJECT_BUFFER: dc_enc_GenBuffers(e, 1, &name, 4); break;
    case DC_OBJECT_TEXTURE: dc_enc_GenTextures(e, 1, &name, 4); break;
    case DC_OBJECT_RENDERBUFFER: dc_enc_GenRenderbuffers(e, 1, &name, 4); break;
    case DC_OBJECT_SAMPLER: dc_enc_GenSamplers(e, 1, &name, 4); break;
    case DC_OBJECT_FRAMEBUFFER: dc_enc_GenFramebuffers(e, 1, &name, 4); break;
    case DC_OBJECT_VERTEX_ARRAY: dc_enc_GenVertexArrays(e, 1, &name, 4); break;
    case DC_OBJECT_QUERY: dc_enc_GenQueries(e, 1, &name, 4); break;
    case DC_OBJECT_FEEDBACK: dc_enc_GenTransformFeedbacks(e, 1, &name, 4); break;
    case DC_OBJECT_PIPELINE: dc_enc_GenProgramPipelines(e, 1, &name, 4); break;
    default: break; // made by their own commands
    }
}

void
dc_dump_names(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    for (int kind = 0; kind < DC_OBJECT_KINDS; kind++) {
        for (const struct dc_object *o = objects->first[kind]; o; o = o->next) {
            if (dc_object_wire_name(o))
                gen(&writer->encoder, kind, dc_object_wire_name(o));
        }
    }
}

void
dc_dump_deletions(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    struct dc_encoder *e = &writer->encoder;
    for (int kind = 0; kind < DC_OBJECT_GLSL; kind++) {
        for (const struct dc_object *o = objects->first[kind]; o; o = o->next) {
            if (!o->deleted)
                continue;
            switch (kind) {
            case DC_OBJECT_BUFFER: dc_enc_DeleteBuffers(e, 1, &o->alias, 4); break;
            case DC_OBJECT_TEXTURE: dc_enc_DeleteTextures(e, 1, &o->alias, 4); break;
            case DC_OBJECT_RENDERBUFFER: dc_enc_DeleteRenderbuffers(e, 1, &o->alias, 4); break;
            default: dc_enc_DeleteSamplers(e, 1, &o->alias, 4); break;
            }
        }
    }
}

void
dc_dump_pending_deletions(struct dc_journal_writer *writer, const struct dc_objects *objects)
{
    for (const struct dc_object *o = objects->first[DC_OBJECT_GLSL]; o; o = o->next) {
        if (!o->delete_pending || !o->glsl)
            continue;
        if (o->glsl->is_program)
            dc_enc_DeleteProgram(&writer->encoder, dc_object_wire_name(o));
        else
            dc_enc_DeleteShader(&writer->encoder, dc_object_wire_name(o));
    }
}
