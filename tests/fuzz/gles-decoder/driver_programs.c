/* Shaders, programs, queries, getters: answers as long as a driver may make them. */
#include "driver.h"

#include <string.h>

static const GLubyte *GL_APIENTRY
get_string(GLenum name)
{
    return (const GLubyte *)(name == GL_VERSION ? "OpenGL ES 3.2 Fuzz" : "GL_EXT_read_format_bgra");
}

static void GL_APIENTRY
shader_source(GLuint shader, GLsizei count, const GLchar *const *strings, const GLint *lengths)
{
    for (GLsizei i = 0; i < count; i++)
        driver_read(strings[i], lengths ? (uint64_t)lengths[i] : strlen(strings[i]) + 1);
}

static GLuint GL_APIENTRY
create_shader_program(GLenum type, GLsizei count, const GLchar *const *strings)
{
    shader_source(0, count, strings, NULL);
    return driver_unlucky(10) ? 0 : ++driver_shared.next_name;
}

static void GL_APIENTRY
varyings(GLuint program, GLsizei count, const GLchar *const *names, GLenum mode)
{
    if (count < 0)
        driver_raise(GL_INVALID_VALUE);
    else
        shader_source(0, count, names, NULL);
}

static void GL_APIENTRY
uniform_indices(GLuint program, GLsizei count, const GLchar *const *names, GLuint *out)
{
    shader_source(0, count, names, NULL);
    driver_write(out, (uint64_t)count * 4);
}

static GLboolean GL_APIENTRY is_object(GLuint name) { return name && name <= driver_shared.next_name; }

/* Large counts cost thousands of calls each: rarely. */
static void
some(GLint *out, unsigned max)
{
    static const GLint edges[] = { 1, 0, 2, 5, 17, 1000, 4096, 1 << 20, -1 };
    bool large = driver_unlucky(300);
    driver_unlucky(1);
    *out = edges[(driver_shared.luck >> 8) % (max < 5 || !large ? 4 : max < 9 ? max : 9)];
}

static void GL_APIENTRY get_shader_iv(GLuint shader, GLenum pname, GLint *out) { some(out, 8); }
static void GL_APIENTRY
get_program_iv(GLuint program, GLenum pname, GLint *out)
{
    if (pname == GL_COMPUTE_WORK_GROUP_SIZE)
        driver_write(out, 12);
    else
        some(out, 6);
}
static void GL_APIENTRY interface_iv(GLuint program, GLenum interface, GLenum pname, GLint *out) { some(out, 5); }

static void
text(GLsizei room, GLsizei *length, GLchar *out)
{
    GLsizei n = room > 0 ? room : 0;
    if (n) {
        memset(out, 'n', (size_t)n - 1);
        out[n - 1] = 0;
    }
    if (length)
        *length = n ? n - 1 : 0;
}
static void GL_APIENTRY info_log(GLuint object, GLsizei room, GLsizei *length, GLchar *out) { text(room, length, out); }
static void GL_APIENTRY
object_label(GLenum identifier, GLuint name, GLsizei room, GLsizei *length, GLchar *out)
{
    text(room, length, out);
}
static void GL_APIENTRY
resource_name(GLuint program, GLenum interface, GLuint index, GLsizei room, GLsizei *length, GLchar *out)
{
    text(driver_unlucky(3) ? room : room < 12 ? room : 12, length, out);
}

static void GL_APIENTRY
resource_iv(GLuint program, GLenum interface, GLuint index, GLsizei props, const GLenum *prop, GLsizei count,
            GLsizei *length, GLint *out)
{
    driver_read(prop, props > 0 ? (uint64_t)props * 4 : 0);
    for (GLsizei i = 0; i < count; i++)
        some(&out[i], 7);
    if (length)
        *length = count;
}

static void GL_APIENTRY
attached_shaders(GLuint program, GLsizei max, GLsizei *count, GLuint *out)
{
    *count = max < 3 ? max : 3;
    driver_write(out, (uint64_t)*count * 4);
}

static void GL_APIENTRY
query_u(GLuint id, GLenum pname, GLuint *out)
{
    *out = !driver_unlucky(3);
}

static GLsync GL_APIENTRY fence_sync(GLenum condition, GLbitfield flags) { return driver_unlucky(20) ? NULL : (GLsync)(uintptr_t)8; }
static GLenum GL_APIENTRY
client_wait(GLsync sync, GLbitfield flags, GLuint64 timeout)
{
    return driver_unlucky(2) ? GL_TIMEOUT_EXPIRED : GL_ALREADY_SIGNALED;
}

static void GL_APIENTRY
get_integer(GLenum pname, GLint *out)
{
    *out = pname == GL_MAX_VERTEX_ATTRIBS ? DRIVER_ATTRIBS : 1;
    if (pname == GL_COPY_READ_BUFFER_BINDING)
        *out = (GLint)driver_context()->bound[TARGET_COPY_READ];
    else if (pname == GL_COMPRESSED_TEXTURE_FORMATS)
        driver_write(out, 40 * 4);
}
static void GL_APIENTRY get_float(GLenum pname, GLfloat *out) { driver_write(out, 16); }
static void GL_APIENTRY get_integer64(GLenum pname, GLint64 *out) { driver_write(out, 32); }
static void GL_APIENTRY get_boolean(GLenum pname, GLboolean *out) { driver_write(out, 16); }
static void GL_APIENTRY
internal_format(GLenum target, GLenum format, GLenum pname, GLsizei count, GLint *out)
{
    driver_write(out, count > 0 ? (uint64_t)count * 4 : 0);
}
static void GL_APIENTRY get_uniform_f(GLuint p, GLint l, GLfloat *out) { driver_write(out, 64); }
static void GL_APIENTRY get_uniform_i(GLuint p, GLint l, GLint *out) { driver_write(out, 64); }
static void GL_APIENTRY get_uniform_u(GLuint p, GLint l, GLuint *out) { driver_write(out, 64); }
static void GL_APIENTRY getn_uniform_f(GLuint p, GLint l, GLsizei n, GLfloat *out) { driver_write(out, n > 0 ? (uint64_t)n : 0); }
static void GL_APIENTRY getn_uniform_i(GLuint p, GLint l, GLsizei n, GLint *out) { driver_write(out, n > 0 ? (uint64_t)n : 0); }
static void GL_APIENTRY getn_uniform_u(GLuint p, GLint l, GLsizei n, GLuint *out) { driver_write(out, n > 0 ? (uint64_t)n : 0); }
static void GL_APIENTRY
active_uniforms(GLuint p, GLsizei n, const GLuint *indices, GLenum pname, GLint *out)
{
    driver_read(indices, n > 0 ? (uint64_t)n * 4 : 0);
    driver_write(out, n > 0 ? (uint64_t)n * 4 : 0);
}
static void GL_APIENTRY block_iv(GLuint p, GLuint index, GLenum pname, GLint *out) { driver_write(out, 400); }

void
driver_fill_programs(struct dc_gl *gl)
{
    gl->GetString = get_string;
    gl->ShaderSource = shader_source;
    gl->CreateShaderProgramv = create_shader_program;
    gl->TransformFeedbackVaryings = varyings;
    gl->GetUniformIndices = uniform_indices;
    gl->IsShader = gl->IsProgram = is_object;
    gl->GetShaderiv = get_shader_iv;
    gl->GetProgramiv = get_program_iv;
    gl->GetProgramInterfaceiv = interface_iv;
    gl->GetShaderInfoLog = gl->GetProgramInfoLog = gl->GetProgramPipelineInfoLog = info_log;
    gl->GetObjectLabel = object_label;
    gl->GetProgramResourceName = resource_name;
    gl->GetProgramResourceiv = resource_iv;
    gl->GetAttachedShaders = attached_shaders;
    gl->GetQueryObjectuiv = query_u;
    gl->FenceSync = fence_sync;
    gl->ClientWaitSync = client_wait;
    gl->GetIntegerv = get_integer;
    gl->GetFloatv = get_float;
    gl->GetInteger64v = get_integer64;
    gl->GetBooleanv = get_boolean;
    gl->GetInternalformativ = internal_format;
    gl->GetUniformfv = get_uniform_f;
    gl->GetUniformiv = get_uniform_i;
    gl->GetUniformuiv = get_uniform_u;
    gl->GetnUniformfv = getn_uniform_f;
    gl->GetnUniformiv = getn_uniform_i;
    gl->GetnUniformuiv = getn_uniform_u;
    gl->GetActiveUniformsiv = active_uniforms;
    gl->GetActiveUniformBlockiv = block_iv;
}
