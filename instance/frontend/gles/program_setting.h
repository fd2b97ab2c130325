#ifndef DC_FRONTEND_GLES_PROGRAM_SETTING_H
#define DC_FRONTEND_GLES_PROGRAM_SETTING_H
#include <stdbool.h>
#include <stddef.h>

#include "gl.h"

struct dc_context;
struct dc_link_setting;

/* Whether GL takes it; what it refuses with an error decides no link. */
bool dc_program_setting_is_good(const struct dc_context *context, const struct dc_link_setting *setting);
/* glTransformFeedbackVaryings of so many terminated names in a row. */
void dc_program_set_varyings(struct dc_context *context, GLuint program, GLenum mode, GLsizei count, const char *names,
                             size_t size_bytes);

#endif
