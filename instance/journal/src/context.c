#include "context.h"

#include <stdlib.h>

void
dc_journal_context_bind(struct dc_object **place, struct dc_object *object)
{
    struct dc_object *old = *place;
    *place = object ? dc_object_ref(object) : NULL;
    if (old)
        dc_object_unref(old);
}

static void
unref_group(struct dc_group *group, struct dc_group **groups)
{
    if (!group || --group->refs)
        return;
    while (*groups != group)
        groups = &(*groups)->next;
    *groups = group->next;
    dc_objects_finish(&group->objects);
    free(group);
}

static struct dc_group *
create_group(struct dc_group **groups)
{
    struct dc_group *group = calloc(1, sizeof *group);
    if (!group)
        return NULL;
    group->next = *groups;
    *groups = group;
    return group;
}

static bool
make_defaults(struct dc_journal_context *context)
{
    // Their first reference is the context's own.
    context->default_array = dc_objects_make(&context->objects, DC_OBJECT_VERTEX_ARRAY, 0);
    context->default_framebuffer = dc_objects_make(&context->objects, DC_OBJECT_FRAMEBUFFER, 0);
    context->default_feedback = dc_objects_make(&context->objects, DC_OBJECT_FEEDBACK, 0);
    if (!context->default_array || !context->default_framebuffer || !context->default_feedback)
        return false;
    dc_journal_context_bind(&context->array, context->default_array);
    dc_journal_context_bind(&context->draw_framebuffer, context->default_framebuffer);
    dc_journal_context_bind(&context->read_framebuffer, context->default_framebuffer);
    dc_journal_context_bind(&context->feedback, context->default_feedback);
    return true;
}

struct dc_journal_context *
dc_journal_context_create(uint32_t id, struct dc_journal_context *share, struct dc_group **groups)
{
    struct dc_journal_context *context = calloc(1, sizeof *context);
    if (!context)
        return NULL;
    context->id = id;
    context->group = share ? share->group : create_group(groups);
    if (context->group)
        context->group->refs++;
    if (context->group && make_defaults(context))
        return context;
    dc_journal_context_destroy(context, groups);
    return NULL;
}

void
dc_journal_context_destroy(struct dc_journal_context *context, struct dc_group **groups)
{
    struct dc_object **places[] = {
        &context->default_array, &context->array, &context->default_framebuffer, &context->draw_framebuffer,
        &context->read_framebuffer, &context->default_feedback, &context->feedback, &context->program,
        &context->renderbuffer, &context->array_buffer,
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        dc_journal_context_bind(places[i], NULL);
    for (int i = 0; i < DC_JOURNAL_QUERIES; i++)
        dc_journal_context_bind(&context->active_query[i], NULL);
    dc_recipe_finish(&context->state);
    dc_objects_finish(&context->objects);
    unref_group(context->group, groups);
    free(context);
}

struct dc_objects *
dc_journal_context_objects(struct dc_journal_context *context, enum dc_object_kind kind)
{
    return kind <= DC_OBJECT_GLSL ? &context->group->objects : &context->objects;
}
