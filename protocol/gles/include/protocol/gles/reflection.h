#ifndef DC_PROTOCOL_GLES_REFLECTION_H
#define DC_PROTOCOL_GLES_REFLECTION_H
/*
 * What the worker pushes after a compile or a link, so that no program query ever waits.
 *
 * DC_REPLY_SHADER and DC_REPLY_PROGRAM: serial = object name | context id << 32 (the context that compiled or linked;
 * names belong to its share group). Payload, little-endian:
 *
 *   shader:  u32 compiled, string log
 *   program: u32 linked, u32 validated, string log, values, interfaces
 *     values:     u32 count, each { u32 pname, i32 value[3] }    glGetProgramiv's that are not derived from the lists
 *     interfaces: u32 count, each { u32 interface, u32 count, resources }
 *     resource:   string name, i32 prop[DC_PROP_COUNT], u32 count, u32 variables[count], u32 count, i32 locations[count]
 *
 * Interfaces: GL_UNIFORM, GL_UNIFORM_BLOCK, GL_PROGRAM_INPUT, GL_PROGRAM_OUTPUT, GL_BUFFER_VARIABLE,
 * GL_SHADER_STORAGE_BLOCK, GL_ATOMIC_COUNTER_BUFFER, GL_TRANSFORM_FEEDBACK_VARYING. Order is the driver's, so indices are the
 * driver's (glUniformBlockBinding takes them as they are). Active attributes are PROGRAM_INPUT of programs with a vertex
 * stage. `variables` of a block index its interface's variables. `locations` of an array uniform: of each element, only
 * when they are not location + i.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dc_prop {
    DC_PROP_TYPE,
    DC_PROP_ARRAY_SIZE,
    DC_PROP_LOCATION, // -1: none
    DC_PROP_BLOCK_INDEX,
    DC_PROP_OFFSET,
    DC_PROP_ARRAY_STRIDE,
    DC_PROP_MATRIX_STRIDE,
    DC_PROP_IS_ROW_MAJOR,
    DC_PROP_ATOMIC_COUNTER_BUFFER_INDEX,
    DC_PROP_TOP_LEVEL_ARRAY_SIZE,
    DC_PROP_TOP_LEVEL_ARRAY_STRIDE,
    DC_PROP_BUFFER_BINDING,   // blocks: at link; glUniformBlockBinding changes the frontend's copy
    DC_PROP_BUFFER_DATA_SIZE, // blocks
    DC_PROP_REFERENCED_BY,    // bits, enum dc_stage_bit
    DC_PROP_IS_PER_PATCH,
    DC_PROP_COUNT,
};

enum dc_stage_bit {
    DC_STAGE_VERTEX = 1, DC_STAGE_TESS_CONTROL = 2, DC_STAGE_TESS_EVALUATION = 4, DC_STAGE_GEOMETRY = 8,
    DC_STAGE_FRAGMENT = 16, DC_STAGE_COMPUTE = 32,
};

struct dc_resource {
    char *name; // owned, "" for atomic counter buffers
    int32_t prop[DC_PROP_COUNT];
    uint32_t *variables; // owned
    uint32_t variable_count;
    int32_t *locations; // owned, NULL: location + i
    uint32_t location_count;
};

struct dc_interface {
    uint32_t interface; // GL_UNIFORM …
    struct dc_resource *resources; // owned
    uint32_t count;
};

#define DC_INTERFACE_COUNT 8
#define DC_REFLECTION_VALUES_MAX 32

struct dc_reflection {
    bool linked, validated;
    char *log; // owned, "" if none
    struct { uint32_t pname; int32_t value[3]; } values[DC_REFLECTION_VALUES_MAX];
    uint32_t value_count;
    struct dc_interface interfaces[DC_INTERFACE_COUNT];
    uint32_t interface_count;
};

struct dc_shader_reflection {
    bool compiled;
    char *log; // owned
};

struct dc_writer;
void dc_reflection_init(struct dc_reflection *reflection);
void dc_reflection_finish(struct dc_reflection *reflection);
void dc_reflection_pack(struct dc_writer *w, const struct dc_reflection *reflection);
/* Bounded; false (and an empty, unlinked reflection) on malformed bytes. */
bool dc_reflection_unpack(struct dc_reflection *reflection, const void *data, size_t size_bytes);
void dc_shader_reflection_finish(struct dc_shader_reflection *reflection);
void dc_shader_reflection_pack(struct dc_writer *w, const struct dc_shader_reflection *reflection);
bool dc_shader_reflection_unpack(struct dc_shader_reflection *reflection, const void *data, size_t size_bytes);

/* NULL if there is none (an empty interface too). */
const struct dc_interface *dc_reflection_interface(const struct dc_reflection *reflection, uint32_t interface);
/* Resource by name as glGetProgramResourceIndex understands it ("a" and "a[0]" are the same array); -1: none. */
int64_t dc_reflection_index(const struct dc_interface *interface, const char *name);
/* Location by name as glGetUniformLocation, glGetAttribLocation, glGetFragDataLocation understand it ("a[3]" too);
 * interface GL_UNIFORM, GL_PROGRAM_INPUT or GL_PROGRAM_OUTPUT. -1: none. */
int32_t dc_reflection_location(const struct dc_reflection *reflection, uint32_t interface, const char *name);
/* glGetProgramiv for what comes from linking (counts, longest names, the pushed values; not SHADER_TYPE-like state of the
 * frontend's: DELETE_STATUS, ATTACHED_SHADERS). Writes up to 3 values; 0: not ours. */
uint32_t dc_reflection_program_value(const struct dc_reflection *reflection, uint32_t pname, int32_t value[3]);
/* glGetProgramInterfaceiv. false: invalid pname for this interface. */
bool dc_reflection_interface_value(const struct dc_reflection *reflection, uint32_t interface, uint32_t pname,
                                   int32_t *value);
/* One property of glGetProgramResourceiv, appended to out (≤ room values). Returns how many values, -1: invalid. */
int32_t dc_reflection_resource_value(const struct dc_interface *interface, uint32_t index, uint32_t prop, int32_t *out,
                                     uint32_t room);

#endif
