/* Random sequences of calls, right and wrong ones: errors, state and pixels must stay the same as natively. */
#include "gl_case.h"

#include <string.h>

static uint32_t random_state, operation; // operation: what a difference is about

static uint32_t
pick(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static GLenum
one_of(const GLenum *list, uint32_t count)
{
    return pick(25) == 0 ? 0x1234 : list[pick(count)]; // now and then a wrong one
}
#define ONE_OF(...) one_of((const GLenum[]){ __VA_ARGS__ }, sizeof((GLenum[]){ __VA_ARGS__ }) / sizeof(GLenum))

static GLint
small(void)
{
    return pick(30) == 0 ? -(GLint)pick(5) : (GLint)pick(40);
}

static float noise[4096];
static uint8_t bytes[1 << 16];
static GLuint programs[2], buffers[4];

static void
change_state(void)
{
    switch (operation = pick(18)) {
    case 0: glEnable(ONE_OF(GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_SCISSOR_TEST, GL_STENCIL_TEST, GL_DITHER)); break;
    case 1: glDisable(ONE_OF(GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_SCISSOR_TEST, GL_STENCIL_TEST, GL_DITHER)); break;
    case 2: glBlendFunc(ONE_OF(GL_ONE, GL_SRC_ALPHA, GL_DST_COLOR), ONE_OF(GL_ZERO, GL_ONE_MINUS_SRC_ALPHA, GL_ONE)); break;
    case 3: glBlendEquation(ONE_OF(GL_FUNC_ADD, GL_MAX, GL_FUNC_SUBTRACT)); break;
    case 4: glViewport(small(), small(), small() + 20, small() + 20); break;
    case 5: glScissor(small(), small(), small() + 10, small() + 10); break;
    case 6: glDepthFunc(ONE_OF(GL_LESS, GL_ALWAYS, GL_GEQUAL)); break;
    case 7: glCullFace(ONE_OF(GL_FRONT, GL_BACK)); break;
    case 8: glFrontFace(ONE_OF(GL_CW, GL_CCW)); break;
    case 9: glColorMask(pick(4) != 0, pick(4) != 0, pick(4) != 0, pick(4) != 0); break;
    case 10: glClearColor(noise[pick(99)], noise[pick(99)], 0.5f, 1); break;
    case 11: glStencilFunc(ONE_OF(GL_ALWAYS, GL_EQUAL, GL_LESS), small(), pick(256)); break;
    case 12: glStencilOp(ONE_OF(GL_KEEP, GL_INCR), ONE_OF(GL_ZERO, GL_INVERT), ONE_OF(GL_REPLACE, GL_KEEP)); break;
    case 13: glPixelStorei(ONE_OF(GL_UNPACK_ALIGNMENT, GL_UNPACK_SKIP_PIXELS, GL_UNPACK_SKIP_ROWS), (GLint)pick(9)); break;
    case 14: glActiveTexture(GL_TEXTURE0 + pick(3)); break;
    case 15: glLineWidth((float)pick(4)); break;
    case 16: glDepthMask(pick(3) != 0); break;
    default: glUseProgram(pick(20) ? programs[pick(2)] : 999); break;
    }
}

static void
change_objects(void)
{
    static const GLenum formats[] = { GL_RGBA, GL_RGB, GL_LUMINANCE, GL_ALPHA };
    GLenum format = one_of(formats, 4);
    switch (operation = pick(9)) {
    case 0: glBindTexture(ONE_OF(GL_TEXTURE_2D, GL_TEXTURE_2D, GL_TEXTURE_CUBE_MAP), pick(6)); break;
    case 1: glTexImage2D(GL_TEXTURE_2D, 0, (GLint)format, small(), small(), 0, format, ONE_OF(GL_UNSIGNED_BYTE, GL_UNSIGNED_BYTE), bytes); break;
    case 2: glTexSubImage2D(GL_TEXTURE_2D, 0, small(), small(), small() / 4, small() / 4, format, GL_UNSIGNED_BYTE, bytes); break;
    case 3: glTexParameteri(GL_TEXTURE_2D, ONE_OF(GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER), (GLint)ONE_OF(GL_NEAREST, GL_LINEAR)); break;
    case 4: glTexParameteri(GL_TEXTURE_2D, ONE_OF(GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T), (GLint)ONE_OF(GL_REPEAT, GL_CLAMP_TO_EDGE)); break;
    case 5: glDeleteTextures(1, &(GLuint){ pick(12) }); break;
    case 6: glBindBuffer(ONE_OF(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER), buffers[pick(4)]); break;
    case 7: glBufferData(ONE_OF(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER), small() * 100, pick(2) ? bytes + pick(99) : NULL, ONE_OF(GL_STATIC_DRAW, GL_DYNAMIC_COPY)); break;
    default: glBufferSubData(ONE_OF(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER), small() * 50, small() * 10, bytes + pick(999)); break;
    }
}

static void
draw(void)
{
    static uint16_t order[256];
    static const GLenum modes[] = { GL_TRIANGLES, GL_TRIANGLE_STRIP, GL_TRIANGLE_FAN, GL_LINES, GL_LINE_LOOP }; // points have no size here
    for (int i = 0; i < 256; i++)
        order[i] = (uint16_t)pick(500);
    glVertexAttribPointer(0, 2 + (GLint)pick(2), GL_FLOAT, GL_FALSE, (GLsizei)pick(3) * 12, noise + pick(8));
    glEnableVertexAttribArray(0);
    switch (operation = pick(4)) {
    case 0: glClear(GL_COLOR_BUFFER_BIT | (pick(2) ? GL_DEPTH_BUFFER_BIT : GL_STENCIL_BUFFER_BIT)); break;
    case 1: glDrawArrays(one_of(modes, 5), (GLint)pick(40), small()); break; // Mesa takes a negative first
    case 2: glDrawElements(one_of(modes, 5), small(), ONE_OF(GL_UNSIGNED_SHORT, GL_UNSIGNED_SHORT), order); break;
    default: glDrawArraysInstanced(one_of(modes, 5), (GLint)pick(40), small(), 1 + small() / 10); break;
    }
}

static void
ask(int step)
{
    static const GLenum names[] = { GL_BLEND_SRC_RGB, GL_VIEWPORT, GL_SCISSOR_BOX, GL_DEPTH_FUNC, GL_STENCIL_FUNC,
                                    GL_ACTIVE_TEXTURE, GL_TEXTURE_BINDING_2D, GL_COPY_READ_BUFFER_BINDING,
                                    GL_UNPACK_ALIGNMENT, GL_CULL_FACE_MODE, GL_STENCIL_REF, GL_LINE_WIDTH };
    GLint value[4] = { 0 };
    GLenum name = one_of(names, sizeof(names) / sizeof(names[0]));
    glGetIntegerv(name, value);
    printf("%d: %04x %d %d %d %d\n", step, name, value[0], value[1], value[2], value[3]);
    GLint size = -1;
    glGetBufferParameteriv(GL_COPY_READ_BUFFER, GL_BUFFER_SIZE, &size);
    void *map = size > 0 && pick(2) ? glMapBufferRange(GL_COPY_READ_BUFFER, 0, size, GL_MAP_READ_BIT | GL_MAP_WRITE_BIT) : NULL;
    printf("%d: size %d map %d texture %d\n", step, size, map != NULL, glIsTexture(pick(8)));
    if (map) {
        memset(map, (int)pick(256), (size_t)size / 2);
        glUnmapBuffer(GL_COPY_READ_BUFFER);
    }
}

static void
run(uint32_t seed)
{
    random_state = seed;
    gl_fill(bytes, sizeof(bytes), seed);
    for (int i = 0; i < 4096; i++)
        noise[i] = (float)bytes[i] / 100.0f - 1.25f;
    programs[0] = gl_program(gl_vs_uv, gl_fs_tex);
    programs[1] = gl_program(gl_vs_uv, "precision mediump float; varying vec2 uv; void main() { gl_FragColor = vec4(uv, 0.5, 0.75); }");
    glGenBuffers(4, buffers);
    glUseProgram(programs[0]);
    for (int step = 0; step < 1500; step++) {
        uint32_t kind = pick(10);
        if (kind < 4)
            change_state();
        else if (kind < 7)
            change_objects();
        else if (kind < 9)
            draw();
        else
            ask(step);
        GLenum error = glGetError();
        if (error)
            printf("%d: error %04x kind %u operation %u\n", step, error, kind, operation);
        if (step % 100 == 99)
            gl_print_pixels("pixels");
    }
}

static void one(void) { run(1); }
static void two(void) { run(22); }
static void three(void) { run(333); }
static void four(void) { run(4444); }

const struct gl_case gl_cases_random[] = {
    { "random-1", 3, one, 0 },
    { "random-2", 3, two, 0 },
    { "random-3", 3, three, 0 },
    { "random-4", 3, four, 4 },
    { 0 },
};
