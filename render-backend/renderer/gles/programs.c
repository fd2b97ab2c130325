/* Shaders and programs: sources, compiling and linking with the results pushed. */
#include "objects.h"
#include "reflect.h"

#include <stdlib.h>
#include <string.h>

#include <common/wire.h>
#include <gles_decode.h>

static void
push(struct dc_exec *x, uint32_t type, uint32_t name, struct dc_writer *w)
{
    struct dc_result_key key = x->next_result;
    x->next_result = (struct dc_result_key){ 0 };
    if (!w->failed) {
        dc_exec_reply(x, type, name | (uint64_t)x->context->id << 32, w->data, w->size_bytes);
        if (dc_result_key_is_set(key) && x->impl->note_result)
            x->impl->note_result(x, type, key, w->data, w->size_bytes);
    }
    dc_writer_finish(w);
}

static void
push_program(struct dc_exec *x, uint32_t name)
{
    uint32_t driver = dc_names_find(dc_exec_names(x, DC_NAMES_PROGRAM), name);
    struct dc_reflection reflection;
    struct dc_writer w;
    dc_writer_init(&w);
    dc_reflection_init(&reflection);
    if (driver && x->gl->IsProgram(driver))
        dc_reflect_program(x, driver, &reflection);
    dc_reflection_pack(&w, &reflection);
    dc_reflection_finish(&reflection);
    push(x, DC_REPLY_PROGRAM, name, &w);
}

static void
push_shader(struct dc_exec *x, uint32_t name)
{
    uint32_t driver = dc_names_find(dc_exec_names(x, DC_NAMES_PROGRAM), name);
    struct dc_shader_reflection reflection = { 0 };
    struct dc_writer w;
    dc_writer_init(&w);
    if (driver && x->gl->IsShader(driver))
        dc_reflect_shader(x, driver, &reflection);
    dc_shader_reflection_pack(&w, &reflection);
    dc_shader_reflection_finish(&reflection);
    push(x, DC_REPLY_SHADER, name, &w);
}

static bool
is_alive(struct dc_exec *x, uint32_t driver)
{
    return x->gl->IsShader(driver) || x->gl->IsProgram(driver);
}

/* Shaders that were deleted while a program had them are forgotten by the driver when that goes, and nobody says so. */
static void
sweep(struct dc_exec *x, struct dc_names *names)
{
    for (uint32_t i = 0; i < names->dense_count; i++) {
        if (names->dense[i] && !is_alive(x, names->dense[i]))
            dc_names_set(names, i, 0);
    }
    for (uint32_t i = 0; i < names->hash_size; i++) {
        if (names->hash[i].driver && !is_alive(x, names->hash[i].driver)) {
            names->hash[i].driver = 0;
            names->count--;
        }
    }
}

bool
dc_programs_make_room(struct dc_exec *x, uint32_t name)
{
    struct dc_names *names = dc_exec_names(x, DC_NAMES_PROGRAM);
    uint32_t old = dc_names_find(names, name);
    // Whoever uses a name twice has lost the first object; it must not live on uncounted.
    if (old && x->gl->IsShader(old))
        x->gl->DeleteShader(old);
    else if (old && x->gl->IsProgram(old))
        x->gl->DeleteProgram(old);
    if (names->count >= x->quota.programs)
        sweep(x, names);
    if (names->count < x->quota.programs)
        return true;
    dc_exec_fail(x, 0, "too many programs and shaders");
    return false;
}

void
dc_exec_dcResultKey(struct dc_exec *x, const struct dc_cmd_dcResultKey *c)
{
    x->next_result = (struct dc_result_key){ c->low, c->high };
}

void
dc_exec_CreateShader(struct dc_exec *x, const struct dc_cmd_CreateShader *c)
{
    GLuint driver = x->gl->CreateShader(c->type);
    if (driver && (!c->shader || !dc_objects_add(x, DC_NAMES_PROGRAM, c->shader, driver)))
        x->gl->DeleteShader(driver);
}

void
dc_exec_CreateProgram(struct dc_exec *x, const struct dc_cmd_CreateProgram *c)
{
    GLuint driver = x->gl->CreateProgram();
    if (driver && (!c->program || !dc_objects_add(x, DC_NAMES_PROGRAM, c->program, driver)))
        x->gl->DeleteProgram(driver);
}

/* Still there while something uses it; the name then still answers. */
void
dc_exec_DeleteShader(struct dc_exec *x, const struct dc_cmd_DeleteShader *c)
{
    uint32_t driver = dc_exec_name(x, DC_NAMES_PROGRAM, c->shader);
    x->gl->DeleteShader(driver);
    if (c->shader && driver != DC_NAME_UNKNOWN && !x->gl->IsShader(driver) && !x->gl->IsProgram(driver))
        dc_names_set(dc_exec_names(x, DC_NAMES_PROGRAM), c->shader, 0);
}

void
dc_exec_DeleteProgram(struct dc_exec *x, const struct dc_cmd_DeleteProgram *c)
{
    uint32_t driver = dc_exec_name(x, DC_NAMES_PROGRAM, c->program);
    x->gl->DeleteProgram(driver);
    if (c->program && driver != DC_NAME_UNKNOWN && !x->gl->IsProgram(driver) && !x->gl->IsShader(driver))
        dc_names_set(dc_exec_names(x, DC_NAMES_PROGRAM), c->program, 0);
}

/* The source where nobody changes it any more; NULL: failed. */
static const char *
source_of(struct dc_exec *x, struct dc_blob blob, GLint *length)
{
    if (blob.size_bytes > x->quota.shader_bytes) {
        dc_exec_fail(x, 0, "shader source is too long");
        return NULL;
    }
    *length = (GLint)blob.size_bytes;
    return blob.data ? dc_exec_private(x, blob) : "";
}

void
dc_exec_ShaderSource(struct dc_exec *x, const struct dc_cmd_ShaderSource *c)
{
    GLint length;
    const GLchar *source = source_of(x, c->source, &length);
    if (source)
        x->gl->ShaderSource(dc_exec_name(x, DC_NAMES_PROGRAM, c->shader), 1, &source, &length);
}

void
dc_exec_CompileShader(struct dc_exec *x, const struct dc_cmd_CompileShader *c)
{
    x->gl->CompileShader(dc_exec_name(x, DC_NAMES_PROGRAM, c->shader));
    push_shader(x, c->shader);
}

void
dc_exec_LinkProgram(struct dc_exec *x, const struct dc_cmd_LinkProgram *c)
{
    x->gl->LinkProgram(dc_exec_name(x, DC_NAMES_PROGRAM, c->program));
    push_program(x, c->program);
}

/* A driver's binary is native code, and what comes here may be anybody's: none is taken. Frontends send none, theirs hold
 * sources (docs/protocol.md, Program binaries). */
void
dc_exec_ProgramBinary(struct dc_exec *x, const struct dc_cmd_ProgramBinary *c)
{
    dc_exec_raise(x, GL_INVALID_ENUM);
    push_program(x, c->program);
}

void
dc_exec_CreateShaderProgramv(struct dc_exec *x, const struct dc_cmd_CreateShaderProgramv *c)
{
    GLint length;
    const char *source = source_of(x, c->source, &length);
    if (!source)
        return;
    char *text = strndup(source, (size_t)length); // takes no lengths
    if (!text) {
        dc_exec_fail(x, 0, "out of memory");
        return;
    }
    GLuint driver = x->gl->CreateShaderProgramv(c->type, 1, (const GLchar *const *)&text);
    free(text);
    if (driver && (!c->program || !dc_objects_add(x, DC_NAMES_PROGRAM, c->program, driver)))
        x->gl->DeleteProgram(driver);
    push_program(x, c->program);
}

/* `count` terminated strings in a blob, as pointers into a private copy. NULL: failed. Caller frees. */
static const GLchar **
split_strings(struct dc_exec *x, struct dc_blob blob, GLsizei count)
{
    if (count < 0 || (uint32_t)count > blob.size_bytes) {
        dc_exec_fail(x, 0, "fewer strings than counted");
        return NULL;
    }
    const char *p = dc_exec_private(x, blob), *end = p ? p + blob.size_bytes : NULL;
    const GLchar **strings = calloc((size_t)count + 1, sizeof(*strings));
    for (GLsizei i = 0; p && strings && i < count; i++) {
        const char *stop = memchr(p, 0, (size_t)(end - p));
        strings[i] = p;
        p = stop ? stop + 1 : NULL;
    }
    if (!p || !strings) {
        dc_exec_fail(x, 0, "fewer strings than counted");
        free(strings);
        return NULL;
    }
    return strings;
}

void
dc_exec_TransformFeedbackVaryings(struct dc_exec *x, const struct dc_cmd_TransformFeedbackVaryings *c)
{
    uint32_t driver = dc_exec_name(x, DC_NAMES_PROGRAM, c->program);
    if (c->count <= 0) {
        x->gl->TransformFeedbackVaryings(driver, c->count, NULL, c->bufferMode);
        return;
    }
    const GLchar **names = split_strings(x, c->varyings, c->count);
    if (names)
        x->gl->TransformFeedbackVaryings(driver, c->count, names, c->bufferMode);
    free(names);
}

void
dc_exec_GetUniformIndices(struct dc_exec *x, const struct dc_cmd_GetUniformIndices *c)
{
    GLsizei count = c->uniformCount;
    if (count <= 0 || (size_t)count > DC_EXEC_SCRATCH_BYTES / sizeof(GLuint)) {
        dc_exec_reply(x, DC_REPLY_SYNC, c->serial, NULL, 0);
        return;
    }
    const GLchar **names = split_strings(x, c->uniformNames, count);
    if (!names)
        return;
    memset(x->scratch, 0xff, (size_t)count * sizeof(GLuint));
    x->gl->GetUniformIndices(dc_exec_name(x, DC_NAMES_PROGRAM, c->program), count, names, (GLuint *)(void *)x->scratch);
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, x->scratch, (size_t)count * sizeof(GLuint));
    free(names);
}
