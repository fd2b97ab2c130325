/* glReadPixels: into a buffer it goes on without waiting, into client memory it is the application's wait. */
#include <gles_entry.h>

#include <gles_encode.h>

#include "buffer.h"
#include "error.h"
#include "shared.h"
#include "state.h"

struct readback {
    GLint x, y;
    GLsizei width, height;
    GLenum format, type;
    bool bounded; // glReadnPixels
    GLsizei buffer_bytes;
};

static void
encode(struct dc_context *context, const struct readback *r, uint32_t serial, bool is_offset, uint64_t offset)
{
    if (r->bounded)
        dc_enc_ReadnPixels(&context->encoder, serial, r->x, r->y, r->width, r->height, r->format, r->type,
                           r->buffer_bytes, is_offset, offset);
    else
        dc_enc_ReadPixels(&context->encoder, serial, r->x, r->y, r->width, r->height, r->format, r->type, is_offset,
                          offset);
}

static void
invalidate_shadow(struct dc_context *context, GLuint name)
{
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    if (buffer)
        buffer->shadow_valid = buffer->undefined = false;
    dc_gles_unlock(context->shared);
}

static void
read_pixels(struct dc_context *context, const struct readback *r, void *pixels)
{
    struct dc_gles_state *s = context->gles;
    GLuint pack_buffer = s->buffer[DC_BUFFER_PIXEL_PACK];
    if (dc_buffer_refuse_mapped(context, pack_buffer))
        return;
    if (pack_buffer) {
        invalidate_shadow(context, pack_buffer);
        encode(context, r, 0, true, (uint64_t)(uintptr_t)pixels);
        return;
    }
    struct dc_pixels_layout layout;
    uint64_t size = 0;
    if (pixels && r->width > 0 && r->height > 0 &&
        dc_pixels_layout(&layout, &s->pack, r->format, r->type, r->width, r->height, 1))
        size = dc_pixels_size(r->format, r->type, r->width, r->height, 1);
    bool fits = !r->bounded || (r->buffer_bytes >= 0 && size && layout.end <= (uint64_t)r->buffer_bytes);
    struct readback asked = *r;
    if (size && r->buffer_bytes >= 0) // the answer is tight; what does not fit is the driver's error
        asked.buffer_bytes = fits ? (GLsizei)(size < INT32_MAX ? size : INT32_MAX) : 0;
    bool direct = size && fits && dc_pixels_is_tight(&layout, r->height, 1);
    uint8_t *tight = size && fits ? direct ? (uint8_t *)pixels + layout.offset : dc_gles_scratch(s, size) : 0;
    if (size && fits && !tight) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return;
    }
    struct dc_call call;
    dc_call_begin(context->process, &call, tight, tight ? size : 0);
    encode(context, &asked, call.serial, false, 0);
    if (dc_context_call_wait(context, &call, DC_WAIT_APP) && tight && !direct && call.got_bytes == size)
        dc_pixels_unpack(pixels, tight, &layout, r->height, 1);
}

void GL_APIENTRY
dc_gl_ReadPixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void *pixels)
{
    if (dc_current)
        read_pixels(dc_current, &(struct readback){ x, y, width, height, format, type, false, 0 }, pixels);
}

void GL_APIENTRY
dc_gl_ReadnPixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, GLsizei buf_size,
                  void *data)
{
    if (dc_current)
        read_pixels(dc_current, &(struct readback){ x, y, width, height, format, type, true, buf_size }, data);
}
