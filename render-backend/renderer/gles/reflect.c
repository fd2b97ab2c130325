#include "reflect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 1024
#define VARIABLES_MAX 4096

struct dc_interface *
dc_reflect_add_interface(struct dc_reflection *reflection, uint32_t interface, GLint count)
{
    struct dc_resource *resources = count > 0 ? calloc((size_t)count, sizeof(*resources)) : NULL;
    if (!resources)
        return NULL;
    for (GLint i = 0; i < count; i++) {
        int32_t *prop = resources[i].prop;
        prop[DC_PROP_ARRAY_SIZE] = 1;
        prop[DC_PROP_LOCATION] = prop[DC_PROP_BLOCK_INDEX] = prop[DC_PROP_OFFSET] = -1;
        prop[DC_PROP_ARRAY_STRIDE] = prop[DC_PROP_MATRIX_STRIDE] = prop[DC_PROP_ATOMIC_COUNTER_BUFFER_INDEX] = -1;
    }
    struct dc_interface *added = &reflection->interfaces[reflection->interface_count++];
    *added = (struct dc_interface){ interface, resources, (uint32_t)count };
    return added;
}

void
dc_reflect_elements(struct dc_exec *x, uint32_t driver, struct dc_resource *resource)
{
    int32_t size = resource->prop[DC_PROP_ARRAY_SIZE], first = resource->prop[DC_PROP_LOCATION];
    size_t base = strlen(resource->name);
    char name[NAME_MAX_BYTES + 16];
    if (size < 2 || first < 0 || base > NAME_MAX_BYTES)
        return;
    if (base > 3 && !strcmp(resource->name + base - 3, "[0]"))
        base -= 3;
    // Drivers number elements one after the other; if the last one agrees, so do the others.
    snprintf(name, sizeof(name), "%.*s[%d]", (int)base, resource->name, size - 1);
    if (x->gl->GetUniformLocation(driver, name) == first + size - 1)
        return;
    resource->locations = calloc((size_t)size, sizeof(*resource->locations));
    if (!resource->locations)
        return;
    resource->location_count = (uint32_t)size;
    for (int32_t i = 0; i < size; i++) {
        snprintf(name, sizeof(name), "%.*s[%d]", (int)base, resource->name, i);
        resource->locations[i] = x->gl->GetUniformLocation(driver, name);
    }
}

static char *
info_log(void (GL_APIENTRY *get)(GLuint, GLsizei, GLsizei *, GLchar *), GLuint driver, GLint length)
{
    if (length <= 1 || length > (1 << 20))
        return NULL;
    char *log = calloc(1, (size_t)length + 1);
    if (log)
        get(driver, length, NULL, log);
    return log;
}

void
dc_reflect_shader(struct dc_exec *x, uint32_t driver, struct dc_shader_reflection *reflection)
{
    GLint compiled = GL_FALSE, length = 0;
    x->gl->GetShaderiv(driver, GL_COMPILE_STATUS, &compiled);
    x->gl->GetShaderiv(driver, GL_INFO_LOG_LENGTH, &length);
    reflection->compiled = compiled;
    reflection->log = info_log(x->gl->GetShaderInfoLog, driver, length);
}

/* Properties per interface; stages are asked apart, since older contexts lack some. */
#define PROPS_MAX 10
static const struct {
    GLenum interface;
    GLenum pname[PROPS_MAX];
    uint8_t prop[PROPS_MAX];
    int count;
} interfaces[DC_INTERFACE_COUNT] = {
    { GL_UNIFORM,
      { GL_TYPE, GL_ARRAY_SIZE, GL_LOCATION, GL_BLOCK_INDEX, GL_OFFSET, GL_ARRAY_STRIDE, GL_MATRIX_STRIDE,
        GL_IS_ROW_MAJOR, GL_ATOMIC_COUNTER_BUFFER_INDEX },
      { DC_PROP_TYPE, DC_PROP_ARRAY_SIZE, DC_PROP_LOCATION, DC_PROP_BLOCK_INDEX, DC_PROP_OFFSET, DC_PROP_ARRAY_STRIDE,
        DC_PROP_MATRIX_STRIDE, DC_PROP_IS_ROW_MAJOR, DC_PROP_ATOMIC_COUNTER_BUFFER_INDEX },
      9 },
    { GL_UNIFORM_BLOCK,
      { GL_BUFFER_BINDING, GL_BUFFER_DATA_SIZE },
      { DC_PROP_BUFFER_BINDING, DC_PROP_BUFFER_DATA_SIZE },
      2 },
    { GL_PROGRAM_INPUT,
      { GL_TYPE, GL_ARRAY_SIZE, GL_LOCATION },
      { DC_PROP_TYPE, DC_PROP_ARRAY_SIZE, DC_PROP_LOCATION },
      3 },
    { GL_PROGRAM_OUTPUT,
      { GL_TYPE, GL_ARRAY_SIZE, GL_LOCATION },
      { DC_PROP_TYPE, DC_PROP_ARRAY_SIZE, DC_PROP_LOCATION },
      3 },
    { GL_BUFFER_VARIABLE,
      { GL_TYPE, GL_ARRAY_SIZE, GL_BLOCK_INDEX, GL_OFFSET, GL_ARRAY_STRIDE, GL_MATRIX_STRIDE, GL_IS_ROW_MAJOR,
        GL_TOP_LEVEL_ARRAY_SIZE, GL_TOP_LEVEL_ARRAY_STRIDE },
      { DC_PROP_TYPE, DC_PROP_ARRAY_SIZE, DC_PROP_BLOCK_INDEX, DC_PROP_OFFSET, DC_PROP_ARRAY_STRIDE,
        DC_PROP_MATRIX_STRIDE, DC_PROP_IS_ROW_MAJOR, DC_PROP_TOP_LEVEL_ARRAY_SIZE, DC_PROP_TOP_LEVEL_ARRAY_STRIDE },
      9 },
    { GL_SHADER_STORAGE_BLOCK,
      { GL_BUFFER_BINDING, GL_BUFFER_DATA_SIZE },
      { DC_PROP_BUFFER_BINDING, DC_PROP_BUFFER_DATA_SIZE },
      2 },
    { GL_ATOMIC_COUNTER_BUFFER,
      { GL_BUFFER_BINDING, GL_BUFFER_DATA_SIZE },
      { DC_PROP_BUFFER_BINDING, DC_PROP_BUFFER_DATA_SIZE },
      2 },
    { GL_TRANSFORM_FEEDBACK_VARYING, { GL_TYPE, GL_ARRAY_SIZE }, { DC_PROP_TYPE, DC_PROP_ARRAY_SIZE }, 2 },
};

static void
stages_of(struct dc_exec *x, GLuint driver, GLenum interface, GLuint index, struct dc_resource *resource)
{
    static const GLenum stages[] = { GL_REFERENCED_BY_VERTEX_SHADER, GL_REFERENCED_BY_FRAGMENT_SHADER,
                                     GL_REFERENCED_BY_COMPUTE_SHADER, GL_REFERENCED_BY_TESS_CONTROL_SHADER,
                                     GL_REFERENCED_BY_TESS_EVALUATION_SHADER, GL_REFERENCED_BY_GEOMETRY_SHADER };
    static const int32_t bits[] = { DC_STAGE_VERTEX, DC_STAGE_FRAGMENT, DC_STAGE_COMPUTE, DC_STAGE_TESS_CONTROL,
                                    DC_STAGE_TESS_EVALUATION, DC_STAGE_GEOMETRY };
    GLint value[6] = { 0 };
    GLsizei count = x->context->version >= 32 ? 6 : 3;
    x->gl->GetProgramResourceiv(driver, interface, index, count, stages, count, NULL, value);
    for (GLsizei i = 0; i < count; i++)
        resource->prop[DC_PROP_REFERENCED_BY] |= value[i] ? bits[i] : 0;
}

static void
variables_of(struct dc_exec *x, GLuint driver, GLenum interface, GLuint index, struct dc_resource *resource)
{
    const GLenum count_prop = GL_NUM_ACTIVE_VARIABLES, list_prop = GL_ACTIVE_VARIABLES;
    GLint count = 0;
    x->gl->GetProgramResourceiv(driver, interface, index, 1, &count_prop, 1, NULL, &count);
    if (count <= 0 || count > VARIABLES_MAX)
        return;
    resource->variables = calloc((size_t)count, sizeof(*resource->variables));
    if (!resource->variables)
        return;
    resource->variable_count = (uint32_t)count;
    x->gl->GetProgramResourceiv(driver, interface, index, 1, &list_prop, count, NULL, (GLint *)resource->variables);
}

static void
resource_of(struct dc_exec *x, GLuint driver, size_t which, GLuint index, struct dc_resource *resource)
{
    GLenum interface = interfaces[which].interface;
    GLint value[PROPS_MAX] = { 0 };
    GLsizei count = interfaces[which].count;
    char name[NAME_MAX_BYTES] = "";
    bool block = interface == GL_UNIFORM_BLOCK || interface == GL_SHADER_STORAGE_BLOCK
                 || interface == GL_ATOMIC_COUNTER_BUFFER;
    if (interface != GL_ATOMIC_COUNTER_BUFFER)
        x->gl->GetProgramResourceName(driver, interface, index, sizeof(name), NULL, name);
    resource->name = strdup(name);
    x->gl->GetProgramResourceiv(driver, interface, index, count, interfaces[which].pname, count, NULL, value);
    for (GLsizei i = 0; i < count; i++)
        resource->prop[interfaces[which].prop[i]] = value[i];
    if (interface != GL_TRANSFORM_FEEDBACK_VARYING)
        stages_of(x, driver, interface, index, resource);
    if (block)
        variables_of(x, driver, interface, index, resource);
    if (interface == GL_UNIFORM && resource->name)
        dc_reflect_elements(x, driver, resource);
    if (x->context->version >= 32 && (interface == GL_PROGRAM_INPUT || interface == GL_PROGRAM_OUTPUT)) {
        const GLenum patch = GL_IS_PER_PATCH;
        x->gl->GetProgramResourceiv(driver, interface, index, 1, &patch, 1, NULL, &resource->prop[DC_PROP_IS_PER_PATCH]);
    }
}

/* Mesa 22.3 follows a null pointer when it is asked for these after a link that failed at its varyings. */
static bool
is_varying_value(GLenum pname)
{
    return pname == GL_TRANSFORM_FEEDBACK_VARYINGS || pname == GL_TRANSFORM_FEEDBACK_VARYING_MAX_LENGTH;
}

static void
values_of(struct dc_exec *x, GLuint driver, struct dc_reflection *reflection)
{
    static const struct { GLenum pname; uint32_t version; } pnames[] = {
        { GL_TRANSFORM_FEEDBACK_BUFFER_MODE, 30 }, { GL_TRANSFORM_FEEDBACK_VARYINGS, 30 },
        { GL_TRANSFORM_FEEDBACK_VARYING_MAX_LENGTH, 30 }, { GL_PROGRAM_BINARY_RETRIEVABLE_HINT, 30 },
        { GL_PROGRAM_SEPARABLE, 31 }, { GL_ACTIVE_ATOMIC_COUNTER_BUFFERS, 31 },
    };
    for (size_t i = 0; i < sizeof(pnames) / sizeof(pnames[0]); i++) {
        if (x->context->version < pnames[i].version)
            continue;
        GLint value = 0;
        if (reflection->linked || !is_varying_value(pnames[i].pname))
            x->gl->GetProgramiv(driver, pnames[i].pname, &value);
        reflection->values[reflection->value_count].pname = pnames[i].pname;
        reflection->values[reflection->value_count++].value[0] = value;
    }
}

/* Values that exist only when a program has the stage: asking otherwise would raise an error. */
static void
stage_values_of(struct dc_exec *x, GLuint driver, struct dc_reflection *reflection, int32_t stages)
{
    static const struct { GLenum pname; int32_t stage; } pnames[] = {
        { GL_COMPUTE_WORK_GROUP_SIZE, DC_STAGE_COMPUTE }, { GL_GEOMETRY_VERTICES_OUT, DC_STAGE_GEOMETRY },
        { GL_GEOMETRY_INPUT_TYPE, DC_STAGE_GEOMETRY }, { GL_GEOMETRY_OUTPUT_TYPE, DC_STAGE_GEOMETRY },
        { GL_GEOMETRY_SHADER_INVOCATIONS, DC_STAGE_GEOMETRY }, { GL_TESS_CONTROL_OUTPUT_VERTICES, DC_STAGE_TESS_CONTROL },
        { GL_TESS_GEN_MODE, DC_STAGE_TESS_EVALUATION }, { GL_TESS_GEN_SPACING, DC_STAGE_TESS_EVALUATION },
        { GL_TESS_GEN_VERTEX_ORDER, DC_STAGE_TESS_EVALUATION }, { GL_TESS_GEN_POINT_MODE, DC_STAGE_TESS_EVALUATION },
    };
    for (size_t i = 0; i < sizeof(pnames) / sizeof(pnames[0]); i++) {
        if (!(stages & pnames[i].stage))
            continue;
        GLint value[3] = { 0 };
        x->gl->GetProgramiv(driver, pnames[i].pname, value);
        reflection->values[reflection->value_count].pname = pnames[i].pname;
        memcpy(reflection->values[reflection->value_count++].value, value, sizeof(value));
    }
}

static int32_t
attached_stages(struct dc_exec *x, GLuint driver)
{
    GLuint shaders[16];
    GLsizei count = 0;
    int32_t stages = 0;
    x->gl->GetAttachedShaders(driver, 16, &count, shaders);
    for (GLsizei i = 0; i < count; i++) {
        GLint type = 0;
        x->gl->GetShaderiv(shaders[i], GL_SHADER_TYPE, &type);
        stages |= type == GL_COMPUTE_SHADER ? DC_STAGE_COMPUTE : type == GL_GEOMETRY_SHADER ? DC_STAGE_GEOMETRY
                  : type == GL_TESS_CONTROL_SHADER ? DC_STAGE_TESS_CONTROL
                  : type == GL_TESS_EVALUATION_SHADER ? DC_STAGE_TESS_EVALUATION : 0;
    }
    return stages;
}

void
dc_reflect_program(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection)
{
    GLint linked = GL_FALSE, validated = GL_FALSE, length = 0;
    x->gl->GetProgramiv(driver, GL_LINK_STATUS, &linked);
    x->gl->GetProgramiv(driver, GL_VALIDATE_STATUS, &validated);
    x->gl->GetProgramiv(driver, GL_INFO_LOG_LENGTH, &length);
    reflection->linked = linked;
    reflection->validated = validated;
    reflection->log = info_log(x->gl->GetProgramInfoLog, driver, length);
    values_of(x, driver, reflection);
    if (!linked)
        return;
    if (x->context->version < 31) {
        dc_reflect_legacy(x, driver, reflection);
        return;
    }
    stage_values_of(x, driver, reflection, attached_stages(x, driver));
    for (size_t i = 0; i < DC_INTERFACE_COUNT; i++) {
        GLint count = 0;
        x->gl->GetProgramInterfaceiv(driver, interfaces[i].interface, GL_ACTIVE_RESOURCES, &count);
        struct dc_interface *added = dc_reflect_add_interface(reflection, interfaces[i].interface, count);
        for (uint32_t k = 0; added && k < added->count; k++)
            resource_of(x, driver, i, k, &added->resources[k]);
    }
}
