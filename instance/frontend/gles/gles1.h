#ifndef DC_FRONTEND_GLES_GLES1_H
#define DC_FRONTEND_GLES_GLES1_H
/*
 * What a context of GLES 1.1 remembers beyond what all contexts do, so that a program that asks for it in each frame does
 * not wait. Its vertex arrays are attributes of the array object (enum dc_gles1_array). Lights, materials, fog and texture
 * environments are not kept: whoever asks for them waits. Current thread only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "gl.h"

#define DC_GLES1_STACK_MOST 64

struct dc_context;
struct dc_value;

struct dc_matrix {
    GLfloat m[16]; // column by column
};

struct dc_matrix_stack {
    struct dc_matrix *matrices; // owned, `limit`
    uint32_t top, limit;
};

struct dc_gles1_state {
    uint64_t caps; // those of no texture unit, by dc_gles1's own numbers
    uint8_t unit_caps[DC_GLES1_TEXTURE_UNITS];
    GLenum matrix_mode;
    struct dc_matrix_stack modelview, projection, texture[DC_GLES1_TEXTURE_UNITS];
    GLfloat color[4], normal[3], texture_coord[DC_GLES1_TEXTURE_UNITS][4];
    GLuint client_unit; // glClientActiveTexture
    GLuint texture_units; // the driver's, and not more than we keep
};

/* Makes context->gles->gles1. false: out of memory. */
bool dc_gles1_create(struct dc_context *context);
void dc_gles1_destroy(struct dc_gles1_state *state);

/* An enable that GLES 1.1 alone has. false: it is none of those. `*changes`: the driver has to be told. */
bool dc_gles1_set_cap(struct dc_context *context, GLenum cap, bool on, bool *changes);
/* One that GLES 1.1 and 2 have. */
bool dc_gles1_is_common_cap(GLenum cap);
/* The same; false also for what we do not know, or all contexts have. */
bool dc_gles1_is_enabled(struct dc_context *context, GLenum cap, bool *on);

/* State and limits; false: ask the driver. */
bool dc_gles1_get(struct dc_context *context, GLenum pname, struct dc_value *value);
static inline bool
dc_gles1_is_matrix(GLenum pname)
{
    return pname == GL_MODELVIEW_MATRIX || pname == GL_PROJECTION_MATRIX || pname == GL_TEXTURE_MATRIX;
}
/* Whether the driver has to be told. */
bool dc_gles1_set_client_state(struct dc_context *context, GLenum array, bool on);
bool dc_gles1_get_array(struct dc_context *context, GLenum pname, struct dc_value *value);
void dc_gles1_get_pointer(struct dc_context *context, GLenum pname, void **params);

/* The stack that matrix commands go to now; NULL: the driver has an error for them. */
struct dc_matrix_stack *dc_gles1_matrix_stack(struct dc_context *context);
void dc_matrix_set_identity(struct dc_matrix *matrix);

static inline GLfloat
dc_gles1_from_fixed(GLfixed value)
{
    return (GLfloat)value / 65536.0f;
}

#endif
