#ifndef DC_FRONTEND_EGL_IMAGE_H
#define DC_FRONTEND_EGL_IMAGE_H
/* EGLImage: a number that the worker knows. What it was made of may be deleted or drawn over; the worker keeps it. */
#include <stdint.h>

#include "display.h"

struct dc_egl_image {
    struct dc_display *display;
    struct dc_process *process; // of the display when the image was made
    struct dc_egl_image *next;  // display->images; protected by dc_egl_lock
    uint32_t id;                // unique in the process, never 0
};

/* Forgets an image; its handle is invalid from now on. Lock held. */
void dc_egl_image_unlink(struct dc_egl_image *image);

#endif
