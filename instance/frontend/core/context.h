#ifndef DC_FRONTEND_CONTEXT_H
#define DC_FRONTEND_CONTEXT_H
/*
 * An EGL context as both halves of the frontend see it: egl/ creates, binds and destroys it, gles/ encodes into it.
 * A context's encoder and GL state belong to the thread on which it is current.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/gles/encoder.h>
#include "process.h"

struct dc_surface;     // egl/surface.h
struct dc_gles_state;  // gles/state.h
struct dc_gles_shared; // gles/shared.h: what a share group has in common (names, buffers, programs …)

struct dc_context {
    struct dc_encoder encoder; // first, so that the encoder's callbacks can cast back
    struct dc_process *process;
    uint32_t id;                   // chosen by us, unique in the process, never 0
    uint32_t version_major, version_minor; // the highest that the driver makes, whatever was asked for
    bool debug_sync; // gles/debug.c: debug messages are fetched after every call
    bool debug, robust, no_error, lose_on_reset; // as asked for at creation
    struct dc_gles_shared *shared; // ref-counted, gles/
    struct dc_gles_state *gles;    // owned, gles/
    struct dc_surface *draw, *read; // while current; NULL for surfaceless
    uint32_t *batch;               // owned words, DC_BATCH_MAX_BYTES
    bool lost;
    // ---- core/context.c only ----
    uint32_t *oversize;     // owned: where a command goes that no batch can hold; it is dropped
    int64_t batch_start_us; // when the batch got its first room
    bool drawn;             // a batch since the frame began drew something; egl/swap.c resets it
};

/* Fills the encoder and the batch; process and id are set. false: out of memory. */
bool dc_context_init(struct dc_context *context);
void dc_context_finish(struct dc_context *context);
/* Room for `words` of commands that are EGL's and not the application's: they do not begin a frame. */
void dc_context_make_room(struct dc_context *context, size_t words);
/* Whether the application has drawn in the frame so far. */
bool dc_context_has_drawn(struct dc_context *context);
/* The next command, whichever it is, calls refill: how the first command of a frame is seen. */
void dc_context_leave_no_room(struct dc_context *context);

/* Current context of this thread, or NULL. One initial-exec TLS word, read on every GL call. */
extern __thread struct dc_context *dc_current __attribute__((tls_model("initial-exec")));

/* Submits what is encoded so far. */
void dc_context_flush(struct dc_context *context);
/* encode → flush → wait in one: for gles/. */
bool dc_context_call_wait(struct dc_context *context, struct dc_call *call, enum dc_wait_kind kind);

/* ---- implemented by gles/, called by egl/ ---- */
/* share may be NULL. Fills context->shared and context->gles; false when out of memory. */
bool dc_gles_context_init(struct dc_context *context, struct dc_context *share);
void dc_gles_context_finish(struct dc_context *context);
/* After a context became current for the first time: initial viewport and scissor are the draw surface's size. */
void dc_gles_context_first_bind(struct dc_context *context, uint32_t width, uint32_t height);
/* The application's frame ended (swap): lets glGetError in mode auto stop asking the worker. */
void dc_gles_count_frame(struct dc_context *context);
/* Fetches the debug messages that the calls so far caused, and hands them to the application. */
void dc_gles_debug_after(struct dc_context *context);
/* Entry point by name ("glClear"), NULL if we have none. Works without a context. */
void *dc_gles_get_proc(const char *name);
void dc_gles_handle_push(struct dc_process *process, uint32_t type, uint64_t serial, const void *payload,
                         size_t size_bytes);
/* Calls each(user, serial) for every fence of the process that has not signalled (glFenceSync). */
void dc_gles_each_fence(struct dc_process *process, void (*each)(void *user, uint64_t serial), void *user);

/* ---- implemented by egl/, called by gles/ ---- */
/* The application's first command since `context` was bound or its draw surface swapped. May encode (there is room). */
void dc_surface_begin_frame(struct dc_context *context);
/* Size of the current draw or read surface as GL sees it now; false when surfaceless. */
bool dc_surface_get_size(const struct dc_surface *surface, uint32_t *width, uint32_t *height);
/* Unique in the process; 0 for NULL. */
uint32_t dc_surface_get_id(const struct dc_surface *surface);
/* Number of an EGLImage of the current context's display, 0: it is none. */
uint32_t dc_image_get_id(void *handle);

#endif
