#ifndef DC_RENDERER_RENDERER_PRIVATE_H
#define DC_RENDERER_RENDERER_PRIVATE_H
/*
 * What the renderer's files share. Threads: any (the API), one executor per ring, one compositor.
 *
 * renderer->lock protects the lists of executors, surfaces and images, the state of surface buffers, and the reference
 * counts; image->lock an image's pixels. Order: renderer->lock, then image->lock. No driver call is made under either.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <EGL/egl.h>

#include <gles_driver.h>
#include <protocol/gles/profile.h>
#include <protocol/link/ring.h>
#include <render-backend/gpu-manager/gpu.h>
#include <render-backend/renderer/renderer.h>

#include "exec.h"

struct dc_compositor;
struct dc_egl_image;
struct dc_image;
struct dc_results;
struct dc_surface;

struct dc_renderer {
    struct dc_renderer_config config;
    const struct dc_renderer_listener *listener;
    void *user;
    EGLDisplay display;
    struct dc_gpu gpu;
    char gpu_name[128];
    struct dc_gl gl;
    EGLConfig *configs;         // owned; index = profile id - 1
    struct dc_profile profile;  // constant after create
    bool has_flush_control;
    bool has_robustness;
    struct dc_compositor *compositor;
    struct dc_results *results; // of compiles and links
    atomic_uint_fast64_t commands, batches, next_serial;
    struct dc_ledger ledger; // of all rings' objects, surfaces and images
    atomic_bool watched;     // watchdog.c: somebody looks

    pthread_mutex_t lock;
    pthread_cond_t executors_changed;
    // protected by lock
    struct dc_executor *executors;
    uint32_t executor_count;
};

struct dc_watch_time {
    int64_t wall_us, cpu_us; // of the process
};

/* One ring. Created and listed by the API, everything else belongs to its thread, which frees it. */
struct dc_executor {
    struct dc_executor *next; // protected by renderer->lock
    struct dc_renderer *renderer;
    uint32_t ring_id;
    char process[64];
    struct dc_ring ring;
    struct dc_exec exec;
    pthread_t thread;
    uint32_t *words; // owned, DC_BATCH_MAX_BYTES: the batch being executed
    struct dc_surface *surfaces; // changed by the executor under renderer->lock
    struct dc_image *images;     // same
    uint32_t surface_count, image_count;
    struct dc_egl_image *egl_images; // executor thread only
    uint32_t egl_image_count;
    EGLContext eraser; // eraser.c; made when first needed
    // watchdog.c
    atomic_bool busy, waiting;  // in the driver; but waits for somebody else meanwhile
    _Atomic uint32_t entries;   // into the driver; written by the executor's thread
    EGLSync guard;              // executor thread only, as the next three
    enum dc_unguarded { DC_WORK_NONE, DC_WORK_OPEN, DC_WORK_FLUSHED } unguarded; // what no fence is behind
    struct dc_watch_time guard_since;
    int64_t guard_looked_us;
    uint64_t watch_commands;    // protected by renderer->lock, as the next two
    uint32_t watch_entries;
    struct dc_watch_time watch_since; // 0: was not in the driver
};

/* The driver's side of a struct dc_exec_context (its `backend`). */
struct dc_render_context {
    EGLContext egl;
    struct dc_surface *draw, *read; // references; NULL: surfaceless
};

/* executor.c. Takes ownership of the fds, even on failure. 0 or -errno. */
int dc_executor_start(struct dc_renderer *renderer, uint32_t ring_id, const struct dc_ring_fds *fds,
                      const char *process);
static inline struct dc_executor *
dc_executor_of(struct dc_exec *x)
{
    return x->user;
}

/* context.c. Makes `context` (NULL: none) current with its surfaces. false: the driver refused (logged). */
bool dc_context_bind(struct dc_executor *executor, struct dc_exec_context *context);
void dc_context_destroy_all(struct dc_executor *executor);

/* eraser.c. Executor thread; false: logged. Clears a fresh surface, or copies the colours of one to another of the same
 * size and config; what was current is bound again. */
bool dc_eraser_clear(struct dc_executor *executor, EGLSurface surface);
bool dc_eraser_copy(struct dc_executor *executor, EGLSurface from, EGLSurface to, uint32_t width, uint32_t height);
/* Its context with these surfaces, both or none. dc_context_bind() afterwards. */
bool dc_eraser_bind(struct dc_executor *executor, EGLSurface draw, EGLSurface read);
void dc_eraser_finish(struct dc_executor *executor);

/* profile.c. Chooses configs, reads strings and limits; a context is made and destroyed. false: logged. */
bool dc_renderer_read_profile(struct dc_renderer *renderer);

#endif
