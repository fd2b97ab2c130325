/* Reflection through the queries of ES 2.0 and 3.0. */
#include "reflect.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 1024

typedef void (GL_APIENTRY *get_active)(GLuint, GLuint, GLsizei, GLsizei *, GLint *, GLenum *, GLchar *);

static void
active(get_active get, uint32_t driver, GLuint index, struct dc_resource *resource)
{
    char name[NAME_MAX_BYTES] = "";
    GLint size = 1;
    GLenum type = 0;
    get(driver, index, sizeof(name), NULL, &size, &type, name);
    resource->name = strdup(name);
    resource->prop[DC_PROP_ARRAY_SIZE] = size;
    resource->prop[DC_PROP_TYPE] = (int32_t)type;
}

/* Members of uniform blocks, ES 3.0. */
static void
uniform_layout(struct dc_exec *x, uint32_t driver, GLuint index, struct dc_resource *resource)
{
    static const struct { GLenum pname; enum dc_prop prop; } layout[] = {
        { GL_UNIFORM_BLOCK_INDEX, DC_PROP_BLOCK_INDEX }, { GL_UNIFORM_OFFSET, DC_PROP_OFFSET },
        { GL_UNIFORM_ARRAY_STRIDE, DC_PROP_ARRAY_STRIDE }, { GL_UNIFORM_MATRIX_STRIDE, DC_PROP_MATRIX_STRIDE },
        { GL_UNIFORM_IS_ROW_MAJOR, DC_PROP_IS_ROW_MAJOR },
    };
    for (size_t i = 0; i < sizeof(layout) / sizeof(layout[0]); i++)
        x->gl->GetActiveUniformsiv(driver, 1, &index, layout[i].pname, &resource->prop[layout[i].prop]);
}

static void
uniforms(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection)
{
    GLint count = 0;
    x->gl->GetProgramiv(driver, GL_ACTIVE_UNIFORMS, &count);
    struct dc_interface *added = dc_reflect_add_interface(reflection, GL_UNIFORM, count);
    for (uint32_t i = 0; added && i < added->count; i++) {
        struct dc_resource *resource = &added->resources[i];
        active((get_active)x->gl->GetActiveUniform, driver, i, resource);
        if (!resource->name)
            continue;
        resource->prop[DC_PROP_REFERENCED_BY] = DC_STAGE_VERTEX | DC_STAGE_FRAGMENT;
        if (x->context->version >= 30)
            uniform_layout(x, driver, i, resource);
        resource->prop[DC_PROP_LOCATION] = x->gl->GetUniformLocation(driver, resource->name);
        dc_reflect_elements(x, driver, resource);
    }
}

static void
attributes(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection)
{
    GLint count = 0;
    x->gl->GetProgramiv(driver, GL_ACTIVE_ATTRIBUTES, &count);
    struct dc_interface *added = dc_reflect_add_interface(reflection, GL_PROGRAM_INPUT, count);
    for (uint32_t i = 0; added && i < added->count; i++) {
        struct dc_resource *resource = &added->resources[i];
        active((get_active)x->gl->GetActiveAttrib, driver, i, resource);
        resource->prop[DC_PROP_REFERENCED_BY] = DC_STAGE_VERTEX;
        if (resource->name)
            resource->prop[DC_PROP_LOCATION] = x->gl->GetAttribLocation(driver, resource->name);
    }
}

static void
block(struct dc_exec *x, uint32_t driver, GLuint index, struct dc_resource *resource)
{
    char name[NAME_MAX_BYTES] = "";
    GLint members = 0, vertex = 0, fragment = 0;
    x->gl->GetActiveUniformBlockName(driver, index, sizeof(name), NULL, name);
    resource->name = strdup(name);
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_BINDING, &resource->prop[DC_PROP_BUFFER_BINDING]);
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_DATA_SIZE, &resource->prop[DC_PROP_BUFFER_DATA_SIZE]);
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_REFERENCED_BY_VERTEX_SHADER, &vertex);
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_REFERENCED_BY_FRAGMENT_SHADER, &fragment);
    resource->prop[DC_PROP_REFERENCED_BY] = (vertex ? DC_STAGE_VERTEX : 0) | (fragment ? DC_STAGE_FRAGMENT : 0);
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_ACTIVE_UNIFORMS, &members);
    resource->variables = members > 0 && members <= 4096 ? calloc((size_t)members, sizeof(uint32_t)) : NULL;
    if (!resource->variables)
        return;
    resource->variable_count = (uint32_t)members;
    x->gl->GetActiveUniformBlockiv(driver, index, GL_UNIFORM_BLOCK_ACTIVE_UNIFORM_INDICES,
                                   (GLint *)resource->variables);
}

static void
varyings(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection)
{
    GLint count = 0;
    x->gl->GetProgramiv(driver, GL_TRANSFORM_FEEDBACK_VARYINGS, &count);
    struct dc_interface *added = dc_reflect_add_interface(reflection, GL_TRANSFORM_FEEDBACK_VARYING, count);
    for (uint32_t i = 0; added && i < added->count; i++)
        active((get_active)x->gl->GetTransformFeedbackVarying, driver, i, &added->resources[i]);
}

void
dc_reflect_legacy(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection)
{
    uniforms(x, driver, reflection);
    attributes(x, driver, reflection);
    if (x->context->version < 30)
        return;
    GLint count = 0;
    x->gl->GetProgramiv(driver, GL_ACTIVE_UNIFORM_BLOCKS, &count);
    struct dc_interface *added = dc_reflect_add_interface(reflection, GL_UNIFORM_BLOCK, count);
    for (uint32_t i = 0; added && i < added->count; i++)
        block(x, driver, i, &added->resources[i]);
    varyings(x, driver, reflection);
}
