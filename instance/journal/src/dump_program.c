/* Shaders and programs. A program is linked again from the sources that it was linked from, whatever became of the
 * shader objects since. */
#include "dump.h"

#include <gles_encode.h>

static void
put_source(struct dc_journal_writer *writer, uint32_t shader, const struct dc_content *source)
{
    if (source && source->data)
        dc_enc_ShaderSource(&writer->encoder, shader, source->data, source->size_bytes);
}

/* The application's own shader objects: compiled as they are, then with whatever source came later. */
static void
dump_shader(struct dc_journal_writer *writer, const struct dc_object *shader)
{
    struct dc_encoder *e = &writer->encoder;
    const struct dc_glsl *glsl = shader->glsl;
    uint32_t name = dc_object_wire_name(shader);
    dc_enc_CreateShader(e, glsl->type, name);
    if (glsl->compiled) {
        put_source(writer, name, glsl->compiled);
        dc_enc_CompileShader(e, name);
    }
    if (glsl->source != glsl->compiled)
        put_source(writer, name, glsl->source);
}

static void
link_program(struct dc_journal_writer *writer, const struct dc_object *program, uint32_t *alias)
{
    struct dc_encoder *e = &writer->encoder;
    const struct dc_glsl *glsl = program->glsl;
    uint32_t name = dc_object_wire_name(program), first = *alias;
    dc_enc_CreateProgram(e, name);
    for (uint32_t i = 0; i < glsl->linked_count; i++) {
        uint32_t shader = (*alias)++;
        dc_enc_CreateShader(e, glsl->linked[i].type, shader);
        put_source(writer, shader, glsl->linked[i].source);
        dc_enc_CompileShader(e, shader);
        dc_enc_AttachShader(e, name, shader);
    }
    dc_dump_recipe_part(writer, &program->recipe, 0, glsl->link_order);
    if (glsl->link_order)
        dc_enc_LinkProgram(e, name);
    dc_dump_recipe_part(writer, &program->recipe, glsl->link_order, UINT64_MAX);
    for (uint32_t i = 0; i < glsl->linked_count; i++) {
        dc_enc_DetachShader(e, name, first + i);
        dc_enc_DeleteShader(e, first + i);
    }
}

static void
dump_program(struct dc_journal_writer *writer, const struct dc_object *program, uint32_t *alias)
{
    struct dc_encoder *e = &writer->encoder;
    const struct dc_glsl *glsl = program->glsl;
    uint32_t name = dc_object_wire_name(program);
    if (glsl->from_source) {
        const struct dc_content *source = glsl->linked[0].source;
        bool known = source && source->data;
        dc_enc_CreateShaderProgramv(e, glsl->linked[0].type, name, known ? (const void *)source->data : "",
                                    known ? source->size_bytes : 0);
    } else {
        link_program(writer, program, alias);
    }
    if (glsl->uniforms.count) {
        dc_enc_UseProgram(e, name);
        dc_dump_recipe(writer, &glsl->uniforms, false);
        dc_enc_UseProgram(e, 0);
    }
    for (uint32_t i = 0; i < glsl->attached_count; i++)
        dc_enc_AttachShader(e, name, dc_object_wire_name(glsl->attached[i]));
}

void
dc_dump_glsl(struct dc_journal_writer *writer, const struct dc_objects *objects, uint32_t *alias)
{
    const struct dc_object *first = objects->first[DC_OBJECT_GLSL];
    for (const struct dc_object *o = first; o; o = o->next) {
        if (o->glsl && !o->glsl->is_program)
            dump_shader(writer, o);
    }
    for (const struct dc_object *o = first; o; o = o->next) {
        if (o->glsl && o->glsl->is_program)
            dump_program(writer, o, alias);
    }
}
