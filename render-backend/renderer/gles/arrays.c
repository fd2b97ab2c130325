/*
 * GLES 1.1's vertex arrays. Each has a number (protocol/gles/gles1.h) and is kept like an attribute of GLES 2: no draw may
 * make the driver read client memory, so that those without a buffer are fed from what came with the draw, or switched off.
 */
#include "draws.h"

#include <gles_decode.h>

/* Has calls about texture coordinates go to another unit's than the application's, and back. */
static void
select_unit(struct dc_exec *x, uint32_t unit)
{
    if (unit != x->context->client_unit)
        x->gl->ClientActiveTexture(GL_TEXTURE0 + unit);
}

static void
select_own_unit(struct dc_exec *x, uint32_t from)
{
    if (from != x->context->client_unit)
        x->gl->ClientActiveTexture(GL_TEXTURE0 + x->context->client_unit);
}

static void
switch_fixed(struct dc_exec *x, GLuint index, bool on)
{
    uint32_t unit = index < DC_GLES1_TEXTURE_COORD ? x->context->client_unit : index - DC_GLES1_TEXTURE_COORD;
    select_unit(x, unit);
    if (on)
        x->gl->EnableClientState(dc_gles1_array_name(index));
    else
        x->gl->DisableClientState(dc_gles1_array_name(index));
    select_own_unit(x, unit);
}

void
dc_array_switch(struct dc_exec *x, GLuint index, bool on)
{
    if (x->context->api == DC_API_GLES1)
        switch_fixed(x, index, on);
    else if (on)
        x->gl->EnableVertexAttribArray(index);
    else
        x->gl->DisableVertexAttribArray(index);
}

static void
call_pointer(struct dc_exec *x, GLuint index, GLint size, GLenum type, GLsizei stride, const void *at)
{
    switch (index) {
    case DC_GLES1_VERTEX: x->gl->VertexPointer(size, type, stride, at); break;
    case DC_GLES1_NORMAL: x->gl->NormalPointer(type, stride, at); break;
    case DC_GLES1_COLOR: x->gl->ColorPointer(size, type, stride, at); break;
    case DC_GLES1_POINT_SIZE: x->gl->PointSizePointerOES(type, stride, at); break;
    default: x->gl->TexCoordPointer(size, type, stride, at);
    }
}

void
dc_array_point(struct dc_exec *x, GLuint index, const struct dc_exec_client *client)
{
    const void *at = (const void *)(uintptr_t)client->offset;
    if (x->context->api == DC_API_GLES1) {
        uint32_t unit = index < DC_GLES1_TEXTURE_COORD ? x->context->client_unit : index - DC_GLES1_TEXTURE_COORD;
        // What no such array takes, the driver would not either, and would go on reading where the array was before.
        if (!dc_gles1_array_takes(index, client->size, client->type)) {
            dc_exec_fail(x, 0, "a client array that GLES 1.1 has not");
            return;
        }
        select_unit(x, unit);
        call_pointer(x, index, client->size, client->type, (GLsizei)client->stride, at);
        select_own_unit(x, unit);
    } else if (client->integer) {
        x->gl->VertexAttribIPointer(index, client->size, client->type, (GLsizei)client->stride, at);
    } else {
        x->gl->VertexAttribPointer(index, client->size, client->type, client->normalized, (GLsizei)client->stride, at);
    }
}

/* gl*Pointer of the application: an offset into the buffer that is bound, or the address (which stayed there) of an array in
 * its memory. */
static void
set_pointer(struct dc_exec *x, GLuint index, GLint size, GLenum type, GLsizei stride, uint64_t offset)
{
    struct dc_exec_vao *vao = dc_vertices_current(x->context);
    uint32_t buffer = x->context->array_buffer;
    bool certain = dc_gles1_array_takes(index, size, type) && stride >= 0 && stride <= 2048;
    if (!certain)
        dc_exec_collect_error(x); // what came before
    call_pointer(x, index, size, type, stride, buffer ? (const void *)(uintptr_t)offset : NULL);
    if (!certain && dc_exec_collect_error(x))
        return;
    vao->buffer[index] = buffer;
    vao->sourced = (vao->sourced & ~(1u << index)) | (uint32_t)(buffer != 0) << index;
}

void
dc_exec_VertexPointer(struct dc_exec *x, const struct dc_cmd_VertexPointer *c)
{
    set_pointer(x, DC_GLES1_VERTEX, c->size, c->type, c->stride, c->pointer_offset);
}

void
dc_exec_NormalPointer(struct dc_exec *x, const struct dc_cmd_NormalPointer *c)
{
    set_pointer(x, DC_GLES1_NORMAL, 3, c->type, c->stride, c->pointer_offset);
}

void
dc_exec_ColorPointer(struct dc_exec *x, const struct dc_cmd_ColorPointer *c)
{
    set_pointer(x, DC_GLES1_COLOR, c->size, c->type, c->stride, c->pointer_offset);
}

void
dc_exec_PointSizePointerOES(struct dc_exec *x, const struct dc_cmd_PointSizePointerOES *c)
{
    set_pointer(x, DC_GLES1_POINT_SIZE, 1, c->type, c->stride, c->pointer_offset);
}

void
dc_exec_TexCoordPointer(struct dc_exec *x, const struct dc_cmd_TexCoordPointer *c)
{
    set_pointer(x, DC_GLES1_TEXTURE_COORD + x->context->client_unit, c->size, c->type, c->stride, c->pointer_offset);
}

void
dc_exec_EnableClientState(struct dc_exec *x, const struct dc_cmd_EnableClientState *c)
{
    int index = dc_gles1_array_index(c->array, x->context->client_unit);
    x->gl->EnableClientState(index < 0 ? GL_NONE : c->array); // one that we keep no record of is none
    if (index >= 0)
        dc_vertices_current(x->context)->enabled |= 1u << index;
}

void
dc_exec_DisableClientState(struct dc_exec *x, const struct dc_cmd_DisableClientState *c)
{
    int index = dc_gles1_array_index(c->array, x->context->client_unit);
    x->gl->DisableClientState(index < 0 ? GL_NONE : c->array);
    if (index >= 0)
        dc_vertices_current(x->context)->enabled &= ~(1u << index);
}

void
dc_exec_ClientActiveTexture(struct dc_exec *x, const struct dc_cmd_ClientActiveTexture *c)
{
    GLenum unit = c->texture - GL_TEXTURE0;
    GLint most = 0;
    if (unit < 2) { // every driver has two
        most = 2;
    } else {
        x->gl->GetIntegerv(GL_MAX_TEXTURE_UNITS, &most);
        most = most > (GLint)DC_GLES1_TEXTURE_UNITS ? (GLint)DC_GLES1_TEXTURE_UNITS : most;
    }
    if (most > 0 && unit < (GLenum)most) {
        x->context->client_unit = unit;
        x->gl->ClientActiveTexture(c->texture);
    } else {
        dc_exec_raise(x, GL_INVALID_ENUM);
    }
}
