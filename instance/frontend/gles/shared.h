#ifndef DC_FRONTEND_GLES_SHARED_H
#define DC_FRONTEND_GLES_SHARED_H
/*
 * What the contexts of one share group have in common. `lock` protects writing the name tables and everything behind
 * them; reading names needs none (names.h). Nothing that waits for the worker, and nothing that encodes, is called
 * with the lock held: pushes take it too.
 */
#include <pthread.h>
#include <stdint.h>

#include "names.h"

struct dc_context;
struct dc_process;
struct dc_glsl_object;

struct dc_gles_shared {
    struct dc_process *process;
    uint32_t refs; // atomic, changed under the registry's lock: contexts, and pushes being handled

    pthread_mutex_t lock;
    struct dc_names buffers;       // struct dc_buffer
    struct dc_names textures;      // marks
    struct dc_names renderbuffers; // marks
    struct dc_names samplers;      // marks
    struct dc_names programs;      // struct dc_glsl_object: shaders and programs share a name space
    struct dc_glsl_object *spare;  // protected by lock: deleted ones; their memory stays of that type for late readers
    uint32_t buffer_deletes;       // atomic: an array that was not bound keeps what is deleted, whose name may be another's since
    uint64_t storage_generation;   // atomic: counts changes of what framebuffers may have attached
};

static inline void
dc_gles_storage_changed(struct dc_gles_shared *shared)
{
    __atomic_add_fetch(&shared->storage_generation, 1, __ATOMIC_ACQ_REL);
}

static inline uint32_t
dc_gles_buffer_deletes(const struct dc_gles_shared *shared)
{
    return __atomic_load_n(&shared->buffer_deletes, __ATOMIC_ACQUIRE);
}

/* false: out of memory. `share` may be NULL. */
bool dc_gles_registry_add(struct dc_context *context, struct dc_context *share);
void dc_gles_registry_remove(struct dc_context *context);
/* Calls found(context) with the registry locked; nothing when no such context lives. */
void dc_gles_registry_context(struct dc_process *process, uint32_t context_id,
                              void (*found)(struct dc_context *context, void *user), void *user);
/* The share group that context `context_id` belongs or belonged to as long as the group lives; referenced, give it
 * back with dc_gles_shared_unref(). NULL: unknown. */
struct dc_gles_shared *dc_gles_registry_group(struct dc_process *process, uint32_t context_id);
void dc_gles_shared_unref(struct dc_gles_shared *shared);

static inline void
dc_gles_lock(struct dc_gles_shared *shared)
{
    pthread_mutex_lock(&shared->lock);
}

static inline void
dc_gles_unlock(struct dc_gles_shared *shared)
{
    pthread_mutex_unlock(&shared->lock);
}

#endif
