/* Vertex data: client arrays of every type and stride, indices with restart, array objects, instancing. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

static const char vs_attrib[] = "attribute vec4 pos; attribute vec4 extra; varying vec4 v;"
                                "void main() { gl_Position = vec4(pos.xy, 0.0, 1.0); gl_PointSize = 3.0; v = extra; }";
static const char fs_attrib[] = "precision mediump float; varying vec4 v; void main() { gl_FragColor = abs(v) * 0.7 + 0.2; }";

static GLuint
attrib_program(GLint *extra)
{
    GLuint program = gl_program(vs_attrib, fs_attrib);
    *extra = glGetAttribLocation(program, "extra");
    printf("locations %d %d\n", glGetAttribLocation(program, "pos"), *extra);
    glUseProgram(program);
    return program;
}

static void
grid(float *out, int count)
{
    uint8_t random[512];
    gl_fill(random, sizeof(random), 3);
    for (int i = 0; i < count * 2; i++)
        out[i] = (float)random[i % 512] / 128.0f - 1.0f;
}

static void
client_types(void)
{
    static const GLenum types[] = { GL_BYTE, GL_UNSIGNED_BYTE, GL_SHORT, GL_UNSIGNED_SHORT, GL_FLOAT, GL_FIXED };
    static const int bytes[] = { 1, 1, 2, 2, 4, 4 };
    GLint extra;
    attrib_program(&extra);
    float positions[60];
    grid(positions, 30);
    uint8_t *data = malloc(8192);
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray((GLuint)extra);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    for (unsigned t = 0; t < 6; t++) {
        for (int size = 1; size <= 4; size++) {
            gl_fill(data, 8192, t);
            for (int i = 0; types[t] == GL_FLOAT && i < 2048; i++)
                ((float *)data)[i] = (float)(i % 7) / 8.0f;
            int stride = size & 1 ? 0 : size * bytes[t] + (int)t * 4;
            glVertexAttribPointer((GLuint)extra, size, types[t], size < 4 && types[t] != GL_FIXED, stride, data);
            glClear(GL_COLOR_BUFFER_BIT);
            glDrawArrays(GL_TRIANGLES, (GLint)t, 21);
            gl_print_pixels("type");
        }
    }
    glDisableVertexAttribArray((GLuint)extra);
    glVertexAttrib3f((GLuint)extra, 0.25f, 0.5f, 0.75f);
    glDrawArrays(GL_TRIANGLES, 3, 9);
    gl_print_pixels("constant");
    glVertexAttrib4fv((GLuint)extra, (const float[]){ 1, 0, 0.5f, 1 });
    glDrawArrays(GL_POINTS, 0, 30);
    gl_print_pixels("constant v");
    float current[4];
    glGetVertexAttribfv((GLuint)extra, GL_CURRENT_VERTEX_ATTRIB, current);
    gl_print_hash("current", current, sizeof(current));
    free(data);
}

static void
interleaved(void)
{
    struct { float x, y; uint8_t color[4]; uint16_t pad; uint16_t half[3]; } vertices[24];
    GLint extra;
    attrib_program(&extra);
    float positions[48];
    grid(positions, 24);
    gl_fill(vertices, sizeof(vertices), 8);
    for (int i = 0; i < 24; i++) {
        vertices[i].x = positions[i * 2];
        vertices[i].y = positions[i * 2 + 1];
    }
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray((GLuint)extra);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, sizeof(vertices[0]), &vertices[0].x);
    glVertexAttribPointer((GLuint)extra, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(vertices[0]), vertices[0].color);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 24);
    gl_print_pixels("interleaved");
    // One in a buffer, one in client memory.
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof(vertices), vertices, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, sizeof(vertices[0]), (void *)0);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLE_STRIP, 5, 15);
    gl_print_pixels("mixed");
    glVertexAttribPointer((GLuint)extra, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(vertices[0]), (void *)8);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLE_STRIP, 2, 20);
    gl_print_pixels("both buffered");
    glDeleteBuffers(1, &buffer);
}

static void
indices(void)
{
    GLint extra;
    attrib_program(&extra);
    float positions[512];
    grid(positions, 256);
    uint8_t bytes[64];
    uint16_t shorts[64];
    uint32_t ints[64];
    gl_fill(bytes, sizeof(bytes), 13);
    for (int i = 0; i < 64; i++) {
        if (i % 9 == 5)
            bytes[i] = 0xff;
        shorts[i] = bytes[i] == 0xff ? 0xffff : bytes[i];
        ints[i] = bytes[i] == 0xff ? 0xffffffffu : bytes[i];
    }
    const void *data[] = { bytes, shorts, ints };
    static const GLenum types[] = { GL_UNSIGNED_BYTE, GL_UNSIGNED_SHORT, GL_UNSIGNED_INT };
    static const size_t sizes[] = { sizeof(bytes), sizeof(shorts), sizeof(ints) };
    GLuint buffers[2];
    glGenBuffers(2, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof(positions), positions, GL_STATIC_DRAW);
    glEnableVertexAttribArray(0);
    glVertexAttrib4f((GLuint)extra, 0.9f, 0.2f, 0.4f, 1);
    glEnable(GL_PRIMITIVE_RESTART_FIXED_INDEX);
    for (int i = 0; i < 3; i++) {
        for (int mode = 0; mode < 4; mode++) {
            // mode bit 0: indices in a buffer; bit 1: vertices in a buffer
            glBindBuffer(GL_ARRAY_BUFFER, mode & 2 ? buffers[0] : 0);
            glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, mode & 2 ? NULL : positions);
            glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, mode & 1 ? buffers[1] : 0);
            if (mode & 1)
                glBufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)sizes[i], data[i], GL_STATIC_DRAW);
            glClear(GL_COLOR_BUFFER_BIT);
            glDrawElements(GL_TRIANGLE_STRIP, 60, types[i], mode & 1 ? (void *)(sizes[i] / 64 * 4) : data[i]);
            gl_print_pixels("elements");
            glDrawRangeElements(GL_LINE_STRIP, 0, 255, 20, types[i], mode & 1 ? NULL : data[i]);
            gl_print_pixels("range elements");
        }
    }
    glDisable(GL_PRIMITIVE_RESTART_FIXED_INDEX);
    for (int i = 0; i < 64; i++)
        shorts[i] = (uint16_t)(i * 3 % 200);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
    glBufferSubData(GL_ELEMENT_ARRAY_BUFFER, 16, 64, shorts);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawElements(GL_POINTS, 30, GL_UNSIGNED_SHORT, (void *)16);
    gl_print_pixels("after sub data");
    glDrawElements(GL_TRIANGLES, 3, GL_FLOAT, (void *)0);
    glDrawElements(GL_TRIANGLES, -3, GL_UNSIGNED_BYTE, (void *)0);
    glDrawElements(77, 3, GL_UNSIGNED_BYTE, (void *)0);
    gl_print_error("bad");
}

static void
array_objects(void)
{
    GLint extra;
    attrib_program(&extra);
    float positions[66];
    grid(positions, 33);
    uint16_t order[32];
    for (int i = 0; i < 32; i++)
        order[i] = (uint16_t)(31 - i);
    GLuint vaos[3], buffers[3];
    glGenVertexArrays(3, vaos);
    glGenBuffers(3, buffers);
    printf("is %d\n", glIsVertexArray(vaos[0]));
    for (int i = 0; i < 2; i++) {
        glBindVertexArray(vaos[i]);
        glBindBuffer(GL_ARRAY_BUFFER, buffers[i]);
        glBufferData(GL_ARRAY_BUFFER, 64 * sizeof(float), positions + i, GL_STATIC_DRAW);
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, i * 16, (void *)(uintptr_t)(i * 8));
        glEnableVertexAttribArray(0);
        glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[2]);
    }
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(order), order, GL_STATIC_DRAW);
    glVertexAttrib4f((GLuint)extra, 0.3f, 0.8f, 0.4f, 1);
    for (int i = 0; i < 2; i++) {
        glBindVertexArray(vaos[i]);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawElements(GL_TRIANGLES, 15, GL_UNSIGNED_SHORT, (void *)2);
        gl_print_pixels("array object");
    }
    GLint value = 0;
    glGetVertexAttribiv(0, GL_VERTEX_ATTRIB_ARRAY_STRIDE, &value);
    printf("stride %d\n", value);
    void *pointer = NULL;
    glGetVertexAttribPointerv(0, GL_VERTEX_ATTRIB_ARRAY_POINTER, &pointer);
    printf("offset %p\n", pointer);
    glGetIntegerv(GL_ELEMENT_ARRAY_BUFFER_BINDING, &value);
    printf("element %d\n", value == (GLint)buffers[2]);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    gl_print_error("client pointer in an array object");
    glDeleteVertexArrays(1, &vaos[1]);
    glGetIntegerv(GL_VERTEX_ARRAY_BINDING, &value);
    printf("bound %d is %d\n", value, glIsVertexArray(vaos[1]));
    glGetIntegerv(GL_ELEMENT_ARRAY_BUFFER_BINDING, &value);
    printf("element %d\n", value);
    glBindVertexArray(vaos[1]);
    gl_print_error("deleted");
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    glEnableVertexAttribArray(0);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 30);
    gl_print_pixels("default object");
    glBindVertexArray(vaos[0]);
    glDeleteBuffers(1, &buffers[0]);
    glGetVertexAttribiv(0, GL_VERTEX_ATTRIB_ARRAY_BUFFER_BINDING, &value);
    printf("buffer %d\n", value);
}

static void
instancing(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; layout(location=1) in vec2 offset; layout(location=2) in ivec2 pick;"
                             "flat out vec4 v; void main() { gl_Position = vec4(pos.xy * 0.2 + offset, 0.0, 1.0);"
                             "v = vec4(float(pick.x) / 8.0, float(gl_InstanceID) / 6.0, float(gl_VertexID) / 9.0, 1.0); }";
    static const char fs[] = "#version 300 es\nprecision mediump float; flat in vec4 v; out vec4 o; void main() { o = v; }";
    GLuint program = gl_program(vs, fs);
    glUseProgram(program);
    static const float triangle[] = { -1, -1, 1, -1, 0, 1 };
    float offsets[16];
    grid(offsets, 8);
    GLint picks[16];
    for (int i = 0; i < 16; i++)
        picks[i] = i;
    static const uint8_t order[] = { 2, 1, 0 };
    for (int i = 0; i < 3; i++)
        glEnableVertexAttribArray((GLuint)i);
    for (GLuint divisor = 1; divisor < 4; divisor++) {
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, triangle);
        glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, 0, offsets);
        glVertexAttribDivisor(1, 1);
        glVertexAttribIPointer(2, 2, GL_INT, 8, picks);
        glVertexAttribDivisor(2, divisor);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArraysInstanced(GL_TRIANGLES, 0, 3, 6);
        gl_print_pixels("instanced arrays");
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawElementsInstanced(GL_TRIANGLES, 3, GL_UNSIGNED_BYTE, order, 7);
        gl_print_pixels("instanced elements");
    }
    glVertexAttribDivisor(2, 0);
    glDrawArraysInstanced(GL_TRIANGLES, 0, 3, -1);
    glVertexAttribDivisor(99, 1);
    gl_print_error("bad");
}

static void
integer_types(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; layout(location=1) in ivec4 i; layout(location=2) in uvec4 u; layout(location=3) in vec4 p;"
                             "out vec4 v; void main() { gl_Position = vec4(pos.xy, 0.0, 1.0);"
                             "v = vec4(i & 15) / 16.0 + vec4(u & 7u) / 16.0 + p * 0.1; }";
    static const char fs[] = "#version 300 es\nprecision mediump float; in vec4 v; out vec4 o; void main() { o = v; }";
    glUseProgram(gl_program(vs, fs));
    float positions[40];
    grid(positions, 20);
    uint8_t data[4096];
    gl_fill(data, sizeof(data), 17);
    static const GLenum types[] = { GL_BYTE, GL_UNSIGNED_BYTE, GL_SHORT, GL_UNSIGNED_SHORT, GL_INT, GL_UNSIGNED_INT };
    for (GLuint i = 0; i < 4; i++)
        glEnableVertexAttribArray(i);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    for (int t = 0; t < 6; t++) {
        glVertexAttribIPointer(1, 1 + t % 4, types[t], 0, data);
        glVertexAttribIPointer(2, 1 + (t + 1) % 4, types[5 - t], 24, data + 8);
        glVertexAttribPointer(3, 4, t & 1 ? GL_INT_2_10_10_10_REV : GL_UNSIGNED_INT_2_10_10_10_REV, GL_TRUE, 0, data + 64);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_TRIANGLES, 0, 18);
        gl_print_pixels("integers");
    }
    glVertexAttribPointer(3, 3, GL_INT_2_10_10_10_REV, GL_TRUE, 0, data);
    glVertexAttribIPointer(1, 4, GL_FLOAT, 0, data);
    glVertexAttribPointer(3, 5, GL_FLOAT, GL_TRUE, 0, data);
    glVertexAttribPointer(3, 4, GL_FLOAT, GL_TRUE, -4, data);
    glVertexAttribPointer(200, 4, GL_FLOAT, GL_TRUE, 0, data);
    gl_print_error("bad");
    glVertexAttribI4i(1, 1, -2, 3, 4);
    GLint current[4];
    glGetVertexAttribIiv(1, GL_CURRENT_VERTEX_ATTRIB, current);
    printf("current %d %d %d %d\n", current[0], current[1], current[2], current[3]);
}

static void
large_client_array(void)
{
    GLint extra;
    attrib_program(&extra);
    enum { COUNT = 60000 };
    float *positions = malloc(COUNT * 5 * sizeof(float));
    uint8_t *random = malloc(COUNT * 2);
    gl_fill(random, COUNT * 2, 41);
    for (int i = 0; i < COUNT; i++) {
        positions[i * 5] = (float)random[i * 2] / 128.0f - 1.0f;
        positions[i * 5 + 1] = (float)random[i * 2 + 1] / 128.0f - 1.0f;
    }
    glVertexAttrib4f((GLuint)extra, 0.6f, 0.1f, 0.9f, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 20, positions);
    glEnableVertexAttribArray(0);
    for (int frame = 0; frame < 4; frame++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_POINTS, frame * 1000, 2000 + frame * 10000);
        gl_print_pixels("many");
    }
    free(random);
    free(positions);
}

struct coloured {
    float x, y;
    uint8_t color[4];
    float unused;
};

static void
fill_coloured(struct coloured *vertices, int count, uint32_t seed)
{
    uint8_t random[1024];
    gl_fill(random, sizeof(random), seed);
    for (int i = 0; i < count; i++) {
        vertices[i].x = (float)random[i * 7 % 1024] / 128.0f - 1.0f;
        vertices[i].y = (float)random[i * 11 % 1024] / 128.0f - 1.0f;
        for (int c = 0; c < 4; c++)
            vertices[i].color[c] = random[(i * 3 + c) % 1024];
        vertices[i].unused = 0;
    }
}

static void
point_at(const struct coloured *vertices, GLint extra)
{
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, sizeof(*vertices), &vertices->x);
    glVertexAttribPointer((GLuint)extra, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(*vertices), vertices->color);
}

/* Arrays that rest, change by a byte, move, and are more than are kept. */
static void
kept_client_arrays(void)
{
    enum { COUNT = 900, ARRAYS = 150 };
    GLint extra;
    attrib_program(&extra);
    struct coloured *vertices = malloc(COUNT * sizeof(*vertices)), *copy = malloc((COUNT + 1) * sizeof(*vertices));
    uint16_t order[300];
    for (int i = 0; i < 300; i++)
        order[i] = (uint16_t)(20 + i * 37 % 800);
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray((GLuint)extra);
    fill_coloured(vertices, COUNT, 5);
    for (int frame = 0; frame < 16; frame++) {
        if (frame == 5)
            vertices[COUNT - 1].color[3] ^= 0x80;
        if (frame == 9)
            vertices[450].y = -vertices[450].y;
        memcpy(copy + (frame & 1), vertices, COUNT * sizeof(*vertices));
        point_at(frame < 12 ? vertices : copy + (frame & 1), extra);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_POINTS, 0, COUNT);
        glDrawArrays(GL_TRIANGLE_STRIP, 300, 500);
        gl_print_pixels("arrays");
        glDrawElements(GL_LINE_STRIP, 300, GL_UNSIGNED_SHORT, order);
        gl_print_pixels("elements");
    }
    for (int round = 0; round < 4; round++) {
        glClear(GL_COLOR_BUFFER_BIT);
        for (int i = 0; i < ARRAYS; i++) {
            fill_coloured(vertices, 80, (uint32_t)i);
            point_at(vertices, extra);
            glDrawArrays(GL_POINTS, i % 3, 77);
        }
        gl_print_pixels("many");
    }
    // Nothing of an array may stay behind when it has become shorter.
    glDisableVertexAttribArray((GLuint)extra);
    for (int i = 0; i < 4; i++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_POINTS, i, 70);
        gl_print_pixels("one of two");
    }
    gl_print_error("kept");
    free(copy);
    free(vertices);
}

/* A vertex array that is not bound keeps the element buffer that is deleted; its name may be another buffer's then. */
static void
reused_element_buffer(void)
{
    static const float positions[] = { -1, -1, 1, -1, 1, 1, -1, 1, 0, 0 };
    static const uint16_t first[] = { 0, 1, 4 }, second[] = { 2, 3, 4 };
    GLuint arrays[2], vertices, elements = 500;
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 1, 1, 1);
    glGenVertexArrays(2, arrays);
    glGenBuffers(1, &vertices);
    glBindVertexArray(arrays[0]);
    glBindBuffer(GL_ARRAY_BUFFER, vertices);
    glBufferData(GL_ARRAY_BUFFER, sizeof(positions), positions, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glEnableVertexAttribArray(0);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, elements);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(first), first, GL_STATIC_DRAW);
    glBindVertexArray(arrays[1]);
    glDeleteBuffers(1, &elements);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, elements);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(second), second, GL_STATIC_DRAW);
    glBindVertexArray(arrays[0]);
    glDrawElements(GL_TRIANGLES, 3, GL_UNSIGNED_SHORT, NULL);
    gl_print_pixels("the old one");
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, elements);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawElements(GL_TRIANGLES, 3, GL_UNSIGNED_SHORT, NULL);
    gl_print_pixels("the new one");
    gl_print_error("reused");
}

/* The same pointer again, of a buffer that was deleted and whose name another has now; and between other settings. */
static void
repeated_pointers(void)
{
    static const float left[] = { -1, -1, 0, -1, -1, 1 }, right[] = { 0, -1, 1, -1, 1, 1 }, up[] = { 0, 0, 1, 0, 0, 1, 9 };
    GLuint arrays[2], buffer = 600, other;
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 0.5f, 0.25f, 1);
    glGenVertexArrays(2, arrays);
    glGenBuffers(1, &other);
    glBindBuffer(GL_ARRAY_BUFFER, other);
    glBufferData(GL_ARRAY_BUFFER, sizeof(up), up, GL_STATIC_DRAW);
    glBindVertexArray(arrays[0]);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof(left), left, GL_STATIC_DRAW);
    for (int i = 0; i < 2; i++) {
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
        glEnableVertexAttribArray(0);
    }
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("first");
    glBindVertexArray(arrays[1]);
    glEnableVertexAttribArray(0);
    glDeleteBuffers(1, &buffer); // arrays[0] keeps it
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof(right), right, GL_STATIC_DRAW);
    glBindVertexArray(arrays[0]);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("kept");
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("of another buffer");
    glBindBuffer(GL_ARRAY_BUFFER, other);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("of a third");
    for (int i = 0; i < 3; i++) { // between GLES 3.1's commands
        if (i == 0)
            glBindVertexBuffer(0, buffer, 0, 8);
        else if (i == 1)
            glVertexAttribFormat(0, 2, GL_FLOAT, GL_FALSE, 4);
        else
            glVertexAttribBinding(0, 3);
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_TRIANGLES, 0, 3);
        gl_print_pixels("in between");
    }
    glVertexAttribIPointer(0, 2, GL_INT, 0, NULL);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 4, NULL);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 4, (const void *)4);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("stride");
    for (int i = 0; i < 2; i++) {
        glVertexAttribPointer(0, 5, GL_FLOAT, GL_FALSE, 0, NULL);
        gl_print_error("size");
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
        glDisableVertexAttribArray(99);
        gl_print_error("index");
        glDisableVertexAttribArray(0);
    }
    glVertexAttrib2f(0, 0.5f, 0.5f);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_POINTS, 0, 3);
    gl_print_pixels("off");
    glEnableVertexAttribArray(0);
    glDeleteBuffers(1, &other); // bound here: taken out of the array
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("after its deletion");
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glBindVertexArray(0);
    glEnableVertexAttribArray(0);
    for (int i = 0; i < 4; i++) {
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, i & 1 ? left : right);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArrays(GL_TRIANGLES, 0, 3);
        gl_print_pixels("client memory");
    }
    gl_print_error("repeated");
}

const struct gl_case gl_cases_vertex[] = {
    { "vertex-client-types", 2, client_types, 0 },
    { "vertex-interleaved", 2, interleaved, 0 },
    { "vertex-indices", 3, indices, 0 },
    { "vertex-reused-elements", 3, reused_element_buffer, 0 },
    { "vertex-repeated-pointers", 3, repeated_pointers, 0 },
    { "vertex-array-objects", 3, array_objects, 0 },
    { "vertex-instancing", 3, instancing, 0 },
    { "vertex-integers", 3, integer_types, 0 },
    { "vertex-kept-client-arrays", 2, kept_client_arrays, 0 },
    { "vertex-large-client-array", 2, large_client_array, 0 },
    { 0 },
};
