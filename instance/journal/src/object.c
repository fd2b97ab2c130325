#include "object.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>

static uint32_t
start_of(uint32_t name, uint32_t slot_count)
{
    return name * 0x9e3779b1u & (slot_count - 1);
}

/* Slot of the name, or the free one where it goes. There is a free one. */
static struct dc_object **
slot_of(const struct dc_objects *objects, enum dc_object_kind kind, uint32_t name)
{
    uint32_t count = objects->slot_count[kind], at = start_of(name, count);
    while (objects->slots[kind][at] && objects->slots[kind][at]->name != name)
        at = (at + 1) & (count - 1);
    return &objects->slots[kind][at];
}

struct dc_object *
dc_objects_find(const struct dc_objects *objects, enum dc_object_kind kind, uint32_t name)
{
    return name && objects->slot_count[kind] ? *slot_of(objects, kind, name) : NULL;
}

static bool
grow(struct dc_objects *objects, enum dc_object_kind kind)
{
    uint32_t old_count = objects->slot_count[kind], count = old_count ? old_count * 2 : 16;
    struct dc_object **old = objects->slots[kind], **slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    objects->slots[kind] = slots;
    objects->slot_count[kind] = count;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i])
            *slot_of(objects, kind, old[i]->name) = old[i];
    }
    free(old);
    return true;
}

struct dc_object *
dc_objects_make(struct dc_objects *objects, enum dc_object_kind kind, uint32_t name)
{
    struct dc_object *object = dc_objects_find(objects, kind, name);
    if (object)
        return object;
    if (name && objects->used[kind] * 2 >= objects->slot_count[kind] && !grow(objects, kind))
        return NULL;
    object = calloc(1, sizeof *object);
    if (!object)
        return NULL;
    object->owner = objects;
    object->kind = kind;
    object->name = name;
    object->refs = 1;
    object->previous = objects->last[kind];
    *(objects->last[kind] ? &objects->last[kind]->next : &objects->first[kind]) = object;
    objects->last[kind] = object;
    objects->count++;
    if (name) {
        *slot_of(objects, kind, name) = object;
        objects->used[kind]++;
    }
    return object;
}

/* Takes the name out of the table; what was pushed past it moves up. */
static void
free_name(struct dc_objects *objects, enum dc_object_kind kind, uint32_t name)
{
    uint32_t mask = objects->slot_count[kind] - 1;
    struct dc_object **slots = objects->slots[kind];
    uint32_t hole = (uint32_t)(slot_of(objects, kind, name) - slots);
    for (uint32_t at = (hole + 1) & mask; slots[at]; at = (at + 1) & mask) {
        uint32_t home = start_of(slots[at]->name, mask + 1);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole] = NULL;
    objects->used[kind]--;
}

void
dc_objects_delete(struct dc_object *object)
{
    if (object->deleted || !object->name)
        return;
    free_name(object->owner, object->kind, object->name);
    object->deleted = true;
    dc_object_unref(object);
}

struct dc_object *
dc_object_ref(struct dc_object *object)
{
    object->refs++;
    return object;
}

void
dc_object_unref(struct dc_object *object)
{
    if (--object->refs)
        return;
    struct dc_objects *objects = object->owner;
    *(object->previous ? &object->previous->next : &objects->first[object->kind]) = object->next;
    *(object->next ? &object->next->previous : &objects->last[object->kind]) = object->previous;
    objects->count--;
    dc_recipe_finish(&object->recipe);
    dc_store_finish(&object->store);
    dc_image_finish(&object->image);
    dc_glsl_destroy(object->glsl);
    free(object);
}

/* What an object refers to of its own kind and others, so that whatever order they go in is right. */
static void
forget_refs(struct dc_object *object)
{
    dc_recipe_finish(&object->recipe);
    dc_image_finish(&object->image);
    dc_glsl_destroy(object->glsl);
    object->glsl = NULL;
}

void
dc_objects_finish(struct dc_objects *objects)
{
    for (int kind = 0; kind < DC_OBJECT_KINDS; kind++) {
        for (struct dc_object *o = objects->first[kind]; o; o = o->next)
            o->refs++; // nothing goes while we walk
        for (struct dc_object *o = objects->first[kind]; o; o = o->next)
            forget_refs(o);
    }
    for (int kind = 0; kind < DC_OBJECT_KINDS; kind++) {
        for (struct dc_object *o = objects->first[kind], *next; o; o = next) {
            next = o->next;
            dc_objects_delete(o);
            dc_object_unref(o);
        }
        free(objects->slots[kind]);
        objects->slots[kind] = NULL;
        objects->slot_count[kind] = 0;
    }
}

struct dc_object *
dc_object_source(const struct dc_object *object)
{
    for (const struct dc_image_step *step = object->image.first; step; step = step->next) {
        if (step->kind == DC_IMAGE_SHARED)
            return step->ref;
    }
    uint64_t key = object->kind == DC_OBJECT_EGL_IMAGE     ? dc_recipe_key(DC_OP_dcEglImageCreate, 0, 0)
                   : object->kind == DC_OBJECT_RENDERBUFFER ? dc_recipe_key(DC_OP_RenderbufferStorage, 0, 0)
                                                            : 0;
    const struct dc_recipe_entry *entry = key ? dc_recipe_find(&object->recipe, key) : NULL;
    return entry ? entry->ref : NULL;
}

struct dc_glsl *
dc_glsl_create(bool is_program)
{
    struct dc_glsl *glsl = calloc(1, sizeof *glsl);
    if (glsl)
        glsl->is_program = is_program;
    return glsl;
}

void
dc_glsl_unlink(struct dc_glsl *glsl)
{
    for (uint32_t i = 0; i < glsl->linked_count; i++)
        dc_content_unref(glsl->linked[i].source);
    glsl->linked_count = 0;
    glsl->from_source = false;
    dc_recipe_clear(&glsl->uniforms);
}

void
dc_glsl_destroy(struct dc_glsl *glsl)
{
    if (!glsl)
        return;
    dc_glsl_unlink(glsl);
    dc_recipe_finish(&glsl->uniforms);
    for (uint32_t i = 0; i < glsl->attached_count; i++)
        dc_object_unref(glsl->attached[i]);
    dc_content_unref(glsl->source);
    dc_content_unref(glsl->compiled);
    free(glsl);
}
