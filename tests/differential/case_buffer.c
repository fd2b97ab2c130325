/* Buffer objects: data, copies, maps with every kind of access, uniform buffers. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

static void
print_buffer(const char *label, GLenum target, GLsizeiptr size)
{
    const void *map = glMapBufferRange(target, 0, size, GL_MAP_READ_BIT);
    if (map)
        gl_print_hash(label, map, (size_t)size);
    glUnmapBuffer(target);
    gl_print_error(label);
}

static void
data_and_copy(void)
{
    GLuint buffers[3];
    uint8_t data[10000];
    gl_fill(data, sizeof(data), 2);
    glGenBuffers(3, buffers);
    printf("is %d\n", glIsBuffer(buffers[0]));
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    printf("is %d\n", glIsBuffer(buffers[0]));
    glBufferData(GL_ARRAY_BUFFER, 10000, data, GL_STATIC_DRAW);
    print_buffer("data", GL_ARRAY_BUFFER, 10000);
    glBufferSubData(GL_ARRAY_BUFFER, 77, 300, data + 5000);
    glBufferSubData(GL_ARRAY_BUFFER, 5000, 5000, data);
    print_buffer("sub data", GL_ARRAY_BUFFER, 10000);
    glBindBuffer(GL_COPY_WRITE_BUFFER, buffers[1]);
    glBufferData(GL_COPY_WRITE_BUFFER, 4000, data, GL_DYNAMIC_COPY);
    glCopyBufferSubData(GL_ARRAY_BUFFER, GL_COPY_WRITE_BUFFER, 1000, 500, 2000);
    print_buffer("copied", GL_COPY_WRITE_BUFFER, 4000);
    glCopyBufferSubData(GL_ARRAY_BUFFER, GL_COPY_WRITE_BUFFER, 0, 3000, 2000);
    gl_print_error("copy too far");
    glBindBuffer(GL_COPY_READ_BUFFER, buffers[1]);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 100, 200);
    gl_print_error("copy overlapping");
    glBufferSubData(GL_ARRAY_BUFFER, 9000, 1001, data);
    glBufferSubData(GL_ARRAY_BUFFER, -1, 10, data);
    glBufferData(GL_ARRAY_BUFFER, -1, data, GL_STATIC_DRAW);
    glBufferData(GL_ARRAY_BUFFER, 10, data, 0x1234);
    glBufferData(0x1234, 10, data, GL_STATIC_DRAW);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glBufferData(GL_ARRAY_BUFFER, 10, data, GL_STATIC_DRAW);
    gl_print_error("bad");
    static const GLenum names[] = { GL_BUFFER_SIZE, GL_BUFFER_USAGE, GL_BUFFER_MAPPED, GL_BUFFER_ACCESS_FLAGS,
                                    GL_BUFFER_MAP_LENGTH, GL_BUFFER_MAP_OFFSET };
    for (unsigned i = 0; i < 6; i++) {
        GLint value = -1;
        glGetBufferParameteriv(GL_COPY_WRITE_BUFFER, names[i], &value);
        printf("parameter %04x %d\n", names[i], value);
    }
    glDeleteBuffers(3, buffers);
    printf("is %d\n", glIsBuffer(buffers[0]));
}

static void
maps(void)
{
    static const GLbitfield flags[] = {
        GL_MAP_READ_BIT,
        GL_MAP_WRITE_BIT,
        GL_MAP_READ_BIT | GL_MAP_WRITE_BIT,
        GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT,
        GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT,
        GL_MAP_WRITE_BIT | GL_MAP_UNSYNCHRONIZED_BIT,
        GL_MAP_WRITE_BIT | GL_MAP_FLUSH_EXPLICIT_BIT,
        GL_MAP_WRITE_BIT | GL_MAP_FLUSH_EXPLICIT_BIT | GL_MAP_UNSYNCHRONIZED_BIT,
    };
    uint8_t data[8192];
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        GLuint buffer;
        glGenBuffers(1, &buffer);
        glBindBuffer(GL_ARRAY_BUFFER, buffer);
        gl_fill(data, sizeof(data), i);
        glBufferData(GL_ARRAY_BUFFER, sizeof(data), data, GL_DYNAMIC_DRAW);
        uint8_t *map = glMapBufferRange(GL_ARRAY_BUFFER, 1000, 5000, flags[i]);
        GLint value = 0;
        glGetBufferParameteriv(GL_ARRAY_BUFFER, GL_BUFFER_ACCESS_FLAGS, &value);
        printf("map %d flags %04x\n", map != NULL, value);
        void *pointer = NULL;
        glGetBufferPointerv(GL_ARRAY_BUFFER, GL_BUFFER_MAP_POINTER, &pointer);
        printf("pointer %d\n", pointer == map);
        if (flags[i] & GL_MAP_READ_BIT)
            gl_print_hash("read", map, 5000);
        if (flags[i] & GL_MAP_WRITE_BIT)
            gl_fill(map, flags[i] & (GL_MAP_INVALIDATE_RANGE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT) ? 5000 : 100, 50 + i);
        glMapBufferRange(GL_ARRAY_BUFFER, 0, 10, GL_MAP_READ_BIT);
        glBufferSubData(GL_ARRAY_BUFFER, 0, 10, data);
        gl_print_error("while mapped");
        if (flags[i] & GL_MAP_FLUSH_EXPLICIT_BIT) {
            glFlushMappedBufferRange(GL_ARRAY_BUFFER, 10, 50);
            glFlushMappedBufferRange(GL_ARRAY_BUFFER, 4990, 50);
            gl_print_error("flush");
        }
        printf("unmap %d\n", glUnmapBuffer(GL_ARRAY_BUFFER));
        printf("unmap %d\n", glUnmapBuffer(GL_ARRAY_BUFFER));
        gl_print_error("unmap");
        if (!(flags[i] & (GL_MAP_INVALIDATE_BUFFER_BIT | GL_MAP_FLUSH_EXPLICIT_BIT)))
            print_buffer("result", GL_ARRAY_BUFFER, sizeof(data));
        else if (flags[i] & GL_MAP_FLUSH_EXPLICIT_BIT) {
            map = glMapBufferRange(GL_ARRAY_BUFFER, 1010, 50, GL_MAP_READ_BIT);
            gl_print_hash("flushed", map, 50);
            glUnmapBuffer(GL_ARRAY_BUFFER);
        } else {
            map = glMapBufferRange(GL_ARRAY_BUFFER, 1000, 5000, GL_MAP_READ_BIT);
            gl_print_hash("invalidated", map, 5000);
            glUnmapBuffer(GL_ARRAY_BUFFER);
        }
        glDeleteBuffers(1, &buffer);
    }
}

static void
map_errors(void)
{
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, 100, NULL, GL_STATIC_DRAW);
    static const struct { GLenum target; GLintptr offset; GLsizeiptr length; GLbitfield access; } bad[] = {
        { 0x1234, 0, 10, GL_MAP_READ_BIT },
        { GL_UNIFORM_BUFFER, 0, 10, GL_MAP_READ_BIT },
        { GL_ARRAY_BUFFER, -1, 10, GL_MAP_READ_BIT },
        { GL_ARRAY_BUFFER, 0, -1, GL_MAP_READ_BIT },
        { GL_ARRAY_BUFFER, 0, 0, GL_MAP_READ_BIT },
        { GL_ARRAY_BUFFER, 50, 51, GL_MAP_READ_BIT },
        { GL_ARRAY_BUFFER, 0, 10, 0 },
        { GL_ARRAY_BUFFER, 0, 10, 0x8000 },
        { GL_ARRAY_BUFFER, 0, 10, GL_MAP_READ_BIT | GL_MAP_INVALIDATE_BUFFER_BIT },
        { GL_ARRAY_BUFFER, 0, 10, GL_MAP_READ_BIT | GL_MAP_UNSYNCHRONIZED_BIT },
        { GL_ARRAY_BUFFER, 0, 10, GL_MAP_READ_BIT | GL_MAP_FLUSH_EXPLICIT_BIT },
    };
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        printf("map %d\n", glMapBufferRange(bad[i].target, bad[i].offset, bad[i].length, bad[i].access) != NULL);
        gl_print_error("map");
    }
    glFlushMappedBufferRange(GL_ARRAY_BUFFER, 0, 10);
    gl_print_error("flush unmapped");
    glUnmapBuffer(0x1234);
    gl_print_error("unmap target");
    uint8_t *map = glMapBufferRange(GL_ARRAY_BUFFER, 0, 100, GL_MAP_WRITE_BIT);
    memset(map, 5, 100);
    glBufferData(GL_ARRAY_BUFFER, 50, NULL, GL_STATIC_DRAW);
    GLint mapped = -1;
    glGetBufferParameteriv(GL_ARRAY_BUFFER, GL_BUFFER_MAPPED, &mapped);
    printf("mapped after data %d\n", mapped);
    gl_print_error("data");
}

static void
map_oes(void)
{
    PFNGLMAPBUFFEROESPROC map_buffer = (PFNGLMAPBUFFEROESPROC)(void (*)(void))eglGetProcAddress("glMapBufferOES");
    PFNGLUNMAPBUFFEROESPROC unmap = (PFNGLUNMAPBUFFEROESPROC)(void (*)(void))eglGetProcAddress("glUnmapBufferOES");
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), buffer;
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 0, 1, 1);
    float positions[2000];
    uint8_t random[2000];
    gl_fill(random, sizeof(random), 5);
    for (int i = 0; i < 2000; i++)
        positions[i] = (float)random[i] / 128.0f - 1.0f;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof(positions), positions, GL_DYNAMIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glEnableVertexAttribArray(0);
    for (int frame = 0; frame < 5; frame++) {
        float *map = map_buffer(GL_ARRAY_BUFFER, GL_WRITE_ONLY_OES);
        for (int i = 0; i < 100; i++)
            map[frame * 200 + i] *= 0.5f;
        map[0] = 0.1f * (float)frame;
        unmap(GL_ARRAY_BUFFER);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_TRIANGLE_STRIP, frame * 10, 12);
        gl_print_pixels("frame");
    }
    map_buffer(GL_ARRAY_BUFFER, GL_READ_ONLY);
    gl_print_error("read only");
}

static void
uniform_buffers(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; void main() { gl_Position = pos; }";
    static const char fs[] = "#version 300 es\nprecision mediump float; layout(std140) uniform A { vec4 color; float scale[3]; mat2 m; } a;"
                             "layout(std140) uniform B { vec4 other; }; out vec4 o;"
                             "void main() { o = a.color * a.scale[1] + other * a.m[1][0]; }";
    GLuint program = gl_program(vs, fs), buffer;
    GLint align = 0;
    glGetIntegerv(GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT, &align);
    GLuint ia = glGetUniformBlockIndex(program, "A"), ib = glGetUniformBlockIndex(program, "B");
    printf("blocks %u %u %u\n", ia, ib, glGetUniformBlockIndex(program, "C"));
    glUniformBlockBinding(program, ia, 3);
    glUniformBlockBinding(program, ib, 1);
    float data[512] = { 0.5f, 0.25f, 1, 1, 0.5f, 0, 0, 0, 0.8f, 0, 0, 0, 0.1f, 0, 0, 0, 1, 1, 0, 0, 0.5f, 1 };
    float *other = data + 256;
    other[0] = 0.4f, other[1] = 0.3f, other[2] = 0.2f, other[3] = 0.1f;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_UNIFORM_BUFFER, buffer);
    glBufferData(GL_UNIFORM_BUFFER, sizeof(data), data, GL_STATIC_DRAW);
    glBindBufferRange(GL_UNIFORM_BUFFER, 3, buffer, 0, 128);
    glBindBufferRange(GL_UNIFORM_BUFFER, 1, buffer, 1024, 64);
    gl_print_error("bind");
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("blocks");
    other[0] = 1;
    glBufferSubData(GL_UNIFORM_BUFFER, 1024, 16, other);
    gl_draw_quad(program, -0.5f, -0.5f, 0.5f, 0.5f);
    gl_print_pixels("updated");
    GLint value = 0;
    glGetIntegeri_v(GL_UNIFORM_BUFFER_BINDING, 3, &value);
    printf("binding %d\n", value == (GLint)buffer);
    GLint64 start = 0, size = 0;
    glGetInteger64i_v(GL_UNIFORM_BUFFER_START, 1, &start);
    glGetInteger64i_v(GL_UNIFORM_BUFFER_SIZE, 1, &size);
    printf("range %lld %lld\n", (long long)start, (long long)size);
    if (align > 1)
        glBindBufferRange(GL_UNIFORM_BUFFER, 0, buffer, 1, 16);
    glBindBufferRange(GL_UNIFORM_BUFFER, 0, buffer, 0, 0);
    glBindBufferBase(GL_UNIFORM_BUFFER, 10000, buffer);
    glBindBufferBase(GL_ARRAY_BUFFER, 0, buffer);
    glUniformBlockBinding(program, 99, 0);
    gl_print_error("bad");
    glDeleteBuffers(1, &buffer);
    glGetIntegeri_v(GL_UNIFORM_BUFFER_BINDING, 3, &value);
    printf("binding after delete %d\n", value);
}

static void
large_buffer(void)
{
    size_t size = (size_t)40 << 20;
    uint8_t *data = malloc(size);
    GLuint buffer;
    gl_fill(data, size, 6);
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)size, data, GL_STATIC_DRAW);
    const uint8_t *map = glMapBufferRange(GL_ARRAY_BUFFER, (GLintptr)size - 1000000, 1000000, GL_MAP_READ_BIT);
    gl_print_hash("tail", map, 1000000);
    glUnmapBuffer(GL_ARRAY_BUFFER);
    free(data);
}

const struct gl_case gl_cases_buffer[] = {
    { "buffer-data", 3, data_and_copy, 0 },
    { "buffer-maps", 3, maps, 0 },
    { "buffer-map-errors", 3, map_errors, 0 },
    { "buffer-map-oes", 2, map_oes, 0 },
    { "buffer-uniform", 3, uniform_buffers, 0 },
    { "buffer-large", 3, large_buffer, 0 },
    { 0 },
};
