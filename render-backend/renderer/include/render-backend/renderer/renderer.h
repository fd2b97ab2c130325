#ifndef DC_RENDER_BACKEND_RENDERER_RENDERER_H
#define DC_RENDER_BACKEND_RENDERER_RENDERER_H
/*
 * The renderer of one worker: an EGL display on a real driver, one executor thread per ring (decode and execute in ring
 * order), and a compositor thread that turns presents into frames for the encoder.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/frame.h>
#include <common/wire.h>
#include <protocol/link/ring.h>

struct dc_renderer;
struct Dc__Render__Present;

struct dc_renderer_listener {
    /* Required; compositor thread. The frame is valid until its release(), which any thread may call.
     * Returns the frame's id, consecutive in encoding order. */
    uint64_t (*handle_frame)(void *user, struct dc_frame *frame);
    /* Required; compositor thread. Once for each (ring, surface, seq) that a present named. */
    void (*handle_release)(void *user, uint32_t ring_id, uint32_t surface_id, uint64_t seq);
    /* Required; compositor thread, after handle_frame, once for each present in order: everything it names was executed
     * (or a newer present took its place). frame_id 0: no frame was made for it. */
    void (*handle_present_done)(void *user, uint64_t present_id, uint64_t frame_id, int64_t execute_us);
    /* Required; executor thread, or dc_renderer_watch()'s. Malformed stream, quota or hang: the worker must end (one clear
     * log line was written). */
    void (*handle_ring_failed)(void *user, uint32_t ring_id, uint32_t opcode, const char *reason);
    /* Optional; any thread. A driver is called after a time of rest: dc_renderer_watch() is due. */
    void (*handle_active)(void *user);
};

struct dc_renderer_config {
    uint32_t width, height; // of the output; even
    const char *device;     // NULL: first usable; otherwise a name or DRM node that gpu-manager knows
    uint32_t max_width, max_height; // of the output and of each surface and image; 0: the driver's limit
    uint32_t max_rings;             // 0: 64
    const char *results_dir;        // where results of compiles are kept, absolute; NULL: only in memory
    uint32_t draw_timeout_ms;       // for one command, or one frame on the GPU; 0: none
    uint64_t max_bytes;             // of all objects, surfaces and images; 0: no limit
    uint32_t max_objects, max_programs, max_shader_bytes; // of a share group; 0: the default (exec.h)
    bool debug; // log what the driver says (GL_KHR_debug)
};

struct dc_renderer_stats {
    uint64_t commands, batches; // executed, all rings
    uint64_t presents, frames;  // received, composed
};

enum dc_renderer_activity {
    DC_RENDERER_IDLE, // until handle_active() there is nothing to watch
    DC_RENDERER_RUNS,
    DC_RENDERER_HANGS, // handle_ring_failed() was called
};

struct dc_renderer *dc_renderer_create(const struct dc_renderer_config *config,
                                       const struct dc_renderer_listener *listener, void *user);
void dc_renderer_destroy(struct dc_renderer *renderer);
/* Profile of the driver (protocol/gles/profile.h). */
bool dc_renderer_pack_profile(struct dc_renderer *renderer, struct dc_writer *w);
const char *dc_renderer_gpu_name(const struct dc_renderer *renderer);
/* Takes ownership of the fds. 0 or -errno. */
int dc_renderer_attach_ring(struct dc_renderer *renderer, uint32_t ring_id, const struct dc_ring_fds *fds,
                            const char *process);
void dc_renderer_close_ring(struct dc_renderer *renderer, uint32_t ring_id);
/* Any thread. */
void dc_renderer_present(struct dc_renderer *renderer, const struct Dc__Render__Present *present);
void dc_renderer_resize(struct dc_renderer *renderer, uint32_t width, uint32_t height);
/* Makes a frame of what is on screen although nothing is new (a key frame is wanted). */
void dc_renderer_repaint(struct dc_renderer *renderer);
/* Paused: presents are executed, answered and released, but no frames are made. */
void dc_renderer_set_paused(struct dc_renderer *renderer, bool paused);
/* Looks whether the driver comes back: several times per draw_timeout_ms, on a thread that never calls the driver. */
enum dc_renderer_activity dc_renderer_watch(struct dc_renderer *renderer);
/* Of the GPU; empty: it has none. */
const char *dc_renderer_drm_node(const struct dc_renderer *renderer);
bool dc_renderer_is_software(const struct dc_renderer *renderer);
void dc_renderer_get_stats(struct dc_renderer *renderer, struct dc_renderer_stats *stats);

#endif
