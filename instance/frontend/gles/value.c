#include "value.h"

void
dc_value_set_int(struct dc_value *value, int64_t i)
{
    value->type = DC_VALUE_INT;
    value->count = 1;
    value->i[0] = i;
}

void
dc_value_set_ints(struct dc_value *value, const GLint *i, uint32_t count)
{
    value->type = DC_VALUE_INT;
    value->count = count;
    for (uint32_t k = 0; k < count; k++)
        value->i[k] = i[k];
}

void
dc_value_set_boolean(struct dc_value *value, bool b)
{
    value->type = DC_VALUE_BOOLEAN;
    value->count = 1;
    value->i[0] = b;
}

void
dc_value_set_floats(struct dc_value *value, enum dc_value_type type, const float *f, uint32_t count)
{
    value->type = type;
    value->count = count;
    for (uint32_t k = 0; k < count; k++)
        value->f[k] = f[k];
}

static bool
is_float(const struct dc_value *value)
{
    return value->type == DC_VALUE_FLOAT || value->type == DC_VALUE_NORMALIZED;
}

static int64_t
rounded(float f)
{
    return (int64_t)(f < 0 ? (double)f - 0.5 : (double)f + 0.5);
}

static int64_t
as_int64(const struct dc_value *value, uint32_t k, double range)
{
    if (value->type == DC_VALUE_NORMALIZED)
        return (int64_t)(range * (double)value->f[k]);
    return is_float(value) ? rounded(value->f[k]) : value->i[k];
}

void
dc_value_get_ints(const struct dc_value *value, GLint *out)
{
    for (uint32_t k = 0; k < value->count; k++) {
        int64_t v = as_int64(value, k, 2147483647.0);
        out[k] = v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (GLint)v;
    }
}

void
dc_value_get_ints64(const struct dc_value *value, GLint64 *out)
{
    for (uint32_t k = 0; k < value->count; k++)
        out[k] = as_int64(value, k, 2147483647.0);
}

void
dc_value_get_floats(const struct dc_value *value, GLfloat *out)
{
    for (uint32_t k = 0; k < value->count; k++)
        out[k] = is_float(value) ? value->f[k] : (GLfloat)value->i[k];
}

void
dc_value_get_booleans(const struct dc_value *value, GLboolean *out)
{
    for (uint32_t k = 0; k < value->count; k++)
        out[k] = is_float(value) ? value->f[k] != 0 : value->i[k] != 0;
}
