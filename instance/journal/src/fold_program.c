/* Shaders and programs: what was compiled and linked, and what was set since. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>
#include <protocol/gles/encoder.h>
#include <protocol/gles/table.h>

#define FNV_START 0x811c9dc5u
#define FNV_PRIME 0x01000193u

static struct dc_object *
create(struct dc_fold *fold, uint32_t name, bool is_program)
{
    struct dc_object *object = fold->context ? dc_fold_bound(fold, DC_OBJECT_GLSL, name) : NULL;
    if (object && !object->glsl)
        object->glsl = dc_glsl_create(is_program);
    if (object && !object->glsl)
        dc_fold_out_of_memory(fold);
    return object && object->glsl ? object : NULL;
}

static struct dc_object *
find(const struct dc_fold *fold, uint32_t at, bool is_program)
{
    struct dc_object *object =
        fold->context && at < fold->count ? dc_fold_find(fold, DC_OBJECT_GLSL, fold->w[at]) : NULL;
    return object && object->glsl && object->glsl->is_program == is_program ? object : NULL;
}

static void
set_source(struct dc_content **place, struct dc_content *content)
{
    dc_content_unref(*place);
    *place = content;
}

void
dc_fold_create_shader(struct dc_fold *fold) // type, shader
{
    struct dc_object *shader = fold->count == 3 ? create(fold, fold->w[2], false) : NULL;
    if (shader)
        shader->glsl->type = fold->w[1];
}

void
dc_fold_create_program(struct dc_fold *fold)
{
    create(fold, fold->w[1], true);
}

void
dc_fold_program_from_source(struct dc_fold *fold) // type, program, source
{
    struct dc_object *program = fold->count > 4 ? create(fold, fold->w[2], true) : NULL;
    if (!program)
        return;
    dc_glsl_unlink(program->glsl);
    program->glsl->from_source = true;
    program->glsl->linked[0] = (struct dc_glsl_stage){ fold->w[1], dc_fold_blob_content(fold, 3) };
    program->glsl->linked_count = 1;
    program->glsl->link_order = fold->journal->order;
}

void
dc_fold_shader_source(struct dc_fold *fold) // shader, source
{
    struct dc_object *shader = find(fold, 1, false);
    if (shader)
        set_source(&shader->glsl->source, dc_fold_blob_content(fold, 2));
}

void
dc_fold_compile(struct dc_fold *fold)
{
    struct dc_object *shader = find(fold, 1, false);
    if (shader)
        set_source(&shader->glsl->compiled, dc_content_ref(shader->glsl->source));
}

void
dc_fold_attach_shader(struct dc_fold *fold) // program, shader
{
    struct dc_object *program = find(fold, 1, true), *shader = find(fold, 2, false);
    if (!program || !shader || program->glsl->attached_count == DC_GLSL_MAX_SHADERS)
        return;
    for (uint32_t i = 0; i < program->glsl->attached_count; i++) {
        if (program->glsl->attached[i]->glsl->type == shader->glsl->type)
            return; // refused
    }
    program->glsl->attached[program->glsl->attached_count++] = dc_object_ref(shader);
}

/* With a program may go the shaders that it had attached. */
void
dc_fold_collect_glsl(struct dc_object *object)
{
    if (!object->delete_pending || object->refs > 1)
        return;
    struct dc_object *attached[DC_GLSL_MAX_SHADERS];
    uint32_t count = object->glsl->attached_count;
    for (uint32_t i = 0; i < count; i++)
        attached[i] = dc_object_ref(object->glsl->attached[i]);
    dc_objects_delete(object);
    for (uint32_t i = 0; i < count; i++) {
        attached[i]->refs--; // the name still holds it
        dc_fold_collect_glsl(attached[i]);
    }
}

void
dc_fold_detach_shader(struct dc_fold *fold)
{
    struct dc_object *program = find(fold, 1, true), *shader = find(fold, 2, false);
    struct dc_glsl *glsl = program ? program->glsl : NULL;
    for (uint32_t i = 0; shader && glsl && i < glsl->attached_count; i++) {
        if (glsl->attached[i] != shader)
            continue;
        glsl->attached_count--;
        memmove(glsl->attached + i, glsl->attached + i + 1, (glsl->attached_count - i) * sizeof glsl->attached[0]);
        dc_object_unref(shader);
        dc_fold_collect_glsl(shader);
        return;
    }
}

void
dc_fold_link(struct dc_fold *fold)
{
    struct dc_object *program = find(fold, 1, true);
    if (!program)
        return;
    struct dc_glsl *glsl = program->glsl;
    dc_glsl_unlink(glsl);
    for (uint32_t i = 0; i < glsl->attached_count; i++) {
        const struct dc_glsl *shader = glsl->attached[i]->glsl;
        glsl->linked[i] = (struct dc_glsl_stage){ shader->type, dc_content_ref(shader->compiled) };
    }
    glsl->linked_count = glsl->attached_count;
    glsl->link_order = fold->journal->order;
}

void
dc_fold_use_program(struct dc_fold *fold)
{
    struct dc_journal_context *context = fold->context;
    struct dc_object *program = find(fold, 1, true), *old = context ? context->program : NULL;
    if (!context || (fold->w[1] && (!program || !program->glsl->link_order)))
        return;
    dc_journal_context_bind(&context->program, program);
    // It has its name as long as it is current somewhere, so it is still there.
    if (old)
        dc_fold_collect_glsl(old);
}

void
dc_fold_delete_glsl(struct dc_fold *fold)
{
    struct dc_object *object = fold->context ? dc_fold_find(fold, DC_OBJECT_GLSL, fold->w[1]) : NULL;
    if (!object || !object->glsl || object->glsl->is_program != (fold->op == DC_OP_DeleteProgram))
        return;
    object->delete_pending = true;
    dc_fold_collect_glsl(object);
}

void
dc_fold_bind_location(struct dc_fold *fold) // program, one or two numbers, name
{
    struct dc_object *program = find(fold, 1, true);
    uint32_t size_bytes, hash = FNV_START;
    const uint8_t *name = program ? dc_fold_blob(fold, dc_op_info(fold->op)->fixed_words, &size_bytes) : NULL;
    if (!name)
        return;
    for (uint32_t i = 0; i < size_bytes; i++)
        hash = (hash ^ name[i]) * FNV_PRIME;
    uint32_t same_as = fold->op == DC_OP_BindAttribLocation ? fold->op : DC_OP_BindFragDataLocationEXT;
    dc_fold_put(fold, &program->recipe, dc_recipe_key(same_as, hash, size_bytes));
}

void
dc_fold_block_binding(struct dc_fold *fold) // program, block, binding
{
    struct dc_object *program = find(fold, 1, true);
    if (program)
        dc_fold_put(fold, &program->glsl->uniforms, dc_recipe_key(fold->op, fold->w[2], 0));
}

void
dc_fold_use_stages(struct dc_fold *fold) // pipeline, stages, program; or pipeline, program
{
    struct dc_object *pipeline = fold->context ? dc_fold_find(fold, DC_OBJECT_PIPELINE, fold->w[1]) : NULL;
    uint32_t name_at = fold->count - 1, stages = fold->op == DC_OP_UseProgramStages ? fold->w[2] : 0;
    struct dc_object *program = pipeline ? find(fold, name_at, true) : NULL;
    if (!pipeline || (fold->w[name_at] && !program))
        return;
    pipeline->made = true;
    struct dc_recipe_entry *entry = dc_fold_put(fold, &pipeline->recipe, dc_recipe_key(fold->op, stages, 0));
    if (entry)
        dc_recipe_set_ref(entry, program, name_at);
}
