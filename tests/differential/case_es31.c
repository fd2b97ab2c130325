/* What of GLES 3.1 and 3.2 comes cheaply: compute, storage buffers, indirect draws, separate bindings, interfaces. */
#include "gl_case.h"

#include <string.h>

static void
compute(void)
{
    static const char source[] = "#version 310 es\nlayout(local_size_x = 8) in; layout(std430, binding = 1) buffer Data { uint values[]; };"
                                 "layout(binding = 0) uniform atomic_uint counter; uniform uint factor;"
                                 "void main() { values[gl_GlobalInvocationID.x] = values[gl_GlobalInvocationID.x] * factor + 1u; atomicCounterIncrement(counter); }";
    GLuint program = glCreateProgram(), buffers[2];
    glAttachShader(program, gl_shader(GL_COMPUTE_SHADER, source));
    glLinkProgram(program);
    GLint linked = 0, size[3] = { 0 };
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    glGetProgramiv(program, GL_COMPUTE_WORK_GROUP_SIZE, size);
    printf("linked %d size %d %d %d\n", linked, size[0], size[1], size[2]);
    uint32_t data[64];
    for (uint32_t i = 0; i < 64; i++)
        data[i] = i;
    glGenBuffers(2, buffers);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, 1, buffers[0]);
    glBufferData(GL_SHADER_STORAGE_BUFFER, sizeof(data), data, GL_DYNAMIC_COPY);
    glBindBufferBase(GL_ATOMIC_COUNTER_BUFFER, 0, buffers[1]);
    glBufferData(GL_ATOMIC_COUNTER_BUFFER, 4, (const uint32_t[]){ 100 }, GL_DYNAMIC_COPY);
    glUseProgram(program);
    glUniform1ui(glGetUniformLocation(program, "factor"), 3);
    glDispatchCompute(8, 1, 1);
    glMemoryBarrier(GL_ALL_BARRIER_BITS);
    const void *map = glMapBufferRange(GL_SHADER_STORAGE_BUFFER, 0, sizeof(data), GL_MAP_READ_BIT);
    gl_print_hash("storage", map, sizeof(data));
    glUnmapBuffer(GL_SHADER_STORAGE_BUFFER);
    const uint32_t *counter = glMapBufferRange(GL_ATOMIC_COUNTER_BUFFER, 0, 4, GL_MAP_READ_BIT);
    printf("counter %u\n", counter ? *counter : 0);
    glUnmapBuffer(GL_ATOMIC_COUNTER_BUFFER);
    static const GLenum interfaces[] = { GL_UNIFORM, GL_BUFFER_VARIABLE, GL_SHADER_STORAGE_BLOCK, GL_ATOMIC_COUNTER_BUFFER };
    for (int i = 0; i < 4; i++) {
        GLint count = -1;
        glGetProgramInterfaceiv(program, interfaces[i], GL_ACTIVE_RESOURCES, &count);
        printf("interface %04x %d\n", interfaces[i], count);
    }
    char name[64] = "";
    GLsizei length = 0;
    glGetProgramResourceName(program, GL_BUFFER_VARIABLE, 0, sizeof(name), &length, name);
    static const GLenum props[] = { GL_TYPE, GL_OFFSET, GL_BLOCK_INDEX, GL_ARRAY_SIZE, GL_TOP_LEVEL_ARRAY_SIZE };
    GLint values[8] = { 0 };
    glGetProgramResourceiv(program, GL_BUFFER_VARIABLE, 0, 5, props, 8, NULL, values);
    printf("variable %s %d: %04x %d %d %d %d\n", name, length, values[0], values[1], values[2], values[3], values[4]);
    printf("index %u location %d\n", glGetProgramResourceIndex(program, GL_UNIFORM, "factor"),
           glGetProgramResourceLocation(program, GL_UNIFORM, "factor"));
    gl_print_error("compute");
}

static void
indirect_and_bindings(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), vao, buffers[3];
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 0.2f, 0.9f, 0.4f, 1);
    static const float positions[] = { 9, 9, -1, -1, 0.5f, -0.8f, 0, 0.9f, 0.9f, 0.9f, -0.9f, 0.7f };
    static const uint16_t order[] = { 0, 1, 2, 3, 4, 2 };
    static const uint32_t commands[] = { 3, 1, 1, 0, 6, 1, 0, 0, 0 };
    glGenVertexArrays(1, &vao);
    glBindVertexArray(vao);
    glGenBuffers(3, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof(positions), positions, GL_STATIC_DRAW);
    glVertexAttribFormat(0, 2, GL_FLOAT, GL_FALSE, 0);
    glVertexAttribBinding(0, 5);
    glBindVertexBuffer(5, buffers[0], 8, 8);
    glEnableVertexAttribArray(0);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(order), order, GL_STATIC_DRAW);
    glBindBuffer(GL_DRAW_INDIRECT_BUFFER, buffers[2]);
    glBufferData(GL_DRAW_INDIRECT_BUFFER, sizeof(commands), commands, GL_STATIC_DRAW);
    glDrawArraysIndirect(GL_TRIANGLES, NULL);
    gl_print_pixels("arrays indirect");
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawElementsIndirect(GL_TRIANGLES, GL_UNSIGNED_SHORT, (void *)16);
    gl_print_pixels("elements indirect");
    GLint value = 0;
    glGetVertexAttribiv(0, GL_VERTEX_ATTRIB_BINDING, &value);
    printf("binding %d\n", value);
    glGetIntegeri_v(GL_VERTEX_BINDING_OFFSET, 5, &value);
    printf("offset %d\n", value);
    glGetIntegeri_v(GL_VERTEX_BINDING_STRIDE, 5, &value);
    printf("stride %d\n", value);
    glDrawArraysIndirect(GL_TRIANGLES, (void *)1000);
    gl_print_error("too far");
    glDrawArraysIndirect(GL_TRIANGLES, (void *)1);
    gl_print_error("not aligned");
}

static void
pipelines(void)
{
    static const char *const vs = "#version 310 es\nin vec4 pos; out gl_PerVertex { vec4 gl_Position; }; void main() { gl_Position = pos; }";
    static const char *const fs = "#version 310 es\nprecision mediump float; uniform vec4 color; out vec4 o; void main() { o = color; }";
    static const char *const plain = "#version 310 es\nlayout(location=0) in vec4 pos; void main() { gl_Position = pos; }";
    (void)vs;
    GLuint v = glCreateShaderProgramv(GL_VERTEX_SHADER, 1, &plain), f = glCreateShaderProgramv(GL_FRAGMENT_SHADER, 1, &fs), pipeline;
    GLint linked[2] = { 0 };
    glGetProgramiv(v, GL_LINK_STATUS, &linked[0]);
    glGetProgramiv(f, GL_LINK_STATUS, &linked[1]);
    printf("linked %d %d\n", linked[0], linked[1]);
    glGenProgramPipelines(1, &pipeline);
    glUseProgramStages(pipeline, GL_VERTEX_SHADER_BIT, v);
    glUseProgramStages(pipeline, GL_FRAGMENT_SHADER_BIT, f);
    glBindProgramPipeline(pipeline);
    glProgramUniform4f(f, glGetUniformLocation(f, "color"), 0.7f, 0.3f, 0.9f, 1);
    gl_draw_quad(0, -0.8f, -0.8f, 0.5f, 0.9f);
    gl_print_pixels("pipeline");
    GLint value = 0;
    glGetProgramPipelineiv(pipeline, GL_VERTEX_SHADER, &value);
    printf("stage %d is %d\n", value == (GLint)v, glIsProgramPipeline(pipeline));
    gl_print_error("pipeline");
}

static void
per_buffer_blend(void)
{
    glEnablei(GL_BLEND, 1);
    glBlendFunci(1, GL_SRC_ALPHA, GL_DST_ALPHA);
    glBlendEquationi(2, GL_MAX);
    glColorMaski(1, GL_FALSE, GL_TRUE, GL_FALSE, GL_TRUE);
    printf("enabled %d %d %d\n", glIsEnabled(GL_BLEND), glIsEnabledi(GL_BLEND, 0), glIsEnabledi(GL_BLEND, 1));
    for (GLuint i = 0; i < 3; i++) {
        GLint src = 0, equation = 0;
        GLboolean mask[4] = { 0 };
        glGetIntegeri_v(GL_BLEND_SRC_RGB, i, &src);
        glGetIntegeri_v(GL_BLEND_EQUATION_RGB, i, &equation);
        glGetBooleani_v(GL_COLOR_WRITEMASK, i, mask);
        printf("buffer %u %04x %04x %d%d%d%d\n", i, src, equation, mask[0], mask[1], mask[2], mask[3]);
    }
    glEnablei(GL_BLEND, 99);
    gl_print_error("bad");
    static const uint16_t order[] = { 0, 1, 2, 3 };
    static const float positions[] = { 5, 5, 5, 5, -1, -1, 1, -1, -1, 1, 1, 1 };
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 0.1f, 0.9f, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, positions);
    glEnableVertexAttribArray(0);
    glDrawElementsBaseVertex(GL_TRIANGLE_STRIP, 4, GL_UNSIGNED_SHORT, order, 2);
    gl_print_pixels("base vertex");
}

/* The names of arrays of arrays, and what an indirect dispatch without a buffer is refused for. */
static void
names_of_arrays(void)
{
    static const char *const source = "#version 310 es\nlayout(local_size_x = 1) in;"
        "uniform vec4 flat_one[2]; uniform vec4 deep[2][3]; uniform Block { vec4 inner[2][2]; };"
        "buffer Out { vec4 result; vec4 list[2][2][2]; };"
        "void main() { result = flat_one[1] + deep[0][2] + deep[1][1] + inner[1][0]; list[1][1][0] = inner[0][1]; }";
    static const char *const names[] = { "flat_one", "flat_one[0]", "flat_one[1]", "deep", "deep[0]", "deep[1]", "deep[2]",
        "deep[0][0]", "deep[1][0]", "deep[0][1]", "inner", "inner[0]", "inner[1]", "inner[1][0]", "list", "list[0]",
        "list[1]", "list[0][1]", "list[0][1][0]" };
    GLuint program = glCreateProgram();
    glAttachShader(program, gl_shader(GL_COMPUTE_SHADER, source));
    glLinkProgram(program);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        GLuint index = GL_INVALID_INDEX;
        glGetUniformIndices(program, 1, &names[i], &index);
        printf("%s: %d %d %d, %d\n", names[i], (int)glGetProgramResourceIndex(program, GL_UNIFORM, names[i]), (int)index,
               (int)glGetProgramResourceIndex(program, GL_BUFFER_VARIABLE, names[i]),
               glGetUniformLocation(program, names[i]) >= 0);
    }
    glUseProgram(program);
    glDispatchComputeIndirect(0);
    gl_print_error("no buffer");
    glDispatchComputeIndirect(-1);
    gl_print_error("negative");
    glDispatchComputeIndirect(6);
    gl_print_error("not aligned");
}

/* glReadnPixels into less memory than it takes, tight and with rows that are further apart. */
static void
bounded_reads(void)
{
    uint8_t pixels[256];
    static const struct { GLsizei width, height, buf_size, row_length; } reads[] = {
        { 4, 4, 64, 0 }, { 4, 4, 63, 0 }, { 4, 4, 0, 0 }, { 4, 4, 64, 8 }, { 4, 4, 112, 8 },
        { 4, 4, 111, 8 }, { 0, 4, 0, 0 }, { -1, 4, 64, 0 },
    };
    glClearColor(0.2f, 0.4f, 0.6f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        memset(pixels, 0xee, sizeof(pixels));
        glPixelStorei(GL_PACK_ROW_LENGTH, reads[i].row_length);
        glReadnPixels(0, 0, reads[i].width, reads[i].height, GL_RGBA, GL_UNSIGNED_BYTE, reads[i].buf_size, pixels);
        printf("%zu: %02x %02x %02x %02x, row 1 %02x, last %02x\n", i, pixels[0], pixels[16], pixels[32], pixels[63],
               pixels[36], pixels[111]);
        gl_print_error("read");
    }
    glPixelStorei(GL_PACK_ROW_LENGTH, 0);
    glReadnPixels(0, 0, 4, 4, GL_RGBA, GL_FLOAT, 4, pixels);
    gl_print_error("no such combination, too small");
}

const struct gl_case gl_cases_es31[] = {
    { "es31-compute", 3, compute, 0 },
    { "es31-indirect", 3, indirect_and_bindings, 0 },
    { "es31-names", 3, names_of_arrays, 0 },
    { "es31-pipelines", 3, pipelines, 0 },
    { "es32-bounded-reads", 3, bounded_reads, 0 },
    { "es32-per-buffer", 3, per_buffer_blend, 0 },
    { 0 },
};
