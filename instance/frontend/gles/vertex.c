/* Vertex array objects and vertex attributes: shadow, client pointers and the queries about them. */
#include <gles_entry.h>

#include <stdlib.h>

#include <gles_encode.h>
#include <protocol/gles/sizes.h>

#include "error.h"
#include "shared.h"
#include "state.h"
#include "vao.h"
#include "vertex.h"

bool
dc_hook_BindVertexArray(struct dc_context *context, GLuint array)
{
    struct dc_gles_state *s = context->gles;
    if (!array) {
        s->vao = &s->default_vao;
        return true;
    }
    void *value = dc_names_get(&s->vao_names, array);
    if (value == DC_NAME_FREE)
        return true; // INVALID_OPERATION
    if (value == DC_NAME_RESERVED) {
        struct dc_vao *vao = malloc(sizeof *vao);
        if (!vao || !dc_names_set(&s->vao_names, array, vao)) {
            free(vao);
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
        dc_vao_init(vao, array);
        value = vao;
    }
    s->vao = value;
    return true;
}

bool
dc_hook_DeleteVertexArrays(struct dc_context *context, GLsizei n, const GLuint *arrays)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; arrays && i < n; i++) {
        struct dc_vao *vao = arrays[i] ? dc_names_object(&s->vao_names, arrays[i]) : 0;
        if (vao && s->vao == vao)
            s->vao = &s->default_vao;
        if (arrays[i] && dc_names_get(&s->vao_names, arrays[i]) != DC_NAME_FREE)
            dc_names_set(&s->vao_names, arrays[i], DC_NAME_FREE);
        free(vao);
    }
    return true;
}

bool
dc_hook_EnableVertexAttribArray(struct dc_context *context, GLuint index)
{
    struct dc_vao *vao = context->gles->vao;
    if (index >= context->gles->max_attribs)
        return true;
    bool changed = !(vao->enabled >> index & 1);
    vao->enabled |= 1u << index;
    return changed;
}

bool
dc_hook_DisableVertexAttribArray(struct dc_context *context, GLuint index)
{
    struct dc_vao *vao = context->gles->vao;
    if (index >= context->gles->max_attribs)
        return true;
    bool changed = vao->enabled >> index & 1;
    vao->enabled &= ~(1u << index);
    return changed;
}

static bool
is_format(GLint size, GLenum type, bool integer)
{
    if (integer && (type == GL_FLOAT || type == GL_HALF_FLOAT || type == GL_HALF_FLOAT_OES || type == GL_FIXED ||
                    type == GL_INT_2_10_10_10_REV || type == GL_UNSIGNED_INT_2_10_10_10_REV))
        return false;
    return dc_gles_vertex_bytes(size, type) != 0;
}

/* Whether the attribute is in the driver just like that. Client addresses never get there, and may differ. */
static bool
is_same(const struct dc_context *context, GLuint index, const struct dc_vertex_attrib *wanted)
{
    const struct dc_vao *vao = context->gles->vao;
    if (index >= DC_MAX_ATTRIBS || !(vao->plain >> index & 1))
        return false;
    const struct dc_vertex_attrib *a = &vao->attribs[index];
    const struct dc_vertex_binding *b = &vao->bindings[index];
    return a->size == wanted->size && a->type == wanted->type && a->normalized == wanted->normalized &&
           a->integer == wanted->integer && a->from_client == wanted->from_client && a->stride == wanted->stride &&
           b->buffer == context->gles->buffer[DC_BUFFER_ARRAY] &&
           (wanted->from_client ||
            (a->pointer == wanted->pointer && b->bound_at == dc_gles_buffer_deletes(context->shared)));
}

/* Formats that every driver of this version takes. */
static bool
is_certain(const struct dc_context *context, GLenum type)
{
    return context->version_major == 1 || (context->version_major >= 3 && type != GL_HALF_FLOAT_OES);
}

bool
dc_vertex_set_pointer(struct dc_context *context, GLuint index, GLint size, GLenum type, bool normalized, bool integer,
                      GLsizei stride, const void *pointer, uint64_t *offset)
{
    struct dc_gles_state *s = context->gles;
    GLuint buffer = s->buffer[DC_BUFFER_ARRAY];
    bool client = !buffer && s->vao == &s->default_vao;
    const struct dc_vertex_attrib wanted = {
        .size = size, .type = type, .normalized = normalized, .integer = integer, .from_client = client,
        .stride = stride, .binding = index, .pointer = pointer,
    };
    if (is_same(context, index, &wanted)) {
        const void *before = s->vao->attribs[index].pointer;
        s->vao->attribs[index].pointer = pointer;
        if (client && !before != !pointer)
            dc_vao_update(s->vao);
        return false;
    }
    bool good = index < s->max_attribs && is_format(size, type, integer) && stride >= 0 &&
                (!s->gles1 || dc_gles1_array_takes(index, size, type)) &&
                (GLuint)stride <= s->max_stride &&
                (buffer || client || !pointer);
    if (good) {
        struct dc_vao *vao = s->vao;
        vao->attribs[index] = wanted;
        vao->plain = (vao->plain & ~(1u << index)) | (uint32_t)is_certain(context, type) << index;
        vao->bindings[index].buffer = buffer;
        vao->bindings[index].offset = client ? 0 : (int64_t)(uintptr_t)pointer;
        vao->bindings[index].stride = stride ? stride : (GLsizei)dc_gles_vertex_bytes(size, type);
        vao->bindings[index].bound_at = dc_gles_buffer_deletes(context->shared);
        dc_vao_update(vao);
    }
    *offset = client ? 0 : (uint64_t)(uintptr_t)pointer;
    return true;
}

void GL_APIENTRY
dc_gl_VertexAttribPointer(GLuint index, GLint size, GLenum type, GLboolean normalized, GLsizei stride,
                          const void *pointer)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, index, size, type, normalized, false, stride, pointer, &offset))
        dc_enc_VertexAttribPointer(&context->encoder, index, size, type, normalized, stride, offset);
}

void GL_APIENTRY
dc_gl_VertexAttribIPointer(GLuint index, GLint size, GLenum type, GLsizei stride, const void *pointer)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    uint64_t offset;
    if (dc_vertex_set_pointer(context, index, size, type, false, true, stride, pointer, &offset))
        dc_enc_VertexAttribIPointer(&context->encoder, index, size, type, stride, offset);
}

bool
dc_hook_VertexAttribDivisor(struct dc_context *context, GLuint index, GLuint divisor)
{
    struct dc_vao *vao = context->gles->vao;
    if (index < context->gles->max_attribs) {
        vao->attribs[index].binding = index;
        vao->bindings[index].divisor = divisor;
        dc_vao_update(vao);
    }
    return true;
}

/* GLES 3.1's separate formats and bindings are errors while no array object is bound. */
static bool
has_array_object(const struct dc_context *context)
{
    return context->gles->vao != &context->gles->default_vao;
}

static void
set_format(struct dc_context *context, GLuint index, GLint size, GLenum type, bool normalized, bool integer,
           GLuint relative_offset)
{
    struct dc_gles_state *s = context->gles;
    if (index >= s->max_attribs || !is_format(size, type, integer) || !has_array_object(context) ||
        relative_offset > s->max_relative_offset)
        return;
    struct dc_vertex_attrib *attrib = &s->vao->attribs[index];
    attrib->size = size;
    attrib->type = type;
    attrib->normalized = normalized;
    attrib->integer = integer;
    attrib->relative_offset = relative_offset;
    s->vao->plain &= ~(1u << index);
}

bool
dc_hook_VertexAttribFormat(struct dc_context *context, GLuint index, GLint size, GLenum type, GLboolean normalized,
                           GLuint relative_offset)
{
    set_format(context, index, size, type, normalized, false, relative_offset);
    return true;
}

bool
dc_hook_VertexAttribIFormat(struct dc_context *context, GLuint index, GLint size, GLenum type, GLuint relative_offset)
{
    set_format(context, index, size, type, false, true, relative_offset);
    return true;
}

bool
dc_hook_VertexAttribBinding(struct dc_context *context, GLuint index, GLuint binding)
{
    struct dc_gles_state *s = context->gles;
    if (index < s->max_attribs && binding < s->max_bindings && has_array_object(context)) {
        s->vao->attribs[index].binding = binding;
        s->vao->plain &= ~(1u << index);
        dc_vao_update(s->vao);
    }
    return true;
}

bool
dc_hook_VertexBindingDivisor(struct dc_context *context, GLuint binding, GLuint divisor)
{
    struct dc_gles_state *s = context->gles;
    if (binding < s->max_bindings && has_array_object(context))
        s->vao->bindings[binding].divisor = divisor;
    return true;
}

/* ---- queries ---- */

static bool
get_array_state(const struct dc_gles_state *s, GLuint index, GLenum pname, GLint *value)
{
    const struct dc_vertex_attrib *attrib = &s->vao->attribs[index];
    const struct dc_vertex_binding *binding = &s->vao->bindings[attrib->binding];
    switch (pname) {
    case GL_VERTEX_ATTRIB_ARRAY_ENABLED: *value = s->vao->enabled >> index & 1; return true;
    case GL_VERTEX_ATTRIB_ARRAY_SIZE: *value = attrib->size; return true;
    case GL_VERTEX_ATTRIB_ARRAY_STRIDE: *value = attrib->stride; return true;
    case GL_VERTEX_ATTRIB_ARRAY_TYPE: *value = (GLint)attrib->type; return true;
    case GL_VERTEX_ATTRIB_ARRAY_NORMALIZED: *value = attrib->normalized; return true;
    case GL_VERTEX_ATTRIB_ARRAY_BUFFER_BINDING: *value = (GLint)binding->buffer; return true;
    case GL_VERTEX_ATTRIB_ARRAY_INTEGER: *value = attrib->integer; return true;
    case GL_VERTEX_ATTRIB_ARRAY_DIVISOR: *value = (GLint)binding->divisor; return true;
    case GL_VERTEX_ATTRIB_BINDING: *value = (GLint)attrib->binding; return true;
    case GL_VERTEX_ATTRIB_RELATIVE_OFFSET: *value = (GLint)attrib->relative_offset; return true;
    default: return false;
    }
}

/* Current attribute values and what is not a query at all: the worker's driver answers. */
#define ASK_DRIVER(command)                                                                                            \
    do {                                                                                                               \
        struct dc_call call;                                                                                           \
        dc_call_begin(context->process, &call, params, pname == GL_CURRENT_VERTEX_ATTRIB ? 16 : 4);                    \
        dc_enc_##command(&context->encoder, call.serial, index, pname);                                                \
        dc_context_call_wait(context, &call, DC_WAIT_STACK);                                                           \
    } while (0)

void GL_APIENTRY
dc_gl_GetVertexAttribiv(GLuint index, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    if (context && !(index < context->gles->max_attribs && get_array_state(context->gles, index, pname, params)))
        ASK_DRIVER(GetVertexAttribiv);
}

void GL_APIENTRY
dc_gl_GetVertexAttribfv(GLuint index, GLenum pname, GLfloat *params)
{
    struct dc_context *context = dc_current;
    GLint value;
    if (!context)
        return;
    if (index < context->gles->max_attribs && get_array_state(context->gles, index, pname, &value))
        *params = (GLfloat)value;
    else
        ASK_DRIVER(GetVertexAttribfv);
}

void GL_APIENTRY
dc_gl_GetVertexAttribIiv(GLuint index, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    if (context && !(index < context->gles->max_attribs && get_array_state(context->gles, index, pname, params)))
        ASK_DRIVER(GetVertexAttribIiv);
}

void GL_APIENTRY
dc_gl_GetVertexAttribIuiv(GLuint index, GLenum pname, GLuint *params)
{
    struct dc_context *context = dc_current;
    if (context &&
        !(index < context->gles->max_attribs && get_array_state(context->gles, index, pname, (GLint *)params)))
        ASK_DRIVER(GetVertexAttribIuiv);
}

void GL_APIENTRY
dc_gl_GetVertexAttribPointerv(GLuint index, GLenum pname, void **pointer)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (index >= context->gles->max_attribs)
        dc_gles_raise(context, GL_INVALID_VALUE);
    else if (pname != GL_VERTEX_ATTRIB_ARRAY_POINTER)
        dc_gles_raise(context, GL_INVALID_ENUM);
    else
        *pointer = (void *)context->gles->vao->attribs[index].pointer;
}
