/* What egl/ calls: a context's GL state begins, is bound for the first time, and ends. */
#include "../core/context.h"

#include <stdlib.h>
#include <string.h>

#include <gles_entry.h>

#include "gles1.h"
#include "program_use.h"
#include "shared.h"
#include "state.h"

bool
dc_gles_context_init(struct dc_context *context, struct dc_context *share)
{
    context->gles = calloc(1, sizeof *context->gles);
    if (!context->gles)
        return false;
    dc_gles_state_init(context->gles, context);
    if ((context->version_major > 1 || dc_gles1_create(context)) && dc_gles_registry_add(context, share))
        return true;
    dc_gles_context_finish(context);
    return false;
}

void
dc_gles_context_finish(struct dc_context *context)
{
    if (context->gles && context->shared)
        dc_program_use_finish(context);
    if (context->shared)
        dc_gles_registry_remove(context);
    if (context->gles)
        dc_gles_state_finish(context->gles);
    free(context->gles);
    context->gles = 0;
}

void
dc_gles_context_first_bind(struct dc_context *context, uint32_t width, uint32_t height)
{
    struct dc_gles_state *s = context->gles;
    if (s->viewport_set)
        return;
    s->viewport_set = true;
    for (GLuint i = 0; i < s->viewports_kept; i++) {
        struct dc_viewport *viewport = &s->viewport[i];
        viewport->box[2] = (GLfloat)(viewport->scissor[2] = (GLint)width);
        viewport->box[3] = (GLfloat)(viewport->scissor[3] = (GLint)height);
    }
}

void *
dc_gles_get_proc(const char *name)
{
    size_t low = 0, high = dc_gles_entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, dc_gles_entries[middle].name);
        if (order == 0)
            return (void *)dc_gles_entries[middle].function;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}
