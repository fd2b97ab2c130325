#ifndef DC_RENDERER_COMPOSITOR_H
#define DC_RENDERER_COMPOSITOR_H
/*
 * The thread that turns presents into frames. It holds the images on screen, waits for none that is late, and composes
 * only when something changed.
 */
#include "renderer_private.h"

/* false: logged. */
struct dc_compositor *dc_compositor_create(struct dc_renderer *renderer, uint32_t width, uint32_t height);
/* Stops the thread and lets go of every image. */
void dc_compositor_destroy(struct dc_compositor *compositor);

/* ---- any thread ---- */
void dc_compositor_present(struct dc_compositor *compositor, const struct Dc__Render__Present *present);
void dc_compositor_resize(struct dc_compositor *compositor, uint32_t width, uint32_t height);
void dc_compositor_repaint(struct dc_compositor *compositor);
void dc_compositor_set_paused(struct dc_compositor *compositor, bool paused);
void dc_compositor_get_stats(struct dc_compositor *compositor, uint64_t *presents, uint64_t *frames);
/* A surface has a new finished image, or a ring ended: a scene that waits looks again. */
void dc_compositor_handle_swap(struct dc_compositor *compositor);

#endif
