#ifndef DC_RENDERER_COMPOSE_H
#define DC_RENDERER_COMPOSE_H
/* Pixels of a scene: straight out of one image where that is all there is to see, composed by the driver otherwise. All
 * on the compositor's thread, with its context current. */
#include "frame_pool.h"
#include "image.h"
#include "presents.h"
#include "surface.h"

/* A layer with the image that it shows now. Neither surface nor image: nothing to see yet. */
struct dc_compose_layer {
    const struct dc_present_layer *layer;
    struct dc_surface *surface;
    struct dc_surface_buffer *buffer;
    struct dc_image *image;
};

struct dc_compose_texture {
    uint64_t serial, version; // of the surface or image; serial 0: free
    GLuint texture;
    uint32_t width, height;
    bool used; // by the scene being composed
};

struct dc_compose {
    struct dc_renderer *renderer;
    EGLContext context;
    struct dc_surface_buffer *bound; // bound for reading; its lock is held
    bool read_bgra;
    GLuint program, vertices, output_texture, output_fbo, layer_fbo;
    GLint uniform_target, uniform_source, uniform_bgra;
    uint32_t output_width, output_height;
    struct dc_compose_texture textures[DC_PRESENT_MAX_LAYERS];
    uint8_t *scratch; // owned
    size_t scratch_bytes;
};

/* Makes a context and leaves it current. false: logged. */
bool dc_compose_init(struct dc_compose *compose, struct dc_renderer *renderer);
void dc_compose_finish(struct dc_compose *compose);
/* Fills the frame's pixels, planes and kind. false: the driver failed (logged). let_go() must follow. */
bool dc_compose_scene(struct dc_compose *compose, const struct dc_compose_layer *layers, uint32_t count,
                      struct dc_pool_frame *frame);
/* Unbinds the image that scene() may have left bound, so that executors can draw to it again. A call of its own because
 * it flushes, and llvmpipe's flush waits for what another context's rasterizes just then: the finished frame need not. */
void dc_compose_let_go(struct dc_compose *compose);

#endif
