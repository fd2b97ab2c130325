#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "object.h"

#define MAX_STEPS 512 // more are put together, where they are of one kind

static void
destroy_step(struct dc_image_step *step)
{
    dc_content_unref(step->content);
    if (step->ref)
        dc_object_unref(step->ref);
    free(step);
}

void
dc_image_finish(struct dc_image *image)
{
    while (image->first) {
        struct dc_image_step *next = image->first->next;
        destroy_step(image->first);
        image->first = next;
    }
    *image = (struct dc_image){ 0 };
}

static bool
same_level(const struct dc_image_box *a, const struct dc_image_box *b)
{
    return a->target == b->target && a->level == b->level;
}

static bool
contains(const struct dc_image_box *outer, const struct dc_image_box *inner)
{
    return same_level(outer, inner) && outer->x <= inner->x && outer->y <= inner->y && outer->z <= inner->z &&
           outer->x + outer->width >= inner->x + inner->width && outer->y + outer->height >= inner->y + inner->height &&
           outer->z + outer->depth >= inner->z + inner->depth;
}

/* Whether `step` makes `old` needless. */
static bool
replaces(const struct dc_image_step *step, const struct dc_image_step *old)
{
    switch (step->kind) {
    case DC_IMAGE_STORAGE:
    case DC_IMAGE_SHARED:
        return true;
    case DC_IMAGE_WHOLE:
        if (old->kind == DC_IMAGE_SHARED)
            return !old->names_itself; // an image's storage is left; a view has its own for good
        return (old->kind == DC_IMAGE_WHOLE || old->kind == DC_IMAGE_PART) && same_level(&step->box, &old->box);
    case DC_IMAGE_PART:
        return old->kind == DC_IMAGE_PART && contains(&step->box, &old->box);
    case DC_IMAGE_MIPMAP:
        return old->kind == DC_IMAGE_MIPMAP;
    case DC_IMAGE_CLEAR: // a box has layers and faces by number, parts have them by target: they are not compared
        if (old->kind == DC_IMAGE_PART)
            return step->box.width == INT32_MAX && step->box.level == old->box.level;
        return old->kind == DC_IMAGE_CLEAR && contains(&step->box, &old->box);
    }
    return false;
}

static void
drop_replaced(struct dc_image *image, const struct dc_image_step *step)
{
    image->last = NULL;
    for (struct dc_image_step **at = &image->first; *at;) {
        struct dc_image_step *old = *at;
        if (replaces(step, old)) {
            *at = old->next;
            image->count--;
            destroy_step(old);
        } else {
            image->last = old;
            at = &old->next;
        }
    }
}

static bool
append(struct dc_image *image, const struct dc_image_step *step)
{
    struct dc_image_step *copy = malloc(sizeof *copy);
    if (!copy) {
        dc_content_unref(step->content);
        if (step->ref)
            dc_object_unref(step->ref);
        return false;
    }
    *copy = *step;
    copy->next = NULL;
    *(image->last ? &image->last->next : &image->first) = copy;
    image->last = copy;
    image->count++;
    return true;
}

static int32_t
halved(int32_t size, int32_t times)
{
    int32_t half = times < 31 ? size >> times : 0;
    return half ? half : 1;
}

/* The box of the newest step's whole level. false: not known. */
static bool
whole_level(const struct dc_image *image, const struct dc_image_step *newest, struct dc_image_box *whole)
{
    bool found = false;
    for (const struct dc_image_step *step = image->first; step; step = step->next) {
        if (step->kind == DC_IMAGE_WHOLE && same_level(&step->box, &newest->box)) {
            *whole = step->box;
            found = true;
        } else if (step->kind == DC_IMAGE_STORAGE) {
            *whole = newest->box;
            whole->x = whole->y = whole->z = 0;
            whole->width = halved(step->box.width, newest->box.level);
            whole->height = halved(step->box.height, newest->box.level);
            whole->depth = step->box.depth; // of 3D textures at most too much
            found = step->box.target != 0x806f /* GL_TEXTURE_3D */ || !newest->box.level;
        }
    }
    return found;
}

/* Of the same level and format as the newest: what can be put together with it. */
static bool
fits(const struct dc_image_step *step, const struct dc_image_step *newest)
{
    return step->kind == DC_IMAGE_PART && same_level(&step->box, &newest->box) && step->format == newest->format &&
           step->type == newest->type;
}

static void
paint(uint8_t *bytes, const struct dc_image_box *whole, const struct dc_image_step *part, uint32_t pixel_bytes)
{
    const struct dc_image_box *box = &part->box;
    size_t row_bytes = (size_t)box->width * pixel_bytes;
    const uint8_t *from = part->content ? part->content->data : NULL;
    if (!from || box->x < 0 || box->y < 0 || box->z < 0 || box->x + box->width > whole->width ||
        box->y + box->height > whole->height || box->z + box->depth > whole->depth ||
        part->content->size_bytes < row_bytes * (size_t)box->height * (size_t)box->depth)
        return;
    for (int32_t z = 0; z < box->depth; z++) {
        for (int32_t y = 0; y < box->height; y++) {
            size_t row = ((size_t)(box->z + z) * (size_t)whole->height + (size_t)(box->y + y)) * (size_t)whole->width;
            memcpy(bytes + (row + (size_t)box->x) * pixel_bytes, from, row_bytes);
            from += row_bytes;
        }
    }
}

/* The parts of the newest step's level become one, of the whole level: a glyph cache that is filled for hours stays
 * small. */
static bool
put_together(struct dc_image *image, struct dc_contents *contents)
{
    struct dc_image_step whole = *image->last;
    if (!whole.pixel_bytes || !whole_level(image, image->last, &whole.box))
        return true;
    uint64_t size_bytes = (uint64_t)whole.box.width * (uint64_t)whole.box.height * (uint64_t)whole.box.depth *
                          whole.pixel_bytes;
    if (size_bytes > UINT32_MAX)
        return true;
    whole.content = dc_content_copy(contents, NULL, size_bytes);
    uint8_t *bytes = dc_content_own(whole.content);
    if (!bytes) {
        dc_content_unref(whole.content);
        return whole.content;
    }
    const int32_t *box = &whole.box.x; // x, y, z, width, height, depth
    for (uint32_t axis = 0; axis < whole.box_axes; axis++) {
        whole.words[whole.box_at + axis] = (uint32_t)box[axis];
        whole.words[whole.box_at + whole.box_axes + axis] = (uint32_t)box[3 + axis];
    }
    for (const struct dc_image_step *step = image->first; step; step = step->next) {
        bool base = step->kind == DC_IMAGE_WHOLE && same_level(&step->box, &whole.box) && step->format == whole.format &&
                    step->type == whole.type;
        if (base || fits(step, &whole))
            paint(bytes, &whole.box, step, whole.pixel_bytes);
    }
    drop_replaced(image, &whole); // all of them: it contains them
    return append(image, &whole);
}

bool
dc_image_add(struct dc_image *image, struct dc_contents *contents, const struct dc_image_step *step)
{
    drop_replaced(image, step);
    if (!append(image, step))
        return false;
    return image->count % MAX_STEPS || step->kind != DC_IMAGE_PART || put_together(image, contents);
}

bool
dc_image_is_incomplete(const struct dc_image *image)
{
    for (const struct dc_image_step *step = image->first; step; step = step->next) {
        if (step->content && !step->content->data)
            return true;
    }
    return false;
}
