/*
 * Textures, renderbuffers and EGLImages whose storage is another one's, maybe of another share group. They come after all
 * that have their own, each after what it depends on.
 */
#include "dump.h"

#include <gles_encode.h>

struct sharing {
    struct dc_journal_writer *writer;
    const struct dc_journal *journal;
};

static uint32_t
home_of(const struct sharing *sharing, const struct dc_object *object)
{
    const struct dc_journal_context *context = sharing->journal->contexts;
    while (context && &context->group->objects != object->owner)
        context = context->next;
    return context ? context->id : 0;
}

static void dump_object(const struct sharing *sharing, struct dc_object *object);

static void
dump_egl_image(const struct sharing *sharing, struct dc_object *image)
{
    const struct dc_recipe_entry *entry = image->recipe.count ? &image->recipe.entries[0] : NULL;
    struct dc_journal_writer *writer = sharing->writer;
    if (image->dumped || !entry || !entry->word_count)
        return;
    image->dumped = true;
    if (!entry->ref) { // an import
        entry->words[1] = dc_object_wire_name(image);
        dc_journal_writer_put(writer, entry->words, entry->word_count);
        return;
    }
    dump_object(sharing, entry->ref);
    entry->words[1] = 0; // nobody waits for the answer
    entry->words[2] = dc_object_wire_name(image);
    entry->words[3] = home_of(sharing, entry->ref);
    entry->words[entry->name_at] = dc_object_wire_name(entry->ref);
    dc_journal_writer_put(writer, entry->words, entry->word_count);
}

static void
dump_object(const struct sharing *sharing, struct dc_object *object)
{
    struct dc_object *source = dc_object_source(object);
    if (!source || object->dumped)
        return;
    object->dumped = true;
    if (source->kind == DC_OBJECT_EGL_IMAGE)
        dump_egl_image(sharing, source);
    else
        dump_object(sharing, source);
    dc_journal_writer_enter(sharing->writer, home_of(sharing, object));
    if (object->kind == DC_OBJECT_TEXTURE)
        dc_dump_texture(sharing->writer, object);
    else
        dc_dump_renderbuffer(sharing->writer, object);
}

static void
begin(struct dc_object *first)
{
    for (struct dc_object *o = first; o; o = o->next)
        o->dumped = false;
}

void
dc_dump_sharing(struct dc_journal_writer *writer, const struct dc_journal *journal)
{
    static const enum dc_object_kind kinds[] = { DC_OBJECT_TEXTURE, DC_OBJECT_RENDERBUFFER };
    const struct sharing sharing = { writer, journal };
    begin(journal->images.first[DC_OBJECT_EGL_IMAGE]);
    for (const struct dc_group *group = journal->groups; group; group = group->next) {
        begin(group->objects.first[DC_OBJECT_TEXTURE]);
        begin(group->objects.first[DC_OBJECT_RENDERBUFFER]);
    }
    for (const struct dc_group *group = journal->groups; group; group = group->next) {
        for (int i = 0; i < 2; i++) {
            for (struct dc_object *o = group->objects.first[kinds[i]]; o; o = o->next)
                dump_object(&sharing, o);
        }
    }
    // Those that nothing has the storage of yet, and then away with those that have no name any more.
    for (struct dc_object *o = journal->images.first[DC_OBJECT_EGL_IMAGE]; o; o = o->next)
        dump_egl_image(&sharing, o);
    for (const struct dc_object *o = journal->images.first[DC_OBJECT_EGL_IMAGE]; o; o = o->next) {
        if (o->deleted && o->dumped)
            dc_enc_dcEglImageDestroy(&writer->encoder, o->alias);
    }
}
