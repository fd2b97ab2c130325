#ifndef DC_RENDERER_COMPOSE_PRIVATE_H
#define DC_RENDERER_COMPOSE_PRIVATE_H
/* Shared by compose.c (which way a scene goes, reading back) and compose_driver.c (composing with the driver). */
#include "compose.h"

#define DC_COMPOSE_FIXED_ONE 256 // 24.8

/* The finished pbuffer (NULL: none) becomes what framebuffer 0 is. An application's executor may bind it again only
 * after it was let go here. */
bool dc_compose_bind(struct dc_compose *compose, struct dc_surface_buffer *buffer);
void dc_compose_layer_size(const struct dc_compose_layer *layer, uint32_t *width, uint32_t *height);
bool dc_compose_is_unscaled(const struct dc_compose_layer *layer);
bool dc_compose_is_opaque(const struct dc_compose_layer *layer);
/* What is bound for reading, rows from the bottom, into the frame. */
bool dc_compose_read_back(struct dc_compose *compose, struct dc_pool_frame *pooled, bool bgra, bool bottom_up);
/* compose->scratch of at least this size. false: out of memory. */
bool dc_compose_reserve_scratch(struct dc_compose *compose, size_t size_bytes);
bool dc_compose_with_driver(struct dc_compose *compose, const struct dc_compose_layer *layers, uint32_t count,
                            struct dc_pool_frame *pooled);

#endif
