#ifndef DC_FRONTEND_GLES_VERTEX_H
#define DC_FRONTEND_GLES_VERTEX_H
#include <stdbool.h>
#include <stdint.h>

#include "gl.h"

struct dc_context;

/* Keeps the pointer if the driver will. false: the driver has all that already. `*offset`: what to send, client addresses
 * stay here. `index` is an attribute, or an array of GLES 1.1 (enum dc_gles1_array). */
bool dc_vertex_set_pointer(struct dc_context *context, GLuint index, GLint size, GLenum type, bool normalized,
                           bool integer, GLsizei stride, const void *pointer, uint64_t *offset);

#endif
