#include "shm.h"

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <wayland-server-core.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "surface.h"

static void
upload(struct dc_surface *surface, const uint8_t *pixels, int32_t stride_bytes, const struct dc_rect *wanted)
{
    const struct dc_content *content = &surface->content;
    struct dc_rect rect = { 0, 0, (int32_t)content->width, (int32_t)content->height };
    if (!dc_rect_intersect(&rect, wanted))
        return;
    const uint8_t *first = pixels + (ptrdiff_t)rect.y * stride_bytes + (ptrdiff_t)rect.x * 4;
    surface->display->listener.image_upload(surface->display->user, content->surface_id, (uint32_t)rect.x,
                                            (uint32_t)rect.y, (uint32_t)rect.width, (uint32_t)rect.height, first,
                                            (uint32_t)stride_bytes);
}

static int32_t
scaled(int32_t value, int32_t scale)
{
    int64_t result = (int64_t)value * scale;
    return result > INT32_MAX ? INT32_MAX : result < INT32_MIN ? INT32_MIN : (int32_t)result;
}

/* The damage of this commit in buffer pixels. */
static void
collect_damage(const struct dc_surface *surface, bool everything, struct dc_damage *damage)
{
    const struct dc_surface_state *state = &surface->current;
    bool has_viewport = state->source.width > 0 || state->viewport_width > 0;
    *damage = state->buffer_damage;
    if (everything || (has_viewport && state->damage.count > 0)) {
        damage->rects[0] = (struct dc_rect){ 0, 0, (int32_t)surface->content.width, (int32_t)surface->content.height };
        damage->count = 1;
        return;
    }
    for (uint32_t i = 0; i < state->damage.count; i++) {
        struct dc_rect r = state->damage.rects[i];
        r = (struct dc_rect){ scaled(r.x, state->scale), scaled(r.y, state->scale), scaled(r.width, state->scale),
                              scaled(r.height, state->scale) };
        dc_damage_add(damage, &r);
    }
}

/* An image of the buffer's size and kind; *is_new when it has no pixels yet. */
static bool
ensure_image(struct dc_surface *surface, uint32_t width, uint32_t height, bool has_alpha, bool *is_new)
{
    struct dc_display *display = surface->display;
    struct dc_content *content = &surface->content;
    *is_new = content->kind != DC_CONTENT_SHM || content->width != width || content->height != height ||
              content->has_alpha != has_alpha;
    if (!*is_new)
        return true;
    if (content->kind == DC_CONTENT_SHM)
        dc_shm_image_destroy(display, content);
    *content = (struct dc_content){ .kind = DC_CONTENT_NONE };
    if (width == 0 || height == 0 || width > DC_DISPLAY_MAX_SIZE || height > DC_DISPLAY_MAX_SIZE) {
        dc_warn("shared-memory buffer of %u×%u is not shown: the limit is %u", width, height, DC_DISPLAY_MAX_SIZE);
        return false;
    }
    uint32_t image = display->listener.image_create(display->user, width, height, has_alpha);
    if (!image)
        return false;
    *content = (struct dc_content){
        .kind = DC_CONTENT_SHM,
        .ring_id = display->listener.image_ring(display->user),
        .surface_id = image,
        .width = width,
        .height = height,
        .has_alpha = has_alpha,
    };
    return true;
}

void
dc_shm_image_commit(struct dc_surface *surface, struct wl_resource *buffer)
{
    struct dc_display *display = surface->display;
    struct wl_shm_buffer *shm = wl_shm_buffer_get(buffer);
    int32_t width = wl_shm_buffer_get_width(shm), height = wl_shm_buffer_get_height(shm);
    bool is_new, has_alpha = wl_shm_buffer_get_format(shm) == WL_SHM_FORMAT_ARGB8888;
    if (!ensure_image(surface, (uint32_t)width, (uint32_t)height, has_alpha, &is_new))
        return;
    struct dc_damage damage;
    collect_damage(surface, is_new, &damage);
    if (damage.count == 0)
        return;
    // The client may shrink the pool under us: libwayland turns the SIGBUS into a protocol error.
    wl_shm_buffer_begin_access(shm);
    for (uint32_t i = 0; i < damage.count; i++)
        upload(surface, wl_shm_buffer_get_data(shm), wl_shm_buffer_get_stride(shm), &damage.rects[i]);
    wl_shm_buffer_end_access(shm);
    display->listener.image_commit(display->user, surface->content.surface_id, ++surface->content.seq);
}

void
dc_shm_image_destroy(struct dc_display *display, const struct dc_content *content)
{
    display->listener.image_destroy(display->user, content->surface_id);
}
