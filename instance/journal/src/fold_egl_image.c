/* EGLImages and texture views: objects whose storage is another one's. */
#include "fold.h"

#include <string.h>

#include <gles_opcodes.h>

#define CREATE_KEY dc_recipe_key(DC_OP_dcEglImageCreate, 0, 0)
#define CREATE_WORDS 8u
#define CREATE_NAME 5u  // words of dcEglImageCreate
#define CREATE_LEVEL 6u

static struct dc_object *
make_image(struct dc_fold *fold, uint32_t id)
{
    struct dc_object *image = id ? dc_objects_make(&fold->journal->images, DC_OBJECT_EGL_IMAGE, id) : NULL;
    if (!image)
        dc_fold_out_of_memory(fold);
    return image;
}

static struct dc_object *
find_image(const struct dc_fold *fold, uint32_t id)
{
    return id ? dc_objects_find(&fold->journal->images, DC_OBJECT_EGL_IMAGE, id) : NULL;
}

void
dc_fold_egl_image_create(struct dc_fold *fold) // serial, image, context, target, name, level, zoffset
{
    struct dc_journal_context *context = fold->journal->contexts;
    if (fold->count != CREATE_WORDS)
        return;
    while (context && context->id != fold->w[3])
        context = context->next;
    enum dc_object_kind kind = fold->w[4] == 0x30b9 /* EGL_GL_RENDERBUFFER */ ? DC_OBJECT_RENDERBUFFER : DC_OBJECT_TEXTURE;
    struct dc_object *source =
        context ? dc_objects_find(dc_journal_context_objects(context, kind), kind, fold->w[CREATE_NAME]) : NULL;
    struct dc_object *image = source ? make_image(fold, fold->w[2]) : NULL;
    struct dc_recipe_entry *entry = image ? dc_fold_put(fold, &image->recipe, CREATE_KEY) : NULL;
    if (!entry)
        return;
    dc_recipe_set_ref(entry, source, CREATE_NAME);
    source->has_images = true;
}

void
dc_fold_egl_image_import(struct dc_fold *fold) // image, ring, surface, seq, opaque
{
    struct dc_object *image = make_image(fold, fold->w[1]);
    if (image && dc_fold_put(fold, &image->recipe, CREATE_KEY))
        image->loss = "shows another process's window, as that is by then";
}

void
dc_fold_egl_image_destroy(struct dc_fold *fold)
{
    struct dc_object *image = find_image(fold, fold->w[1]);
    if (image)
        dc_objects_delete(image); // what has its storage keeps it
}

static void
orphan(struct dc_object *image)
{
    dc_recipe_clear(&image->recipe);
    image->loss = "made of storage that its texture has no more";
}

void
dc_fold_orphan_images(struct dc_fold *fold, struct dc_object *object, uint32_t level)
{
    struct dc_object *next;
    for (struct dc_object *image = object->has_images ? fold->journal->images.first[DC_OBJECT_EGL_IMAGE] : NULL; image;
         image = next) {
        const struct dc_recipe_entry *entry = dc_recipe_find(&image->recipe, CREATE_KEY);
        next = image->next;
        if (entry && entry->ref == object && (level == DC_FOLD_ALL_LEVELS || entry->words[CREATE_LEVEL] == level))
            orphan(image);
    }
}

void
dc_fold_forget_group(struct dc_journal *journal, const struct dc_group *group)
{
    for (struct dc_object *image = journal->images.first[DC_OBJECT_EGL_IMAGE]; image; image = image->next) {
        const struct dc_recipe_entry *entry = dc_recipe_find(&image->recipe, CREATE_KEY);
        if (!entry || !entry->ref || entry->ref->owner != &group->objects)
            continue;
        orphan(image);
        image->loss = "made of an object whose contexts are gone";
    }
}

static void
share(struct dc_fold *fold, struct dc_object *texture, struct dc_object *source, uint32_t name_at)
{
    struct dc_image_step step = { .kind = DC_IMAGE_SHARED, .word_count = fold->count, .order = fold->journal->order,
                                  .ref = dc_object_ref(source), .name_at = name_at };
    memcpy(step.words, fold->w, fold->count * 4);
    step.names_itself = fold->op == DC_OP_TextureViewEXT;
    texture->loss = NULL;
    fold->journal->generation++;
    if (!dc_image_add(&texture->image, &fold->journal->contents, &step))
        dc_fold_out_of_memory(fold);
}

/* A driver refuses to give it any other. */
static bool
has_storage_for_good(const struct dc_object *texture)
{
    for (const struct dc_image_step *step = texture->image.first; step; step = step->next) {
        bool mutable = step->kind == DC_IMAGE_SHARED && (step->words[0] & 0xffff) == DC_OP_EGLImageTargetTexture2DOES;
        if (step->kind == DC_IMAGE_STORAGE || (step->kind == DC_IMAGE_SHARED && !mutable))
            return true;
    }
    return false;
}

void
dc_fold_egl_image_texture(struct dc_fold *fold) // target, image, (has_attributes)
{
    struct dc_object *texture = fold->context ? dc_fold_texture(fold, fold->w[1]) : NULL;
    struct dc_object *image = find_image(fold, fold->w[2]);
    if (!texture || !image || fold->count > DC_IMAGE_STEP_WORDS || has_storage_for_good(texture))
        return;
    dc_fold_orphan_images(fold, texture, DC_FOLD_ALL_LEVELS);
    share(fold, texture, image, 2);
}

void
dc_fold_egl_image_renderbuffer(struct dc_fold *fold) // target, image
{
    struct dc_object *renderbuffer = fold->context ? fold->context->renderbuffer : NULL;
    struct dc_object *image = find_image(fold, fold->w[2]);
    if (!renderbuffer || !image)
        return;
    dc_fold_orphan_images(fold, renderbuffer, DC_FOLD_ALL_LEVELS);
    struct dc_recipe_entry *entry =
        dc_fold_put(fold, &renderbuffer->recipe, dc_recipe_key(DC_OP_RenderbufferStorage, 0, 0));
    if (entry)
        dc_recipe_set_ref(entry, image, 2);
    renderbuffer->loss = NULL;
    fold->journal->generation++;
}

void
dc_fold_texture_view(struct dc_fold *fold) // texture, target, original, format, levels and layers
{
    struct dc_object *texture = fold->context ? dc_fold_find(fold, DC_OBJECT_TEXTURE, fold->w[1]) : NULL;
    struct dc_object *original = fold->context ? dc_fold_find(fold, DC_OBJECT_TEXTURE, fold->w[3]) : NULL;
    if (!texture || !original || texture->target || texture == original || fold->count > DC_IMAGE_STEP_WORDS)
        return;
    texture->made = true;
    texture->target = fold->w[2];
    share(fold, texture, original, 3);
}
