/* glReadPixels: into a bound buffer, or as tight rows back to the caller. */
#include "objects.h"

#include <string.h>

#include <gles_decode.h>

struct read {
    uint32_t serial;
    GLint x, y;
    GLsizei width, height;
    GLenum format, type;
    bool is_offset;
    uint64_t offset;
    bool bounded;     // ReadnPixels
    GLsizei buf_size; // bytes that the application's memory has
};

static void
call(struct dc_exec *x, const struct read *r, GLsizei width, GLsizei height, void *pixels, GLsizei room)
{
    if (r->bounded)
        x->gl->ReadnPixels(r->x, r->y, width, height, r->format, r->type, room, pixels);
    else
        x->gl->ReadPixels(r->x, r->y, width, height, r->format, r->type, pixels);
}

static void
read_into_buffer(struct dc_exec *x, const struct read *r)
{
    if (!x->context->pixel_pack_buffer) {
        dc_exec_raise(x, GL_INVALID_OPERATION); // an offset into nothing
        return;
    }
    // As with uploads (uploads.c): what cannot be sized is the driver's to refuse.
    struct dc_pixels_layout layout;
    bool sized = dc_pixels_bytes_per_pixel(r->format, r->type) && r->width >= 0 && r->height >= 0;
    bool known = sized && dc_pixels_layout(&layout, &x->context->pack, r->format, r->type, r->width, r->height, 1);
    if (sized && !dc_buffer_holds(x, x->context->pixel_pack_buffer, r->offset, known ? layout.end : UINT64_MAX)) {
        dc_exec_raise(x, GL_INVALID_OPERATION);
        return;
    }
    dc_pixel_store_apply_pack(x, &x->context->pack);
    call(x, r, r->width, r->height, (void *)(uintptr_t)r->offset, r->buf_size);
}

static void
read_to_caller(struct dc_exec *x, const struct read *r)
{
    static const struct dc_pixel_store tight = DC_PIXEL_STORE_TIGHT;
    uint64_t size = dc_pixels_size(r->format, r->type, r->width, r->height, 1);
    bool known = dc_pixels_bytes_per_pixel(r->format, r->type) != 0;
    bool beyond = known && !size && r->width > 0 && r->height > 0; // no number for it
    if (beyond || size > x->quota.read_bytes) {
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        dc_exec_reply(x, DC_REPLY_SYNC, r->serial, NULL, 0);
        return;
    }
    uint8_t *pixels = dc_exec_big(x, size ? (size_t)size : 1);
    if (!pixels)
        return;
    memset(pixels, 0, (size_t)size); // outside the framebuffer nothing is written
    if (x->context->pixel_pack_buffer)
        x->gl->BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    dc_pixel_store_apply_pack(x, &tight);
    dc_exec_collect_error(x);
    // A format that we cannot size is only asked for its error.
    call(x, r, known || r->width < 0 ? r->width : 0, known || r->height < 0 ? r->height : 0, pixels,
         r->buf_size < (GLsizei)size ? r->buf_size : (GLsizei)size);
    bool failed = dc_exec_collect_error(x);
    if (x->context->pixel_pack_buffer)
        x->gl->BindBuffer(GL_PIXEL_PACK_BUFFER, dc_exec_name(x, DC_NAMES_BUFFER, x->context->pixel_pack_buffer));
    dc_exec_reply(x, DC_REPLY_SYNC, r->serial, pixels, failed ? 0 : (size_t)size);
}

void
dc_exec_ReadPixels(struct dc_exec *x, const struct dc_cmd_ReadPixels *c)
{
    struct read r = { c->serial, c->x, c->y, c->width, c->height, c->format, c->type, c->is_offset, c->offset, false, 0 };
    if (r.is_offset)
        read_into_buffer(x, &r);
    else
        read_to_caller(x, &r);
}

/* The frontend names the tight size if what the app's pixel store makes of it fits its bufSize, else 0. */
void
dc_exec_ReadnPixels(struct dc_exec *x, const struct dc_cmd_ReadnPixels *c)
{
    struct read r = { c->serial, c->x,      c->y,         c->width,  c->height, c->format,
                      c->type,   c->is_offset, c->offset, true,      c->bufSize };
    if (r.is_offset)
        read_into_buffer(x, &r);
    else
        read_to_caller(x, &r);
}
