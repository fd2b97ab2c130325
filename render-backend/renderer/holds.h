#ifndef DC_RENDERER_HOLDS_H
#define DC_RENDERER_HOLDS_H
/* The images on screen: which one each layer of the current scene shows, kept from being rendered to. Compositor thread
 * only; takes renderer->lock by itself. */
#include "image.h"
#include "presents.h"
#include "surface.h"

struct dc_hold {
    uint32_t ring_id, surface_id;
    struct dc_surface *surface; // reference
    struct dc_surface_buffer *buffer, *candidate; // users counted
    struct dc_image *image; // reference
    uint64_t image_seq;
    bool late; // shows an older image than the scene names, or none
};

struct dc_holds {
    struct dc_renderer *renderer;
    struct dc_hold items[DC_PRESENT_MAX_LAYERS]; // as the scene's layers
    uint32_t count;
};

/* Holds for the layers of `scene`: those of surfaces that stay pass over, so that a late one keeps its image. */
void dc_holds_move(struct dc_holds *holds, const struct dc_present *scene);
/* Every layer gets the newest image that it may show. Returns whether some layer is late; `*fence_pending`: because its
 * commands have not finished. */
bool dc_holds_resolve(struct dc_holds *holds, const struct dc_present *scene, bool *fence_pending);
void dc_holds_finish(struct dc_holds *holds);

#endif
