#ifndef DC_JOURNAL_OBJECT_H
#define DC_JOURNAL_OBJECT_H
/*
 * GL objects as the stream made them. One lives as long as its name or anything that refers to it: a texture that was
 * deleted while a framebuffer has it attached is recreated under a name of our own, attached, and deleted.
 */
#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "image.h"
#include "recipe.h"
#include "store.h"

enum dc_object_kind {
    DC_OBJECT_BUFFER,
    DC_OBJECT_TEXTURE,
    DC_OBJECT_RENDERBUFFER,
    DC_OBJECT_SAMPLER,
    DC_OBJECT_GLSL, // shaders and programs share a name space
    DC_OBJECT_FRAMEBUFFER,
    DC_OBJECT_VERTEX_ARRAY,
    DC_OBJECT_QUERY,
    DC_OBJECT_FEEDBACK,
    DC_OBJECT_PIPELINE,
    DC_OBJECT_RANGE, // client arrays that the worker keeps, by slot
    DC_OBJECT_IMAGE, // shared-memory windows, on the supervisor's ring
    DC_OBJECT_EGL_IMAGE,
    DC_OBJECT_KINDS,
};

struct dc_objects;

#define DC_GLSL_MAX_SHADERS 8

/* A shader as it was when something was made of it. */
struct dc_glsl_stage {
    uint32_t type;
    struct dc_content *source; // owned reference; NULL: none
};

struct dc_glsl {
    bool is_program;
    // Shaders
    uint32_t type;
    struct dc_content *source, *compiled; // owned references: the source now, and when it was compiled last
    // Programs
    struct dc_object *attached[DC_GLSL_MAX_SHADERS]; // owned references
    uint32_t attached_count;
    struct dc_glsl_stage linked[DC_GLSL_MAX_SHADERS];
    uint32_t linked_count;
    uint64_t link_order; // 0: never linked
    bool from_source;    // glCreateShaderProgramv
    struct dc_recipe uniforms; // values and block bindings since the last link
};

struct dc_object {
    struct dc_objects *owner;
    struct dc_object *previous, *next; // of this kind, in order of creation
    enum dc_object_kind kind;
    uint32_t name;  // 0: a context's default object
    uint32_t alias; // name in a dump, once deleted
    uint32_t refs;  // the name is one
    bool deleted;        // has no name any more
    bool delete_pending; // shaders and programs: keeps it until nobody uses it
    bool made;           // bound or created, not only generated
    uint32_t target;     // of textures and queries
    const char *loss;    // why its contents cannot be given back; NULL: they can
    struct dc_recipe recipe; // its parameters
    struct dc_store store;   // buffers
    struct dc_image image;   // textures and shared-memory images
    struct dc_glsl *glsl;    // owned; shaders and programs
    bool has_images;         // EGLImages were made of it
    bool dumped;             // of those that have another one's storage: by the dump that goes on
    uint64_t drawn;          // framebuffers: journal's storage generation when its attachments were marked as drawn to
};

/* Names of one share group or context. */
struct dc_objects {
    struct dc_object *first[DC_OBJECT_KINDS], *last[DC_OBJECT_KINDS];
    struct dc_object **slots[DC_OBJECT_KINDS]; // owned, open addressing by name
    uint32_t slot_count[DC_OBJECT_KINDS], used[DC_OBJECT_KINDS];
    uint32_t count;
};

/* Every name goes; what refers to each other was released by the caller. */
void dc_objects_finish(struct dc_objects *objects);
struct dc_object *dc_objects_find(const struct dc_objects *objects, enum dc_object_kind kind, uint32_t name);
/* Finds or adds. Name 0: a nameless one, the caller's reference. NULL: out of memory. */
struct dc_object *dc_objects_make(struct dc_objects *objects, enum dc_object_kind kind, uint32_t name);
/* The name is free again; the object goes when nobody refers to it. */
void dc_objects_delete(struct dc_object *object);

struct dc_object *dc_object_ref(struct dc_object *object);
void dc_object_unref(struct dc_object *object);

static inline uint32_t
dc_object_wire_name(const struct dc_object *object)
{
    return object->deleted ? object->alias : object->name;
}

/* Whose storage the texture or renderbuffer has, or of what the EGLImage was made. NULL: its own, or not known. */
struct dc_object *dc_object_source(const struct dc_object *object);

struct dc_glsl *dc_glsl_create(bool is_program);
void dc_glsl_destroy(struct dc_glsl *glsl);
/* Forgets what was linked. */
void dc_glsl_unlink(struct dc_glsl *glsl);

#endif
