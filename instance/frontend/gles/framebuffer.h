#ifndef DC_FRONTEND_GLES_FRAMEBUFFER_H
#define DC_FRONTEND_GLES_FRAMEBUFFER_H
/*
 * What is known of a framebuffer object's completeness, so that programs which check it every frame do not wait. It
 * holds as long as no attachment changed, nor the storage of anything in the share group.
 */
#include <stdint.h>

#include "gl.h"

struct dc_framebuffer {
    GLenum status;       // 0: unknown
    uint64_t generation; // of the share group's storage when `status` was asked for
};

#endif
