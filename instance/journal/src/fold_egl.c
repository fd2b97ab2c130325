/* Contexts and surfaces; images of the supervisor's ring. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>

void
dc_fold_context_create(struct dc_fold *fold)
{
    struct dc_journal *journal = fold->journal;
    struct dc_journal_context *share = journal->contexts, **end = &journal->contexts;
    if (fold->count != 7)
        return;
    while (share && share->id != fold->w[2])
        share = share->next;
    struct dc_journal_context *context =
        dc_journal_context_create(fold->w[1], fold->w[2] ? share : NULL, &journal->groups);
    if (!context) {
        dc_fold_out_of_memory(fold);
        return;
    }
    context->config = fold->w[3];
    context->major = fold->w[4];
    context->minor = fold->w[5];
    context->flags = fold->w[6];
    while (*end)
        end = &(*end)->next;
    *end = context;
}

void
dc_fold_context_destroy(struct dc_fold *fold)
{
    struct dc_journal *journal = fold->journal;
    for (struct dc_journal_context **at = &journal->contexts; *at; at = &(*at)->next) {
        struct dc_journal_context *context = *at;
        if (context->id != fold->w[1])
            continue;
        *at = context->next;
        if (fold->context == context)
            fold->context = NULL;
        if (context->group->refs == 1)
            dc_fold_forget_group(journal, context->group);
        dc_journal_context_destroy(context, &journal->groups);
        return;
    }
}

static struct dc_journal_surface **
find_surface(struct dc_journal *journal, uint32_t id)
{
    struct dc_journal_surface **at = &journal->surfaces;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

void
dc_fold_surface_create(struct dc_fold *fold)
{
    struct dc_journal_surface *surface = fold->count == 7 ? calloc(1, sizeof *surface) : NULL;
    if (!surface) {
        dc_fold_out_of_memory(fold);
        return;
    }
    *surface = (struct dc_journal_surface){ .id = fold->w[1], .config = fold->w[2], .width = fold->w[3],
                                            .height = fold->w[4], .kind = fold->w[5], .flags = fold->w[6] };
    *find_surface(fold->journal, 0) = surface; // no surface has that id: the end
}

void
dc_fold_surface_resize(struct dc_fold *fold)
{
    struct dc_journal_surface *surface = *find_surface(fold->journal, fold->w[1]);
    if (!surface || fold->count != 4)
        return;
    surface->width = fold->w[2];
    surface->height = fold->w[3];
}

void
dc_fold_surface_keep(struct dc_fold *fold)
{
    struct dc_journal_surface *surface = *find_surface(fold->journal, fold->w[1]);
    if (surface)
        surface->keeps = true;
}

void
dc_fold_surface_destroy(struct dc_fold *fold)
{
    struct dc_journal_surface **at = find_surface(fold->journal, fold->w[1]), *surface = *at;
    if (!surface)
        return;
    *at = surface->next;
    for (struct dc_journal_context *context = fold->journal->contexts; context; context = context->next) {
        context->draw = context->draw == surface->id ? 0 : context->draw;
        context->read = context->read == surface->id ? 0 : context->read;
    }
    free(surface);
}

/* Until the application says otherwise, viewport and scissor are as large as the first surface. */
static void
take_first_size(struct dc_fold *fold, const struct dc_journal_surface *surface)
{
    struct dc_recipe *state = &fold->context->state;
    static const uint32_t ops[] = { DC_OP_Viewport, DC_OP_Scissor };
    for (int i = 0; i < 2; i++) {
        const uint32_t words[] = { 5u << 16 | ops[i], 0, 0, surface->width, surface->height };
        uint64_t key = dc_recipe_key(ops[i], 0, 0);
        if (!dc_recipe_find(state, key) && !dc_recipe_put(state, key, fold->journal->order, words, 5))
            dc_fold_out_of_memory(fold);
    }
}

void
dc_fold_make_current(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    if (!context || fold->count != 3)
        return;
    context->bound_once = true;
    context->draw = fold->w[1];
    context->read = fold->w[2];
    const struct dc_journal_surface *surface = *find_surface(fold->journal, context->draw);
    if (context->draw && surface && !context->seen_surface) {
        context->seen_surface = true;
        take_first_size(fold, surface);
    }
}

void
dc_fold_image(struct dc_fold *fold)
{
    struct dc_journal *journal = fold->journal;
    struct dc_object *image = dc_objects_find(&journal->images, DC_OBJECT_IMAGE, fold->w[1]);
    if (fold->op == DC_OP_dcImageDestroy) {
        if (image)
            dc_objects_delete(image);
        return;
    }
    if (!image)
        image = dc_objects_make(&journal->images, DC_OBJECT_IMAGE, fold->w[1]);
    struct dc_image_step step = { .kind = DC_IMAGE_PART, .order = journal->order };
    bool ok = image;
    if (image && fold->op == DC_OP_dcImageUpload && fold->count >= 8) {
        step.box = (struct dc_image_box){ 0, 0, (int32_t)fold->w[2], (int32_t)fold->w[3], 0, (int32_t)fold->w[4],
                                          (int32_t)fold->w[5], 1 };
        step.word_count = 6;
        step.has_blob = true;
        step.pixel_bytes = 4;
        step.box_at = 2;
        step.box_axes = 2;
        step.content = dc_fold_blob_content(fold, 6);
        memcpy(step.words, fold->w, 6 * 4);
        ok = dc_image_add(&image->image, &journal->contents, &step);
    } else if (image && fold->op == DC_OP_dcImageCreate && fold->count == 5) {
        step = (struct dc_image_step){ .kind = DC_IMAGE_STORAGE, .order = journal->order, .word_count = 5,
                                       .box = { .width = (int32_t)fold->w[2], .height = (int32_t)fold->w[3], .depth = 1 } };
        memcpy(step.words, fold->w, 5 * 4);
        ok = dc_image_add(&image->image, &journal->contents, &step);
    } else if (image) { // the newest commit
        ok = dc_fold_put(fold, &image->recipe, dc_recipe_key(fold->op, 0, 0));
    }
    if (!ok)
        dc_fold_out_of_memory(fold);
}
