#ifndef DC_JOURNAL_CONTEXT_H
#define DC_JOURNAL_CONTEXT_H
/* Contexts, share groups and surfaces as the stream made them. */
#include <stdbool.h>
#include <stdint.h>

#include "object.h"

struct dc_group {
    struct dc_group *next;
    uint32_t refs; // contexts
    struct dc_objects objects;
};

#define DC_JOURNAL_QUERIES 8

struct dc_journal_context {
    struct dc_journal_context *next; // in order of creation
    uint32_t id, config, major, minor, flags;
    struct dc_group *group; // reference
    bool bound_once;        // dcMakeCurrent came
    bool seen_surface;      // viewport and scissor have their first size
    uint32_t draw, read;    // surfaces
    struct dc_objects objects; // those that are not shared
    struct dc_recipe state;
    uint32_t active_unit;
    // References. The default objects have no name and are never NULL, the others are NULL when nothing is bound.
    struct dc_object *default_array, *array, *default_framebuffer, *draw_framebuffer, *read_framebuffer,
        *default_feedback, *feedback, *program, *renderbuffer, *array_buffer;
    struct dc_object *active_query[DC_JOURNAL_QUERIES]; // references
};

struct dc_journal_surface {
    struct dc_journal_surface *next;
    uint32_t id, config, width, height, kind, flags;
    bool keeps; // dcSurfaceKeep came
};

/* NULL: out of memory. `share` may be NULL. */
struct dc_journal_context *dc_journal_context_create(uint32_t id, struct dc_journal_context *share,
                                                     struct dc_group **groups);
void dc_journal_context_destroy(struct dc_journal_context *context, struct dc_group **groups);
/* Group's or context's table for this kind. */
struct dc_objects *dc_journal_context_objects(struct dc_journal_context *context, enum dc_object_kind kind);
/* Binds `object` (NULL: none) to one of the places above. */
void dc_journal_context_bind(struct dc_object **place, struct dc_object *object);

#endif
