#ifndef DC_RENDERER_SURFACE_H
#define DC_RENDERER_SURFACE_H
/*
 * A window or pbuffer of an application: driver pbuffers, of which one is rendered to while finished ones wait for the
 * compositor. It needs no more than four: one being rendered, the newest finished one, the one on screen, and one whose
 * fence the compositor waits for. An application that asks for the age of its buffers (dcSurfaceKeep) gets them back in
 * turn, each with the frame of DC_SURFACE_AGE frames ago, and then the two frames before the newest one are kept as well.
 * The rest are there for other processes that import the surface's images.
 */
#include <protocol/gles/surface_age.h>

#include "renderer_private.h"

#define DC_SURFACE_BUFFERS 8 // made when needed

enum dc_surface_kind { DC_SURFACE_WINDOW = 0, DC_SURFACE_PBUFFER = 1 };

enum dc_buffer_state { DC_BUFFER_FREE, DC_BUFFER_BACK, DC_BUFFER_READY };

struct dc_surface_buffer {
    EGLSurface egl; // executor; whoever counts as a user may read it, under `reading`
    pthread_mutex_t reading; // held while it is bound for reading: EGL binds a surface on one thread only
    uint32_t width, height;
    uint64_t bytes; // in the renderer's ledger
    // protected by renderer->lock
    enum dc_buffer_state state;
    uint32_t users; // holds of the compositor and of importers
    uint64_t seq;
    EGLSync fence; // EGL_NO_SYNC: nothing to wait for. Destroyed when the buffer is rendered to again
    bool finished; // the fence was seen signalled
};

struct dc_surface {
    struct dc_surface *next; // executor->surfaces
    struct dc_renderer *renderer;
    uint64_t serial; // unique in the renderer
    uint32_t id, config; // config: profile id
    enum dc_surface_kind kind;
    bool srgb, multisampled, alpha;
    bool keeps; // executor thread: buffers come back with the frame of DC_SURFACE_AGE frames ago
    uint32_t width, height; // executor thread
    struct dc_surface_buffer *back; // executor thread
    uint32_t refs; // protected by renderer->lock
    bool gone;     // same: destroyed by the application, kept for those who show it
    struct dc_surface_buffer buffers[DC_SURFACE_BUFFERS];
};

/* Executor thread. */
struct dc_surface *dc_surface_find(struct dc_executor *executor, uint32_t id);
void dc_surface_destroy_all(struct dc_executor *executor);
/* Any thread; the last one destroys the driver's surfaces. */
void dc_surface_ref(struct dc_surface *surface);
void dc_surface_unref(struct dc_surface *surface);
/* With renderer->lock held: as unref, but returns the surface if it is to be freed (dc_surface_free, without lock). */
struct dc_surface *dc_surface_unref_locked(struct dc_surface *surface);
void dc_surface_free(struct dc_surface *surface);
/* With renderer->lock held: the finished image that `seq` means: itself, else the next newer one, else (`*late`) the
 * newest older one. NULL: none at all. */
struct dc_surface_buffer *dc_surface_choose_locked(struct dc_surface *surface, uint64_t seq, bool *late);

#endif
