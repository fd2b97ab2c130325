#ifndef DC_FRONTEND_GLES_VALUE_H
#define DC_FRONTEND_GLES_VALUE_H
/* A state value with its own type, and GL's conversions to the type that was asked for. */
#include <stdbool.h>
#include <stdint.h>

#include "gl.h"

#define DC_VALUE_MOST 16

enum dc_value_type {
    DC_VALUE_BOOLEAN,
    DC_VALUE_INT,
    DC_VALUE_FLOAT,
    DC_VALUE_NORMALIZED, // a float that maps [-1, 1] to the whole integer range: colours, depths
};

struct dc_value {
    enum dc_value_type type;
    uint32_t count;
    int64_t i[DC_VALUE_MOST]; // BOOLEAN, INT
    float f[DC_VALUE_MOST];   // FLOAT, NORMALIZED
};

void dc_value_set_int(struct dc_value *value, int64_t i);
void dc_value_set_ints(struct dc_value *value, const GLint *i, uint32_t count);
void dc_value_set_boolean(struct dc_value *value, bool b);
void dc_value_set_floats(struct dc_value *value, enum dc_value_type type, const float *f, uint32_t count);

void dc_value_get_ints(const struct dc_value *value, GLint *out);
void dc_value_get_ints64(const struct dc_value *value, GLint64 *out);
void dc_value_get_floats(const struct dc_value *value, GLfloat *out);
void dc_value_get_booleans(const struct dc_value *value, GLboolean *out);

#endif
