#include "compose_private.h"

#include <stdlib.h>
#include <string.h>

#include <GLES2/gl2ext.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "paint.h"

/* The finished pbuffer (NULL: none) becomes what framebuffer 0 is. An application's executor may bind it again only
 * after it was let go here. */
bool
dc_compose_bind(struct dc_compose *compose, struct dc_surface_buffer *buffer)
{
    EGLSurface egl = buffer ? buffer->egl : EGL_NO_SURFACE;
    if (buffer)
        pthread_mutex_lock(&buffer->reading);
    if (!eglMakeCurrent(compose->renderer->display, egl, egl, compose->context)) {
        dc_error("compositor: an image cannot be read: EGL error 0x%04x", (unsigned)eglGetError());
        if (buffer)
            pthread_mutex_unlock(&buffer->reading);
        return false;
    }
    if (compose->bound)
        pthread_mutex_unlock(&compose->bound->reading);
    compose->bound = buffer;
    if (buffer) {
        compose->renderer->gl.BindFramebuffer(GL_FRAMEBUFFER, 0);
        compose->renderer->gl.ReadBuffer(GL_BACK);
    }
    return true;
}

void
dc_compose_layer_size(const struct dc_compose_layer *layer, uint32_t *width, uint32_t *height)
{
    *width = layer->buffer ? layer->buffer->width : layer->image ? layer->image->width : 0;
    *height = layer->buffer ? layer->buffer->height : layer->image ? layer->image->height : 0;
}

bool
dc_compose_is_unscaled(const struct dc_compose_layer *layer)
{
    const struct dc_present_layer *l = layer->layer;
    uint32_t width, height;
    dc_compose_layer_size(layer, &width, &height);
    return l->width == width && l->height == height && l->src_x == 0 && l->src_y == 0 &&
           (l->src_width == 0 ||
            (l->src_width == width * DC_COMPOSE_FIXED_ONE && l->src_height == height * DC_COMPOSE_FIXED_ONE));
}

bool
dc_compose_is_opaque(const struct dc_compose_layer *layer)
{
    return layer->layer->opaque || (layer->surface && !layer->surface->alpha) || (layer->image && !layer->image->alpha);
}

static bool
covers(const struct dc_present_layer *l, const struct dc_frame *frame)
{
    return l->x <= 0 && l->y <= 0 && (int64_t)l->x + l->width >= frame->width &&
           (int64_t)l->y + l->height >= frame->height;
}

bool
dc_compose_reserve_scratch(struct dc_compose *compose, size_t size_bytes)
{
    if (compose->scratch_bytes < size_bytes) {
        free(compose->scratch);
        compose->scratch = malloc(size_bytes);
        compose->scratch_bytes = compose->scratch ? size_bytes : 0;
    }
    return compose->scratch != NULL;
}

static void
set_planes(struct dc_pool_frame *pooled, enum dc_frame_kind kind, bool bottom_up)
{
    struct dc_frame *frame = &pooled->frame;
    int32_t stride = (int32_t)frame->width * 4;
    frame->kind = kind;
    frame->planes[0] = pooled->data + (bottom_up ? (size_t)(frame->height - 1) * (size_t)stride : 0);
    frame->strides[0] = bottom_up ? -stride : stride;
}

static bool
check_error(struct dc_compose *compose, const char *what)
{
    GLenum error = compose->renderer->gl.GetError();
    if (error == GL_NO_ERROR)
        return true;
    dc_error("compositor: %s: GL error 0x%04x", what, error);
    return false;
}

/* What is bound for reading, rows from the bottom. */
bool
dc_compose_read_back(struct dc_compose *compose, struct dc_pool_frame *pooled, bool bgra, bool bottom_up)
{
    const struct dc_frame *frame = &pooled->frame;
    compose->renderer->gl.ReadPixels(0, 0, (GLsizei)frame->width, (GLsizei)frame->height, bgra ? GL_BGRA_EXT : GL_RGBA,
                                     GL_UNSIGNED_BYTE, pooled->data);
    set_planes(pooled, bgra ? DC_FRAME_CPU_BGRX : DC_FRAME_CPU_RGBX, bottom_up);
    return check_error(compose, "read back");
}

static bool
direct_surface(struct dc_compose *compose, const struct dc_compose_layer *layer, struct dc_pool_frame *pooled)
{
    return dc_compose_bind(compose, layer->buffer) &&
           dc_compose_read_back(compose, pooled, compose->read_bgra, layer->layer->y_inverted);
}

static bool
direct_image(const struct dc_compose_layer *layer, struct dc_pool_frame *pooled)
{
    struct dc_image *image = layer->image;
    pthread_mutex_lock(&image->lock);
    memcpy(pooled->data, image->pixels, (size_t)image->width * image->height * 4);
    pthread_mutex_unlock(&image->lock);
    set_planes(pooled, DC_FRAME_CPU_BGRX, layer->layer->y_inverted);
    return true;
}

/* A layer over what the frame already has. */
static bool
paint_layer(struct dc_compose *compose, const struct dc_compose_layer *layer, struct dc_pool_frame *pooled)
{
    const struct dc_present_layer *l = layer->layer;
    struct dc_paint_source source = { .bottom_up = l->y_inverted, .opaque = dc_compose_is_opaque(layer) };
    bool ok = true;
    dc_compose_layer_size(layer, &source.width, &source.height);
    if (layer->image) {
        pthread_mutex_lock(&layer->image->lock);
        source.pixels = layer->image->pixels;
        dc_paint(&pooled->frame, l->x, l->y, &source);
        pthread_mutex_unlock(&layer->image->lock);
    } else if (layer->buffer && dc_compose_reserve_scratch(compose, (size_t)source.width * source.height * 4)) {
        ok = dc_compose_bind(compose, layer->buffer);
        if (ok)
            compose->renderer->gl.ReadPixels(0, 0, (GLsizei)source.width, (GLsizei)source.height, GL_BGRA_EXT,
                                             GL_UNSIGNED_BYTE, compose->scratch);
        dc_compose_bind(compose, NULL);
        source.pixels = compose->scratch;
        if (ok)
            dc_paint(&pooled->frame, l->x, l->y, &source);
    }
    return ok;
}

static bool
fills_frame(const struct dc_compose_layer *layer, const struct dc_frame *frame)
{
    const struct dc_present_layer *l = layer->layer;
    return (layer->buffer || layer->image) && dc_compose_is_unscaled(layer) && l->x == 0 && l->y == 0 &&
           l->width == frame->width && l->height == frame->height;
}

/* Above a picture that fills the frame, unscaled layers of together no more than its size: reading them back and
 * painting costs less than composing and reading back. */
static bool
is_paintable(const struct dc_compose *compose, const struct dc_compose_layer *layers, uint32_t count,
             const struct dc_frame *frame)
{
    uint64_t pixels = 0;
    if (!count || !fills_frame(&layers[0], frame) || !compose->read_bgra)
        return false;
    for (uint32_t i = 1; i < count; i++) {
        if ((layers[i].buffer || layers[i].image) && !dc_compose_is_unscaled(&layers[i]))
            return false;
        pixels += (uint64_t)layers[i].layer->width * layers[i].layer->height;
    }
    return pixels <= (uint64_t)frame->width * frame->height;
}

bool
dc_compose_scene(struct dc_compose *compose, const struct dc_compose_layer *layers, uint32_t count,
                 struct dc_pool_frame *pooled)
{
    const struct dc_frame *frame = &pooled->frame;
    uint32_t first = 0;
    for (uint32_t i = 0; i < count; i++) {
        if ((layers[i].buffer || layers[i].image) && dc_compose_is_opaque(&layers[i]) && covers(layers[i].layer, frame))
            first = i; // hides everything below
    }
    layers += first;
    count -= first;
    // Premultiplied colours over black are what they are, so the lowest layer's alpha does not matter.
    bool alone = count == 1 && fills_frame(&layers[0], frame);
    if (!alone && !is_paintable(compose, layers, count, frame))
        return dc_compose_with_driver(compose, layers, count, pooled);
    bool ok = layers[0].image ? direct_image(&layers[0], pooled) : direct_surface(compose, &layers[0], pooled);
    if (count > 1)
        dc_compose_let_go(compose); // never two at once: an executor may hold the other one and want this
    for (uint32_t i = 1; i < count && ok; i++)
        ok = paint_layer(compose, &layers[i], pooled);
    return ok;
}

void
dc_compose_let_go(struct dc_compose *compose)
{
    if (compose->bound)
        dc_compose_bind(compose, NULL);
}
