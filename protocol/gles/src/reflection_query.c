/* Answers of glGetProgram* from a reflection, by the rules of OpenGL ES 3.2, chapter 7. */
#include <protocol/gles/reflection.h>

#include <string.h>

#include <GLES3/gl32.h>

const struct dc_interface *
dc_reflection_interface(const struct dc_reflection *reflection, uint32_t interface)
{
    for (uint32_t i = 0; i < reflection->interface_count; i++)
        if (reflection->interfaces[i].interface == interface)
            return &reflection->interfaces[i];
    return NULL;
}

/* Length of the name without a "[0]" at its end. */
static size_t
base_length(const char *name, size_t length)
{
    return length > 3 && !memcmp(name + length - 3, "[0]", 3) ? length - 3 : length;
}

/* Whether `name` names the array `theirs`: "a" is short for "a[0]", "a[1]" for "a[1][0]". A driver may leave the suffix
 * out, then "a[0]" names "a". */
static bool
names_array(const struct dc_resource *resource, const char *name, size_t length)
{
    const char *theirs = resource->name;
    size_t theirs_length = strlen(theirs), theirs_base = base_length(theirs, theirs_length);
    if (theirs_base != theirs_length)
        return theirs_base == length && !memcmp(theirs, name, length);
    return resource->prop[DC_PROP_ARRAY_SIZE] > 1 && base_length(name, length) == theirs_length &&
           !memcmp(theirs, name, theirs_length);
}

int64_t
dc_reflection_index(const struct dc_interface *interface, const char *name)
{
    size_t length = strlen(name);
    for (uint32_t i = 0; interface && i < interface->count; i++) {
        if (!strcmp(interface->resources[i].name, name) || names_array(&interface->resources[i], name, length))
            return i;
    }
    return -1;
}

/* "a[12]" → 12 and the length of "a"; false if there is no well-formed subscript at the end. */
static bool
split_subscript(const char *name, size_t *length, uint32_t *element)
{
    size_t n = strlen(name), i = n;
    if (n < 4 || name[n - 1] != ']')
        return false;
    uint64_t value = 0, scale = 1;
    for (i = n - 1; i > 0 && name[i - 1] >= '0' && name[i - 1] <= '9'; i--, scale *= 10) {
        if (scale > 1000000000)
            return false;
        value += (uint64_t)(name[i - 1] - '0') * scale;
    }
    if (i < 2 || i == n - 1 || name[i - 1] != '[' || (name[i] == '0' && i != n - 2))
        return false;
    *length = i - 1;
    *element = (uint32_t)value;
    return true;
}

static int32_t
element_location(const struct dc_resource *resource, uint32_t element)
{
    int32_t first = resource->prop[DC_PROP_LOCATION];
    if (first < 0 || element >= (uint32_t)(resource->prop[DC_PROP_ARRAY_SIZE] > 0 ? resource->prop[DC_PROP_ARRAY_SIZE] : 1))
        return -1;
    if (resource->locations)
        return element < resource->location_count ? resource->locations[element] : -1;
    return first + (int32_t)element;
}

int32_t
dc_reflection_location(const struct dc_reflection *reflection, uint32_t interface, const char *name)
{
    const struct dc_interface *list = dc_reflection_interface(reflection, interface);
    int64_t index = dc_reflection_index(list, name);
    if (index >= 0)
        return element_location(&list->resources[index], 0);
    size_t length;
    uint32_t element;
    if (!list || !split_subscript(name, &length, &element))
        return -1;
    for (uint32_t i = 0; i < list->count; i++) {
        const char *theirs = list->resources[i].name;
        size_t n = strlen(theirs), base = base_length(theirs, n);
        if (base == length && !memcmp(theirs, name, length)
            && (n != base || list->resources[i].prop[DC_PROP_ARRAY_SIZE] > 1))
            return element_location(&list->resources[i], element);
    }
    return -1;
}

static int32_t
longest_name(const struct dc_interface *interface)
{
    size_t longest = 0;
    for (uint32_t i = 0; interface && i < interface->count; i++) {
        size_t n = strlen(interface->resources[i].name) + 1;
        longest = n > longest ? n : longest;
    }
    return (int32_t)longest;
}

/* Active attributes are the vertex stage's inputs. */
static const struct dc_interface *
attributes(const struct dc_reflection *reflection)
{
    const struct dc_interface *inputs = dc_reflection_interface(reflection, GL_PROGRAM_INPUT);
    if (!inputs || !inputs->count || !(inputs->resources[0].prop[DC_PROP_REFERENCED_BY] & DC_STAGE_VERTEX))
        return NULL;
    return inputs;
}

uint32_t
dc_reflection_program_value(const struct dc_reflection *reflection, uint32_t pname, int32_t value[3])
{
    const struct dc_interface *uniforms = dc_reflection_interface(reflection, GL_UNIFORM);
    const struct dc_interface *blocks = dc_reflection_interface(reflection, GL_UNIFORM_BLOCK);
    const struct dc_interface *inputs = attributes(reflection);
    switch (pname) {
    case GL_LINK_STATUS:
        value[0] = reflection->linked;
        return 1;
    case GL_VALIDATE_STATUS:
        value[0] = reflection->validated;
        return 1;
    case GL_INFO_LOG_LENGTH:
        value[0] = reflection->log && *reflection->log ? (int32_t)strlen(reflection->log) + 1 : 0;
        return 1;
    case GL_ACTIVE_UNIFORMS:
        value[0] = uniforms ? (int32_t)uniforms->count : 0;
        return 1;
    case GL_ACTIVE_UNIFORM_MAX_LENGTH:
        value[0] = longest_name(uniforms);
        return 1;
    case GL_ACTIVE_ATTRIBUTES:
        value[0] = inputs ? (int32_t)inputs->count : 0;
        return 1;
    case GL_ACTIVE_ATTRIBUTE_MAX_LENGTH:
        value[0] = longest_name(inputs);
        return 1;
    case GL_ACTIVE_UNIFORM_BLOCKS:
        value[0] = blocks ? (int32_t)blocks->count : 0;
        return 1;
    case GL_ACTIVE_UNIFORM_BLOCK_MAX_NAME_LENGTH:
        value[0] = longest_name(blocks);
        return 1;
    }
    for (uint32_t i = 0; i < reflection->value_count; i++) {
        if (reflection->values[i].pname == pname) {
            memcpy(value, reflection->values[i].value, sizeof(reflection->values[i].value));
            return pname == GL_COMPUTE_WORK_GROUP_SIZE ? 3 : 1;
        }
    }
    return 0;
}

bool
dc_reflection_interface_value(const struct dc_reflection *reflection, uint32_t interface, uint32_t pname,
                              int32_t *value)
{
    const struct dc_interface *list = dc_reflection_interface(reflection, interface);
    bool block = interface == GL_UNIFORM_BLOCK || interface == GL_SHADER_STORAGE_BLOCK
                 || interface == GL_ATOMIC_COUNTER_BUFFER;
    switch (pname) {
    case GL_ACTIVE_RESOURCES:
        *value = list ? (int32_t)list->count : 0;
        return true;
    case GL_MAX_NAME_LENGTH:
        *value = longest_name(list);
        return interface != GL_ATOMIC_COUNTER_BUFFER;
    case GL_MAX_NUM_ACTIVE_VARIABLES:
        *value = 0;
        for (uint32_t i = 0; list && i < list->count; i++)
            if ((int32_t)list->resources[i].variable_count > *value)
                *value = (int32_t)list->resources[i].variable_count;
        return block;
    default:
        return false;
    }
}

/* Which interfaces know a property: bits by position below. Table 7.2 of the specification. */
enum { U = 1, UB = 2, IN = 4, OUT = 8, BV = 16, SSB = 32, ACB = 64, XFB = 128 };
static const struct {
    uint16_t pname;
    uint8_t interfaces;
    int8_t prop;      // enum dc_prop, or -1
    uint8_t stage;    // REFERENCED_BY_*: the bit
} properties[] = {
    { GL_TYPE, U | IN | OUT | BV | XFB, DC_PROP_TYPE, 0 },
    { GL_ARRAY_SIZE, U | IN | OUT | BV | XFB, DC_PROP_ARRAY_SIZE, 0 },
    { GL_OFFSET, U | BV, DC_PROP_OFFSET, 0 },
    { GL_BLOCK_INDEX, U | BV, DC_PROP_BLOCK_INDEX, 0 },
    { GL_ARRAY_STRIDE, U | BV, DC_PROP_ARRAY_STRIDE, 0 },
    { GL_MATRIX_STRIDE, U | BV, DC_PROP_MATRIX_STRIDE, 0 },
    { GL_IS_ROW_MAJOR, U | BV, DC_PROP_IS_ROW_MAJOR, 0 },
    { GL_ATOMIC_COUNTER_BUFFER_INDEX, U, DC_PROP_ATOMIC_COUNTER_BUFFER_INDEX, 0 },
    { GL_BUFFER_BINDING, UB | SSB | ACB, DC_PROP_BUFFER_BINDING, 0 },
    { GL_BUFFER_DATA_SIZE, UB | SSB | ACB, DC_PROP_BUFFER_DATA_SIZE, 0 },
    { GL_TOP_LEVEL_ARRAY_SIZE, BV, DC_PROP_TOP_LEVEL_ARRAY_SIZE, 0 },
    { GL_TOP_LEVEL_ARRAY_STRIDE, BV, DC_PROP_TOP_LEVEL_ARRAY_STRIDE, 0 },
    { GL_LOCATION, U | IN | OUT, DC_PROP_LOCATION, 0 },
    { GL_IS_PER_PATCH, IN | OUT, DC_PROP_IS_PER_PATCH, 0 },
    { GL_REFERENCED_BY_VERTEX_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_VERTEX },
    { GL_REFERENCED_BY_TESS_CONTROL_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_TESS_CONTROL },
    { GL_REFERENCED_BY_TESS_EVALUATION_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_TESS_EVALUATION },
    { GL_REFERENCED_BY_GEOMETRY_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_GEOMETRY },
    { GL_REFERENCED_BY_FRAGMENT_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_FRAGMENT },
    { GL_REFERENCED_BY_COMPUTE_SHADER, 127, DC_PROP_REFERENCED_BY, DC_STAGE_COMPUTE },
    { GL_NAME_LENGTH, 255 & ~ACB, -1, 0 },
    { GL_NUM_ACTIVE_VARIABLES, UB | SSB | ACB, -1, 0 },
    { GL_ACTIVE_VARIABLES, UB | SSB | ACB, -1, 0 },
};

static uint8_t
interface_bit(uint32_t interface)
{
    static const uint32_t order[] = { GL_UNIFORM, GL_UNIFORM_BLOCK, GL_PROGRAM_INPUT, GL_PROGRAM_OUTPUT,
                                      GL_BUFFER_VARIABLE, GL_SHADER_STORAGE_BLOCK, GL_ATOMIC_COUNTER_BUFFER,
                                      GL_TRANSFORM_FEEDBACK_VARYING };
    for (unsigned i = 0; i < 8; i++)
        if (order[i] == interface)
            return (uint8_t)(1u << i);
    return 0;
}

int32_t
dc_reflection_resource_value(const struct dc_interface *interface, uint32_t index, uint32_t prop, int32_t *out,
                             uint32_t room)
{
    uint8_t bit = interface_bit(interface->interface);
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (properties[i].pname != prop)
            continue;
        if (!(properties[i].interfaces & bit) || index >= interface->count)
            return -1;
        const struct dc_resource *resource = &interface->resources[index];
        if (!room)
            return 0;
        if (prop == GL_ACTIVE_VARIABLES) {
            uint32_t n = resource->variable_count < room ? resource->variable_count : room;
            if (n)
                memcpy(out, resource->variables, n * sizeof(*out));
            return (int32_t)n;
        }
        if (prop == GL_NAME_LENGTH)
            *out = (int32_t)strlen(resource->name) + 1;
        else if (prop == GL_NUM_ACTIVE_VARIABLES)
            *out = (int32_t)resource->variable_count;
        else if (properties[i].stage)
            *out = (resource->prop[DC_PROP_REFERENCED_BY] & properties[i].stage) != 0;
        else
            *out = resource->prop[properties[i].prop];
        return 1;
    }
    return -1;
}
