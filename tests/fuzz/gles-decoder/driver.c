/* Names, buffers, vertex arrays and draws. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <protocol/gles/sizes.h>

struct driver_shared driver_shared;
struct driver_context *driver_current;
static volatile uint8_t sink;

void
driver_abort(const char *what)
{
    fprintf(stderr, "driver: %s\n", what);
    abort();
}

struct driver_context *
driver_context(void)
{
    if (!driver_current)
        driver_abort("called without a current context");
    return driver_current;
}

void
driver_raise(GLenum error)
{
    if (!driver_context()->error)
        driver_current->error = error;
}

bool
driver_unlucky(uint32_t n)
{
    driver_shared.luck = driver_shared.luck * 1664525u + 1013904223u;
    return (driver_shared.luck >> 8) % n == 0;
}

void
driver_read(const void *data, uint64_t size_bytes)
{
    // Both ends and every 16th byte: a sanitizer's shadow is no finer than 8.
    const uint8_t *p = data;
    for (uint64_t i = 0; i < size_bytes; i += 16)
        sink += p[i];
    if (size_bytes)
        sink += p[size_bytes - 1];
}

void
driver_write(void *data, uint64_t size_bytes)
{
    if (size_bytes)
        memset(data, 0x11, size_bytes);
}

void
driver_reset(void)
{
    for (GLuint i = 0; i < driver_shared.next_name && i < DRIVER_NAMES; i++)
        free(driver_shared.buffers[i].map);
    size_t used = driver_shared.next_name + 1 < DRIVER_NAMES ? driver_shared.next_name + 1 : DRIVER_NAMES;
    memset(driver_shared.buffers, 0, used * sizeof(driver_shared.buffers[0]));
    driver_shared.next_name = 0;
    driver_shared.luck = 1;
    driver_current = NULL;
}

void
driver_context_init(struct driver_context *context)
{
    *context = (struct driver_context){ .pack.alignment = 4, .unpack.alignment = 4 };
    context->arrays[0].alive = true;
    for (int a = 0; a < DRIVER_ARRAYS; a++)
        for (uint8_t i = 0; i < DRIVER_ATTRIBS; i++)
            context->arrays[a].attribs[i] = (struct driver_attrib){ .binding = i, .bytes = 16 };
}

static GLenum GL_APIENTRY
get_error(void)
{
    GLenum error = driver_context()->error;
    driver_current->error = GL_NO_ERROR;
    return error;
}

static void GL_APIENTRY
gen_names(GLsizei n, GLuint *out)
{
    driver_context();
    if (n < 0)
        driver_raise(GL_INVALID_VALUE);
    for (GLsizei i = 0; i < n; i++) {
        out[i] = 0;
        if (driver_shared.next_name >= DRIVER_NAMES - 2 || driver_unlucky(500))
            driver_raise(GL_OUT_OF_MEMORY);
        else
            out[i] = ++driver_shared.next_name;
    }
}

static GLuint
gen_name(void)
{
    GLuint name;
    gen_names(1, &name);
    return name;
}
static GLuint GL_APIENTRY create_shader(GLenum type) { return gen_name(); }
static GLuint GL_APIENTRY create_program(void) { return gen_name(); }

/* ---- buffers ---- */
static struct driver_array *
array(void)
{
    return &driver_context()->arrays[driver_current->array];
}

static GLuint *
point_of(GLenum target)
{
    struct driver_context *c = driver_context();
    switch (target) {
    case GL_ARRAY_BUFFER: return &c->bound[TARGET_ARRAY];
    case GL_ELEMENT_ARRAY_BUFFER: return &array()->element;
    case GL_PIXEL_PACK_BUFFER: return &c->bound[TARGET_PACK];
    case GL_PIXEL_UNPACK_BUFFER: return &c->bound[TARGET_UNPACK];
    case GL_DRAW_INDIRECT_BUFFER: return &c->bound[TARGET_INDIRECT];
    case GL_DISPATCH_INDIRECT_BUFFER: return &c->bound[TARGET_DISPATCH];
    case GL_COPY_READ_BUFFER: return &c->bound[TARGET_COPY_READ];
    case GL_COPY_WRITE_BUFFER:
    case GL_UNIFORM_BUFFER:
    case GL_SHADER_STORAGE_BUFFER:
    case GL_TEXTURE_BUFFER:
    case GL_TRANSFORM_FEEDBACK_BUFFER:
    case GL_ATOMIC_COUNTER_BUFFER: return &c->bound[TARGET_OTHER];
    default: return NULL;
    }
}

static struct driver_buffer *
buffer_at(GLenum target)
{
    GLuint *point = point_of(target);
    struct driver_buffer *buffer = point && *point && *point < DRIVER_NAMES ? &driver_shared.buffers[*point] : NULL;
    if (!buffer)
        driver_raise(GL_INVALID_OPERATION);
    return buffer;
}

static void GL_APIENTRY
bind_buffer(GLenum target, GLuint buffer)
{
    GLuint *point = point_of(target);
    bool fresh = buffer && !driver_shared.buffers[buffer < DRIVER_NAMES ? buffer : DRIVER_NAMES - 1].alive;
    if (!point || (fresh && driver_unlucky(50))) { // out of memory for the object: the old one stays
        driver_raise(point ? GL_OUT_OF_MEMORY : GL_INVALID_ENUM);
        return;
    }
    *point = buffer < DRIVER_NAMES ? buffer : DRIVER_NAMES - 1;
    driver_shared.buffers[*point].alive = true;
}

static void GL_APIENTRY
delete_buffers(GLsizei n, const GLuint *names)
{
    struct driver_context *c = driver_context();
    for (GLsizei k = 0; k < n; k++) {
        for (int t = 0; t < TARGET_COUNT; t++)
            if (c->bound[t] == names[k])
                c->bound[t] = 0;
        if (array()->element == names[k])
            array()->element = 0;
        for (int i = 0; i < DRIVER_ATTRIBS; i++)
            if (array()->bindings[i].buffer == names[k])
                array()->bindings[i].buffer = 0;
    }
}

static void GL_APIENTRY
buffer_data(GLenum target, GLsizeiptr size, const void *data, GLenum usage)
{
    struct driver_buffer *buffer = buffer_at(target);
    if (!buffer)
        return;
    if (size < 0 || driver_unlucky(200)) {
        if (size >= 0)
            buffer->size = 0;
        driver_raise(size < 0 ? GL_INVALID_VALUE : GL_OUT_OF_MEMORY);
        return;
    }
    if (data)
        driver_read(data, (uint64_t)size);
    buffer->size = size;
}

static void GL_APIENTRY
buffer_sub_data(GLenum target, GLintptr offset, GLsizeiptr size, const void *data)
{
    struct driver_buffer *buffer = buffer_at(target);
    if (!buffer)
        return;
    if (offset < 0 || size < 0 || offset > buffer->size || size > buffer->size - offset)
        driver_raise(GL_INVALID_VALUE);
    else
        driver_read(data, (uint64_t)size);
}

static void *GL_APIENTRY
map_buffer_range(GLenum target, GLintptr offset, GLsizeiptr length, GLbitfield access)
{
    struct driver_buffer *buffer = buffer_at(target);
    if (!buffer || buffer->map || offset < 0 || length <= 0 || offset > buffer->size || length > buffer->size - offset ||
        driver_unlucky(50))
        return NULL;
    buffer->map = malloc((size_t)length);
    if (buffer->map && (access & GL_MAP_READ_BIT))
        memset(buffer->map, 1, (size_t)length);
    return buffer->map;
}

static GLboolean GL_APIENTRY
unmap_buffer(GLenum target)
{
    struct driver_buffer *buffer = buffer_at(target);
    if (!buffer)
        return GL_FALSE;
    free(buffer->map);
    buffer->map = NULL;
    return GL_TRUE;
}

static void GL_APIENTRY
get_buffer_parameter_i64(GLenum target, GLenum pname, GLint64 *out)
{
    const struct driver_buffer *buffer = buffer_at(target);
    if (buffer)
        *out = buffer->size;
}

/* ---- vertex arrays ---- */
static void GL_APIENTRY
bind_vertex_array(GLuint name)
{
    if (name < DRIVER_ARRAYS)
        driver_context()->array = name;
    else
        driver_raise(GL_INVALID_OPERATION);
}

static void GL_APIENTRY
gen_vertex_arrays(GLsizei n, GLuint *out)
{
    struct driver_context *c = driver_context();
    for (GLsizei i = 0; i < n; i++) {
        out[i] = 0;
        for (GLuint k = 1; k < DRIVER_ARRAYS && !out[i]; k++)
            if (!c->arrays[k].alive)
                out[i] = k;
        c->arrays[out[i]].alive = true;
    }
}

static void GL_APIENTRY
delete_vertex_arrays(GLsizei n, const GLuint *names)
{
    struct driver_context *c = driver_context();
    for (GLsizei i = 0; i < n; i++) {
        if (!names[i] || names[i] >= DRIVER_ARRAYS)
            continue;
        if (c->array == names[i])
            c->array = 0;
        memset(&c->arrays[names[i]], 0, sizeof(c->arrays[0]));
        for (uint8_t k = 0; k < DRIVER_ATTRIBS; k++)
            c->arrays[names[i]].attribs[k] = (struct driver_attrib){ .binding = k, .bytes = 16 };
    }
}

void
driver_pointer(GLuint index, GLint size, GLenum type, GLsizei stride, const void *at)
{
    struct driver_context *c = driver_context();
    uint32_t bytes = dc_gles_vertex_bytes(size, type);
    if (index >= DRIVER_ATTRIBS || !bytes || stride < 0 || stride > 2048) {
        driver_raise(GL_INVALID_VALUE);
        return;
    }
    if (!c->bound[TARGET_ARRAY] && at) {
        if (!c->array)
            driver_abort("client pointer of an attribute");
        driver_raise(GL_INVALID_OPERATION);
        return;
    }
    array()->attribs[index].binding = (uint8_t)index;
    array()->attribs[index].bytes = bytes;
    array()->bindings[index] = (struct driver_binding){ c->bound[TARGET_ARRAY], (int64_t)(intptr_t)at,
                                                        stride ? (uint32_t)stride : bytes,
                                                        array()->bindings[index].divisor };
}

static void GL_APIENTRY
vertex_attrib_pointer(GLuint index, GLint size, GLenum type, GLboolean normalized, GLsizei stride, const void *at)
{
    driver_pointer(index, size, type, stride, at);
}

static void GL_APIENTRY
vertex_attrib_i_pointer(GLuint index, GLint size, GLenum type, GLsizei stride, const void *at)
{
    driver_pointer(index, size, type == GL_FLOAT || type == GL_HALF_FLOAT || type == GL_FIXED ? 0 : type, stride, at);
}

static void GL_APIENTRY
bind_vertex_buffer(GLuint index, GLuint buffer, GLintptr offset, GLsizei stride)
{
    if (index >= DRIVER_ATTRIBS || offset < 0 || stride < 0 || stride > 2048 || !driver_context()->array)
        driver_raise(GL_INVALID_VALUE);
    else
        array()->bindings[index] = (struct driver_binding){ buffer, offset, (uint32_t)stride, 0 };
}

static void GL_APIENTRY
vertex_attrib_binding(GLuint attrib, GLuint binding)
{
    if (attrib < DRIVER_ATTRIBS && binding < DRIVER_ATTRIBS && driver_context()->array)
        array()->attribs[attrib].binding = (uint8_t)binding;
}

static void GL_APIENTRY
get_vertex_attrib_iv(GLuint index, GLenum pname, GLint *out)
{
    *out = 0;
    if (pname == GL_VERTEX_ATTRIB_ARRAY_BUFFER_BINDING && index < DRIVER_ATTRIBS)
        *out = (GLint)array()->bindings[array()->attribs[index].binding].buffer;
}

void
driver_enable(GLuint index, bool on)
{
    if (index < DRIVER_ATTRIBS)
        array()->attribs[index].enabled = on;
    else
        driver_raise(GL_INVALID_VALUE);
}
static void GL_APIENTRY enable_attrib(GLuint index) { driver_enable(index, true); }
static void GL_APIENTRY disable_attrib(GLuint index) { driver_enable(index, false); }

/* ---- draws ---- */
static void
check_attributes(void)
{
    for (int i = 0; i < DRIVER_ATTRIBS; i++)
        if (array()->attribs[i].enabled && !array()->bindings[array()->attribs[i].binding].buffer)
            driver_abort("a draw with an attribute that no buffer feeds");
}

static void
elements(GLsizei count, GLenum type)
{
    check_attributes();
    if (!array()->element)
        driver_abort("a draw with indices in client memory");
}

static void GL_APIENTRY draw_arrays(GLenum m, GLint first, GLsizei n) { check_attributes(); }
static void GL_APIENTRY draw_arrays_instanced(GLenum m, GLint first, GLsizei n, GLsizei i) { check_attributes(); }
static void GL_APIENTRY draw_elements(GLenum m, GLsizei n, GLenum t, const void *at) { elements(n, t); }
static void GL_APIENTRY
draw_elements_instanced(GLenum m, GLsizei n, GLenum t, const void *at, GLsizei i)
{
    elements(n, t);
}
static void GL_APIENTRY
draw_elements_base(GLenum m, GLsizei n, GLenum t, const void *at, GLint base)
{
    elements(n, t);
}
static void GL_APIENTRY
draw_elements_instanced_base(GLenum m, GLsizei n, GLenum t, const void *at, GLsizei i, GLint base)
{
    elements(n, t);
}
static void GL_APIENTRY
draw_arrays_base_instance(GLenum m, GLint first, GLsizei n, GLsizei i, GLuint base)
{
    check_attributes();
}
static void GL_APIENTRY
draw_elements_base_instance(GLenum m, GLsizei n, GLenum t, const void *at, GLsizei i, GLint base, GLuint instance)
{
    elements(n, t);
}

static void
indirect(enum driver_target target, uint64_t offset, uint64_t bytes)
{
    GLuint name = driver_context()->bound[target];
    if (!name)
        driver_abort("indirect arguments in client memory");
    int64_t size = driver_shared.buffers[name].size;
    if (offset > (uint64_t)size || bytes > (uint64_t)size - offset)
        driver_raise(GL_INVALID_OPERATION);
}
static void GL_APIENTRY
draw_arrays_indirect(GLenum m, const void *at)
{
    check_attributes();
    indirect(TARGET_INDIRECT, (uintptr_t)at, 16);
}
static void GL_APIENTRY
draw_elements_indirect(GLenum m, GLenum t, const void *at)
{
    elements(0, t);
    indirect(TARGET_INDIRECT, (uintptr_t)at, 20);
}
static void GL_APIENTRY
dispatch_indirect(GLintptr at)
{
    if (at < 0 || at % 4)
        driver_raise(GL_INVALID_VALUE); // as the specification has it, whatever is bound
    else
        indirect(TARGET_DISPATCH, (uint64_t)at, 12);
}

void
driver_fill(struct dc_gl *gl)
{
    *gl = dc_gl_probe;
    gl->GetError = get_error;
    gl->GenBuffers = gl->GenTextures = gl->GenRenderbuffers = gl->GenSamplers = gen_names;
    gl->GenFramebuffers = gl->GenQueries = gl->GenTransformFeedbacks = gl->GenProgramPipelines = gen_names;
    gl->CreateShader = create_shader;
    gl->CreateProgram = create_program;
    gl->BindBuffer = bind_buffer;
    gl->DeleteBuffers = delete_buffers;
    gl->BufferData = buffer_data;
    gl->BufferSubData = buffer_sub_data;
    gl->MapBufferRange = map_buffer_range;
    gl->UnmapBuffer = unmap_buffer;
    gl->GetBufferParameteri64v = get_buffer_parameter_i64;
    gl->BindVertexArray = bind_vertex_array;
    gl->GenVertexArrays = gen_vertex_arrays;
    gl->DeleteVertexArrays = delete_vertex_arrays;
    gl->VertexAttribPointer = vertex_attrib_pointer;
    gl->VertexAttribIPointer = vertex_attrib_i_pointer;
    gl->BindVertexBuffer = bind_vertex_buffer;
    gl->VertexAttribBinding = vertex_attrib_binding;
    gl->GetVertexAttribiv = get_vertex_attrib_iv;
    gl->EnableVertexAttribArray = enable_attrib;
    gl->DisableVertexAttribArray = disable_attrib;
    gl->DrawArrays = draw_arrays;
    gl->DrawArraysInstanced = draw_arrays_instanced;
    gl->DrawElements = draw_elements;
    gl->DrawElementsInstanced = draw_elements_instanced;
    gl->DrawElementsBaseVertex = draw_elements_base;
    gl->DrawElementsInstancedBaseVertex = draw_elements_instanced_base;
    gl->DrawArraysInstancedBaseInstanceEXT = draw_arrays_base_instance;
    gl->DrawElementsInstancedBaseVertexBaseInstanceEXT = draw_elements_base_instance;
    gl->DrawArraysIndirect = draw_arrays_indirect;
    gl->DrawElementsIndirect = draw_elements_indirect;
    gl->DispatchComputeIndirect = dispatch_indirect;
    driver_fill_arrays(gl);
    driver_fill_pixels(gl);
    driver_fill_programs(gl);
}
