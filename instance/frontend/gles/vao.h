#ifndef DC_FRONTEND_GLES_VAO_H
#define DC_FRONTEND_GLES_VAO_H
/*
 * A vertex array object as the application described it, including client pointers, which never leave this process.
 * Attributes and bindings are kept apart as in GLES 3.1 (glVertexAttribPointer sets both).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gl.h"

#define DC_MAX_ATTRIBS 16
#define DC_MAX_BINDINGS 16

struct dc_vertex_attrib {
    GLint size;
    GLenum type;
    bool normalized, integer;
    bool from_client; // pointer is a client address
    GLsizei stride;           // as given to glVertexAttribPointer
    uint32_t relative_offset; // glVertexAttribFormat
    uint32_t binding;
    const void *pointer; // as given: client address, or offset when a buffer was bound
};

struct dc_vertex_binding {
    GLuint buffer; // 0: `pointer` of the attribute is a client address
    int64_t offset;
    GLsizei stride; // effective, never 0 when set through glVertexAttribPointer
    GLuint divisor;
    uint32_t bound_at; // dc_gles_buffer_deletes() at glVertexAttribPointer
};

struct dc_vao {
    GLuint name;
    uint32_t enabled; // a bit per attribute
    uint32_t client;  // a bit per attribute whose binding has no buffer and that has a client pointer
    uint32_t plain;   // a bit per attribute that is as glVertexAttribPointer left it, without doubt in the driver, too
    GLuint element_buffer;
    uint32_t element_bound_at; // dc_gles_buffer_deletes() then
    struct dc_vertex_attrib attribs[DC_MAX_ATTRIBS];
    struct dc_vertex_binding bindings[DC_MAX_BINDINGS];
};

void dc_vao_init(struct dc_vao *vao, GLuint name);
/* Recomputes `client` after attributes, bindings or buffers changed. */
void dc_vao_update(struct dc_vao *vao);
/* Forgets a deleted buffer. */
void dc_vao_detach_buffer(struct dc_vao *vao, GLuint buffer);
#endif
