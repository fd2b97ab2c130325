/* Contents that cannot be given back, by name. */
#include "fold.h"

#include <stdio.h>

struct losses {
    void (*each)(void *user, const char *text);
    void *user;
    uint32_t count;
};

static void
name_losses(struct losses *losses, const struct dc_objects *objects, enum dc_object_kind kind, const char *what)
{
    char text[128];
    for (const struct dc_object *o = objects->first[kind]; o; o = o->next) {
        bool quota = dc_store_is_incomplete(&o->store) || dc_image_is_incomplete(&o->image);
        const char *why = o->loss ? o->loss : quota ? "more than the journal may keep" : NULL;
        for (const struct dc_object *source = dc_object_source(o); source && !why; source = dc_object_source(source))
            why = source->loss;
        if (!why)
            continue;
        losses->count++;
        snprintf(text, sizeof text, "%s %u: %s", what, o->name, why);
        if (losses->each)
            losses->each(losses->user, text);
    }
}

uint32_t
dc_journal_each_loss(const struct dc_journal *journal, void (*each)(void *user, const char *text), void *user)
{
    struct losses losses = { each, user, 0 };
    for (const struct dc_group *group = journal->groups; group; group = group->next) {
        name_losses(&losses, &group->objects, DC_OBJECT_TEXTURE, "texture");
        name_losses(&losses, &group->objects, DC_OBJECT_RENDERBUFFER, "renderbuffer");
        name_losses(&losses, &group->objects, DC_OBJECT_BUFFER, "buffer");
    }
    name_losses(&losses, &journal->images, DC_OBJECT_IMAGE, "image");
    return losses.count;
}
