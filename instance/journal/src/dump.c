/*
 * The state as commands: surfaces, contexts; per share group its objects, from its oldest context; per context the
 * objects of its own; only then deletions of what has no name any more, and each context's bindings and state. Errors
 * that a command raises here were the application's once and are not told again.
 */
#include "dump.h"

#include <gles_encode.h>

#define NOBODY 0 // serial of answers that nobody waits for
#define SPARE_SURFACE 0xf0000000u

static void
dump_surfaces(struct dc_journal_writer *writer, const struct dc_journal *journal)
{
    dc_journal_writer_enter(writer, 0);
    for (const struct dc_journal_surface *s = journal->surfaces; s; s = s->next) {
        dc_enc_dcSurfaceCreate(&writer->encoder, s->id, s->config, s->width, s->height, s->kind, s->flags);
        if (s->keeps)
            dc_enc_dcSurfaceKeep(&writer->encoder, s->id);
    }
}

/* The oldest context of the group. */
static const struct dc_journal_context *
home_of(const struct dc_journal *journal, const struct dc_group *group)
{
    const struct dc_journal_context *context = journal->contexts;
    while (context->group != group)
        context = context->next;
    return context;
}

static void
dump_contexts(struct dc_journal_writer *writer, const struct dc_journal *journal)
{
    for (const struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        const struct dc_journal_context *home = home_of(journal, c->group);
        dc_enc_dcContextCreate(&writer->encoder, c->id, home == c ? 0 : home->id, c->config, c->major, c->minor, c->flags);
    }
}

static void
give_aliases(struct dc_objects *objects, uint32_t *alias)
{
    for (int kind = 0; kind < DC_OBJECT_KINDS; kind++) {
        for (struct dc_object *o = objects->first[kind]; o; o = o->next) {
            if (o->deleted)
                o->alias = (*alias)++;
        }
    }
}

/* Mesa gives viewport and scissor the size of the first surface that a context sees: that moment must be over. */
static void
show_surface(struct dc_journal_writer *writer, const struct dc_journal *journal, const struct dc_journal_context *context)
{
    struct dc_encoder *e = &writer->encoder;
    if (context->draw || context->read) {
        dc_enc_dcMakeCurrent(e, context->draw, context->read);
        return;
    }
    uint32_t config = context->config ? context->config : journal->surfaces ? journal->surfaces->config : 0;
    if (context->seen_surface && config) {
        dc_enc_dcSurfaceCreate(e, SPARE_SURFACE, config, 1, 1, 1, 0);
        dc_enc_dcMakeCurrent(e, SPARE_SURFACE, SPARE_SURFACE);
        dc_enc_dcMakeCurrent(e, 0, 0);
        dc_enc_dcSurfaceDestroy(e, SPARE_SURFACE);
    } else {
        dc_enc_dcMakeCurrent(e, 0, 0);
    }
}

static void
dump_state(struct dc_journal_writer *writer, const struct dc_journal_context *context)
{
    struct dc_encoder *e = &writer->encoder;
    dc_dump_recipe(writer, &context->default_framebuffer->recipe, false);
    dc_dump_recipe(writer, &context->default_array->recipe, true);
    dc_dump_recipe(writer, &context->default_feedback->recipe, true);
    dc_dump_recipe(writer, &context->state, true);
    if (context->array->name && !context->array->deleted)
        dc_enc_BindVertexArray(e, context->array->name);
    if (context->feedback->name && !context->feedback->deleted)
        dc_enc_BindTransformFeedback(e, GL_TRANSFORM_FEEDBACK, context->feedback->name);
    if (context->draw_framebuffer->name && !context->draw_framebuffer->deleted)
        dc_enc_BindFramebuffer(e, GL_DRAW_FRAMEBUFFER, context->draw_framebuffer->name);
    if (context->read_framebuffer->name && !context->read_framebuffer->deleted)
        dc_enc_BindFramebuffer(e, GL_READ_FRAMEBUFFER, context->read_framebuffer->name);
    if (context->renderbuffer && !context->renderbuffer->deleted)
        dc_enc_BindRenderbuffer(e, GL_RENDERBUFFER, context->renderbuffer->name);
    if (context->program)
        dc_enc_UseProgram(e, dc_object_wire_name(context->program));
    dc_enc_ActiveTexture(e, GL_TEXTURE0 + context->active_unit);
    for (int i = 0; i < DC_JOURNAL_QUERIES; i++) {
        if (context->active_query[i] && !context->active_query[i]->deleted)
            dc_enc_BeginQuery(e, context->active_query[i]->target, context->active_query[i]->name);
    }
    dc_enc_GetError(e, NOBODY);
}

bool
dc_journal_dump(struct dc_journal *journal, const struct dc_journal_sink *sink)
{
    struct dc_journal_writer writer;
    uint32_t alias = DC_ALIAS_FIRST;
    if (journal->incomplete || !dc_journal_writer_init(&writer, sink))
        return false;
    dump_surfaces(&writer, journal);
    dump_contexts(&writer, journal);
    dc_dump_images(&writer, &journal->images);
    give_aliases(&journal->images, &alias);
    for (struct dc_group *group = journal->groups; group; group = group->next)
        give_aliases(&group->objects, &alias);
    for (struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        give_aliases(&c->objects, &alias);
        dc_journal_writer_enter(&writer, c->id);
        show_surface(&writer, journal, c);
        if (home_of(journal, c->group) == c) {
            dc_dump_names(&writer, &c->group->objects);
            dc_dump_shared(&writer, &c->group->objects);
        }
    }
    dc_dump_sharing(&writer, journal);
    for (struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        dc_journal_writer_enter(&writer, c->id);
        if (home_of(journal, c->group) == c)
            dc_dump_glsl(&writer, &c->group->objects, &alias);
        dc_dump_names(&writer, &c->objects);
        dc_dump_own(&writer, &c->objects);
    }
    for (const struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        if (home_of(journal, c->group) != c)
            continue;
        dc_journal_writer_enter(&writer, c->id);
        dc_dump_deletions(&writer, &c->group->objects);
    }
    for (const struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        dc_journal_writer_enter(&writer, c->id);
        dump_state(&writer, c);
    }
    for (const struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        if (home_of(journal, c->group) != c)
            continue;
        dc_journal_writer_enter(&writer, c->id);
        dc_dump_pending_deletions(&writer, &c->group->objects);
    }
    return dc_journal_writer_finish(&writer);
}
