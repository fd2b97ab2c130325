#ifndef DC_FRONTEND_GLES_GET_H
#define DC_FRONTEND_GLES_GET_H
#include <stdbool.h>

#include "gl.h"

struct dc_context;
struct dc_value;

/* State that we know ourselves; false: ask the driver. */
bool dc_gles_get_state(struct dc_context *context, GLenum pname, struct dc_value *value);
/* Limits and names from the profile and from the context's version. */
bool dc_gles_get_limit(struct dc_context *context, GLenum pname, struct dc_value *value);
bool dc_gles_get_indexed(struct dc_context *context, GLenum target, GLuint index, struct dc_value *value);
/* Number of extensions in GL_EXTENSIONS. */
int dc_gles_count_extensions(struct dc_context *context);

#endif
