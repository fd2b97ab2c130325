/* GLES 1.1's vertex arrays: attributes of the array object, by the numbers of enum dc_gles1_array. */
#include "gles1.h"

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "state.h"
#include "value.h"
#include "vertex.h"

bool
dc_gles1_set_client_state(struct dc_context *context, GLenum array, bool on)
{
    int index = dc_gles1_array_index(array, context->gles->gles1->client_unit);
    struct dc_vao *vao = context->gles->vao;
    if (index < 0)
        return true;
    bool changes = (vao->enabled >> index & 1) != on;
    vao->enabled = (vao->enabled & ~(1u << index)) | (uint32_t)on << index;
    return changes;
}

bool
dc_hook_EnableClientState(struct dc_context *context, GLenum array)
{
    return dc_gles1_set_client_state(context, array, true);
}

bool
dc_hook_DisableClientState(struct dc_context *context, GLenum array)
{
    return dc_gles1_set_client_state(context, array, false);
}

bool
dc_hook_ClientActiveTexture(struct dc_context *context, GLenum texture)
{
    struct dc_gles1_state *state = context->gles->gles1;
    GLuint unit = texture - GL_TEXTURE0;
    if (unit >= state->texture_units)
        return true;
    bool changes = unit != state->client_unit;
    state->client_unit = unit;
    return changes;
}

void GL_APIENTRY
dc_gl_VertexPointer(GLint size, GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, DC_GLES1_VERTEX, size, type, false, false, stride, pointer, &offset))
        dc_enc_VertexPointer(&context->encoder, size, type, stride, offset);
}

void GL_APIENTRY
dc_gl_NormalPointer(GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, DC_GLES1_NORMAL, 3, type, true, false, stride, pointer, &offset))
        dc_enc_NormalPointer(&context->encoder, type, stride, offset);
}

void GL_APIENTRY
dc_gl_ColorPointer(GLint size, GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, DC_GLES1_COLOR, size, type, true, false, stride, pointer, &offset))
        dc_enc_ColorPointer(&context->encoder, size, type, stride, offset);
}

void GL_APIENTRY
dc_gl_TexCoordPointer(GLint size, GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    GLuint index = DC_GLES1_TEXTURE_COORD + context->gles->gles1->client_unit;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, index, size, type, false, false, stride, pointer, &offset))
        dc_enc_TexCoordPointer(&context->encoder, size, type, stride, offset);
}

void GL_APIENTRY
dc_gl_PointSizePointerOES(GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, DC_GLES1_POINT_SIZE, 1, type, false, false, stride, pointer, &offset))
        dc_enc_PointSizePointerOES(&context->encoder, type, stride, offset);
}

/* ---- queries ---- */

enum part { SIZE, TYPE, STRIDE, BUFFER, POINTER };

/* Array and part of it that a name stands for. false: none. */
static bool
find_part(const struct dc_context *context, GLenum pname, uint32_t *index, enum part *part)
{
    static const struct {
        uint16_t pname;
        uint8_t index, part;
    } parts[] = {
        { GL_VERTEX_ARRAY_SIZE, DC_GLES1_VERTEX, SIZE }, { GL_VERTEX_ARRAY_TYPE, DC_GLES1_VERTEX, TYPE },
        { GL_VERTEX_ARRAY_STRIDE, DC_GLES1_VERTEX, STRIDE }, { GL_VERTEX_ARRAY_BUFFER_BINDING, DC_GLES1_VERTEX, BUFFER },
        { GL_VERTEX_ARRAY_POINTER, DC_GLES1_VERTEX, POINTER }, { GL_NORMAL_ARRAY_TYPE, DC_GLES1_NORMAL, TYPE },
        { GL_NORMAL_ARRAY_STRIDE, DC_GLES1_NORMAL, STRIDE }, { GL_NORMAL_ARRAY_BUFFER_BINDING, DC_GLES1_NORMAL, BUFFER },
        { GL_NORMAL_ARRAY_POINTER, DC_GLES1_NORMAL, POINTER }, { GL_COLOR_ARRAY_SIZE, DC_GLES1_COLOR, SIZE },
        { GL_COLOR_ARRAY_TYPE, DC_GLES1_COLOR, TYPE }, { GL_COLOR_ARRAY_STRIDE, DC_GLES1_COLOR, STRIDE },
        { GL_COLOR_ARRAY_BUFFER_BINDING, DC_GLES1_COLOR, BUFFER }, { GL_COLOR_ARRAY_POINTER, DC_GLES1_COLOR, POINTER },
        { GL_POINT_SIZE_ARRAY_TYPE_OES, DC_GLES1_POINT_SIZE, TYPE },
        { GL_POINT_SIZE_ARRAY_STRIDE_OES, DC_GLES1_POINT_SIZE, STRIDE },
        { GL_POINT_SIZE_ARRAY_BUFFER_BINDING_OES, DC_GLES1_POINT_SIZE, BUFFER },
        { GL_POINT_SIZE_ARRAY_POINTER_OES, DC_GLES1_POINT_SIZE, POINTER },
        { GL_TEXTURE_COORD_ARRAY_SIZE, DC_GLES1_TEXTURE_COORD, SIZE },
        { GL_TEXTURE_COORD_ARRAY_TYPE, DC_GLES1_TEXTURE_COORD, TYPE },
        { GL_TEXTURE_COORD_ARRAY_STRIDE, DC_GLES1_TEXTURE_COORD, STRIDE },
        { GL_TEXTURE_COORD_ARRAY_BUFFER_BINDING, DC_GLES1_TEXTURE_COORD, BUFFER },
        { GL_TEXTURE_COORD_ARRAY_POINTER, DC_GLES1_TEXTURE_COORD, POINTER },
    };
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].pname != pname)
            continue;
        *index = parts[i].index + (parts[i].index == DC_GLES1_TEXTURE_COORD ? context->gles->gles1->client_unit : 0);
        *part = parts[i].part;
        return true;
    }
    return false;
}

bool
dc_gles1_get_array(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    uint32_t index;
    enum part part;
    if (!find_part(context, pname, &index, &part) || part == POINTER)
        return false;
    const struct dc_vao *vao = context->gles->vao;
    const struct dc_vertex_attrib *attrib = &vao->attribs[index];
    switch (part) {
    case SIZE: dc_value_set_int(value, attrib->size); break;
    case TYPE: dc_value_set_int(value, attrib->type); break;
    case STRIDE: dc_value_set_int(value, attrib->stride); break;
    default: dc_value_set_int(value, vao->bindings[index].buffer); break;
    }
    return true;
}

void
dc_gles1_get_pointer(struct dc_context *context, GLenum pname, void **params)
{
    uint32_t index;
    enum part part;
    if (find_part(context, pname, &index, &part) && part == POINTER)
        *params = (void *)context->gles->vao->attribs[index].pointer;
    else
        dc_gles_raise(context, GL_INVALID_ENUM);
}
