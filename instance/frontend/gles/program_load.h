#ifndef DC_FRONTEND_GLES_PROGRAM_LOAD_H
#define DC_FRONTEND_GLES_PROGRAM_LOAD_H
#include "gl.h"

struct dc_context;
struct dc_glsl_object;

/* GL_PROGRAM_BINARY_LENGTH: 0 for a program that did not link. Waits for the link. */
GLint dc_program_load_size(struct dc_context *context, struct dc_glsl_object *program);

#endif
