/* Which contexts and share groups live: how a push finds what it is about. */
#include "shared.h"

#include <stdlib.h>

#include "../core/context.h"
#include "buffer.h"
#include "glsl_object.h"
#include "sync.h"

/* Kept until the group ends: pushes name the context that compiled, which may be gone while another one waits. */
struct entry {
    struct entry *next;
    struct dc_context *context; // NULL when destroyed
    uint32_t id;
    struct dc_gles_shared *shared;
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *contexts;         // protected by registry_lock

static struct dc_gles_shared *
create_group(struct dc_context *context)
{
    struct dc_gles_shared *shared = calloc(1, sizeof *shared);
    if (!shared)
        return 0;
    shared->process = context->process;
    shared->refs = 1;
    pthread_mutex_init(&shared->lock, 0);
    dc_names_init(&shared->buffers);
    dc_names_init(&shared->textures);
    dc_names_init(&shared->renderbuffers);
    dc_names_init(&shared->samplers);
    dc_names_init(&shared->programs);
    return shared;
}

static void
free_buffer(void *user, uint32_t name, void *value)
{
    if ((uintptr_t)value >= DC_NAME_OBJECT)
        dc_buffer_free(value);
}

static void
free_glsl(void *user, uint32_t name, void *value)
{
    if ((uintptr_t)value >= DC_NAME_OBJECT)
        dc_glsl_object_free(value);
}

static void
destroy_group(struct dc_gles_shared *shared)
{
    for (struct entry **at = &contexts; *at;) {
        struct entry *entry = *at;
        if (entry->shared == shared) {
            *at = entry->next;
            free(entry);
        } else {
            at = &entry->next;
        }
    }
    dc_sync_forget(shared);
    dc_names_each(&shared->buffers, free_buffer, 0);
    dc_names_each(&shared->programs, free_glsl, 0);
    while (shared->spare) {
        struct dc_glsl_object *next = shared->spare->next;
        dc_glsl_object_free(shared->spare);
        shared->spare = next;
    }
    dc_names_finish(&shared->buffers);
    dc_names_finish(&shared->textures);
    dc_names_finish(&shared->renderbuffers);
    dc_names_finish(&shared->samplers);
    dc_names_finish(&shared->programs);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

bool
dc_gles_registry_add(struct dc_context *context, struct dc_context *share)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return false;
    pthread_mutex_lock(&registry_lock);
    if (share && share->shared) {
        context->shared = share->shared;
        context->shared->refs++;
    } else {
        context->shared = create_group(context);
    }
    if (context->shared) {
        entry->context = context;
        entry->id = context->id;
        entry->shared = context->shared;
        entry->next = contexts;
        contexts = entry;
    }
    pthread_mutex_unlock(&registry_lock);
    if (!context->shared)
        free(entry);
    return context->shared;
}

void
dc_gles_registry_remove(struct dc_context *context)
{
    pthread_mutex_lock(&registry_lock);
    for (struct entry *entry = contexts; entry; entry = entry->next) {
        if (entry->context == context)
            entry->context = 0;
    }
    pthread_mutex_unlock(&registry_lock);
    if (context->shared)
        dc_gles_shared_unref(context->shared);
    context->shared = 0;
}

void
dc_gles_registry_context(struct dc_process *process, uint32_t context_id,
                         void (*found)(struct dc_context *context, void *user), void *user)
{
    pthread_mutex_lock(&registry_lock);
    for (struct entry *entry = contexts; entry; entry = entry->next) {
        if (entry->context && entry->context->process == process && entry->id == context_id) {
            found(entry->context, user);
            break;
        }
    }
    pthread_mutex_unlock(&registry_lock);
}

struct dc_gles_shared *
dc_gles_registry_group(struct dc_process *process, uint32_t context_id)
{
    pthread_mutex_lock(&registry_lock);
    struct dc_gles_shared *shared = 0;
    for (struct entry *entry = contexts; entry && !shared; entry = entry->next) {
        if (entry->shared->process == process && entry->id == context_id)
            shared = entry->shared;
    }
    if (shared)
        shared->refs++;
    pthread_mutex_unlock(&registry_lock);
    return shared;
}

void
dc_gles_shared_unref(struct dc_gles_shared *shared)
{
    pthread_mutex_lock(&registry_lock);
    if (--shared->refs == 0)
        destroy_group(shared);
    pthread_mutex_unlock(&registry_lock);
}
