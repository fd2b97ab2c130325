#ifndef DC_RENDERER_EGL_IMAGE_H
#define DC_RENDERER_EGL_IMAGE_H
/* EGLImages of a ring: of its own textures and renderbuffers, and of what other processes' windows showed. */
#include "renderer_private.h"

struct dc_egl_image {
    struct dc_egl_image *next; // executor->egl_images
    uint32_t id;
    EGLImage egl;
};

/* Executor thread. */
void dc_egl_image_destroy_all(struct dc_executor *executor);
/* egl_image_import.c: the picture that `seq` of another ring's window means, as an image of its own with the topmost row
 * first. Waits for it a while; an older one, or black, when it does not come. EGL_NO_IMAGE: the driver makes none. */
EGLImage dc_egl_image_import(struct dc_executor *executor, uint32_t ring_id, uint32_t surface_id, uint64_t seq,
                             bool opaque);

#endif
