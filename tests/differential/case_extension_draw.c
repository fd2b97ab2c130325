/* Extensions that change how is drawn: several draws, base instances, blending, clipping, fetching, flipping. */
#include "gl_case.h"

#define PROC(type, name) type name = (type)eglGetProcAddress(#name)

static void
multi_draw(void)
{
    PROC(PFNGLMULTIDRAWARRAYSEXTPROC, glMultiDrawArraysEXT);
    PROC(PFNGLMULTIDRAWELEMENTSEXTPROC, glMultiDrawElementsEXT);
    PROC(PFNGLMULTIDRAWELEMENTSBASEVERTEXEXTPROC, glMultiDrawElementsBaseVertexEXT);
    static const GLfloat quads[] = { -1, -1, -.2f, -1, -1, -.2f, -.2f, -.2f, .2f, .2f, 1, .2f, .2f, 1, 1, 1,
                                     -1, .3f, -.3f, .3f, -1, .9f, -.3f, .9f };
    static const GLushort indices[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    const GLint first[] = { 0, 4, 8 }, base[] = { 8, 0 };
    const GLsizei count[] = { 4, 4, 4 }, bad[] = { 4, -1 };
    const void *where[] = { indices, indices + 4 }, *offsets[] = { (void *)8, (void *)0 };
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), buffers[2];
    GLint color = glGetUniformLocation(program, "color");
    glUseProgram(program);
    glUniform4f(color, 1, 0.5f, 0.25f, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, quads);
    glEnableVertexAttribArray(0);
    glMultiDrawArraysEXT(GL_TRIANGLE_STRIP, first, count, 3);
    gl_print_pixels("arrays");
    glClear(GL_COLOR_BUFFER_BIT);
    glUniform4f(color, 0, 0.5f, 0.75f, 1);
    glMultiDrawElementsEXT(GL_TRIANGLE_STRIP, count, GL_UNSIGNED_SHORT, where, 2);
    gl_print_pixels("client indices");
    glGenBuffers(2, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof quads, quads, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof indices, indices, GL_STATIC_DRAW);
    glClear(GL_COLOR_BUFFER_BIT);
    glMultiDrawElementsEXT(GL_TRIANGLE_STRIP, count, GL_UNSIGNED_SHORT, offsets, 2);
    gl_print_pixels("buffer indices");
    glClear(GL_COLOR_BUFFER_BIT);
    glMultiDrawElementsBaseVertexEXT(GL_TRIANGLE_STRIP, count, GL_UNSIGNED_SHORT, (const void *const[]){ 0, 0 }, 2, base);
    gl_print_pixels("base vertex");
    glClear(GL_COLOR_BUFFER_BIT);
    glMultiDrawArraysEXT(GL_TRIANGLE_STRIP, first, bad, 2);
    gl_print_pixels("bad count");
    glMultiDrawArraysEXT(GL_TRIANGLE_STRIP, first, count, -1);
    gl_print_error("bad draws");
    glMultiDrawArraysEXT(0x77, first, count, 2);
    gl_print_error("bad mode");
}

static void
base_instance(void)
{
    PROC(PFNGLDRAWARRAYSINSTANCEDBASEINSTANCEEXTPROC, glDrawArraysInstancedBaseInstanceEXT);
    PROC(PFNGLDRAWELEMENTSINSTANCEDBASEINSTANCEEXTPROC, glDrawElementsInstancedBaseInstanceEXT);
    PROC(PFNGLDRAWELEMENTSINSTANCEDBASEVERTEXBASEINSTANCEEXTPROC, glDrawElementsInstancedBaseVertexBaseInstanceEXT);
    static const char vs[] = "#version 300 es\nin vec2 pos; in vec4 shift; out vec4 c;\n"
                             "void main() { c = vec4(abs(shift.zw), float(gl_InstanceID) * 0.3, 1.0);\n"
                             "gl_Position = vec4(pos * 0.2 + shift.xy, 0.0, 1.0); }\n";
    static const char fs[] = "#version 300 es\nprecision highp float; in vec4 c; out vec4 o; void main() { o = c; }\n";
    static const GLfloat corners[] = { -1, -1, 1, -1, -1, 1, 1, 1, 9, 9, 9, 9 };
    static const GLubyte indices[] = { 0, 1, 2, 3 };
    GLfloat shifts[8 * 4];
    for (int i = 0; i < 8; i++) {
        shifts[i * 4] = -0.9f + 0.25f * (float)i;
        shifts[i * 4 + 1] = 0.8f - 0.2f * (float)i;
        shifts[i * 4 + 2] = (float)i / 8;
        shifts[i * 4 + 3] = 1 - (float)i / 8;
    }
    GLuint program = gl_program(vs, fs), buffer;
    GLint at = glGetAttribLocation(program, "shift");
    glUseProgram(program);
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray((GLuint)at);
    glVertexAttribDivisor((GLuint)at, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
    for (int pass = 0; pass < 2; pass++) {
        if (pass) {
            glGenBuffers(1, &buffer);
            glBindBuffer(GL_ARRAY_BUFFER, buffer);
            glBufferData(GL_ARRAY_BUFFER, sizeof shifts, shifts, GL_STATIC_DRAW);
        }
        glVertexAttribPointer((GLuint)at, 4, GL_FLOAT, GL_FALSE, 0, pass ? NULL : shifts);
        glBindBuffer(GL_ARRAY_BUFFER, 0);
        glClear(GL_COLOR_BUFFER_BIT);
        glDrawArraysInstancedBaseInstanceEXT(GL_TRIANGLE_STRIP, 0, 4, 3, 2);
        gl_print_pixels("arrays");
        glDrawElementsInstancedBaseInstanceEXT(GL_TRIANGLE_STRIP, 4, GL_UNSIGNED_BYTE, indices, 2, 5);
        gl_print_pixels("elements");
        glDrawElementsInstancedBaseVertexBaseInstanceEXT(GL_TRIANGLE_STRIP, 3, GL_UNSIGNED_BYTE, indices, 1, 1, 7);
        gl_print_pixels("base vertex");
    }
    glDrawArraysInstancedBaseInstanceEXT(GL_TRIANGLE_STRIP, 0, 4, -1, 2);
    gl_print_error("instances");
}

static void
dual_source(void)
{
    PROC(PFNGLBINDFRAGDATALOCATIONINDEXEDEXTPROC, glBindFragDataLocationIndexedEXT);
    PROC(PFNGLBINDFRAGDATALOCATIONEXTPROC, glBindFragDataLocationEXT);
    PROC(PFNGLGETFRAGDATAINDEXEXTPROC, glGetFragDataIndexEXT);
    PROC(PFNGLGETPROGRAMRESOURCELOCATIONINDEXEXTPROC, glGetProgramResourceLocationIndexEXT);
    static const char vs[] = "#version 300 es\nin vec4 pos; void main() { gl_Position = pos; }\n";
    static const char fs[] = "#version 300 es\n#extension GL_EXT_blend_func_extended : require\nprecision highp float;\n"
                             "out vec4 one; out vec4 two;\n"
                             "void main() { one = vec4(0.8, 0.1, 0.3, 1.0); two = vec4(0.25, 0.5, 0.75, 0.5); }\n";
    GLuint v = gl_shader(GL_VERTEX_SHADER, vs), f = gl_shader(GL_FRAGMENT_SHADER, fs), program = glCreateProgram();
    glAttachShader(program, v);
    glAttachShader(program, f);
    glBindAttribLocation(program, 0, "pos");
    glBindFragDataLocationEXT(program, 0, "one");
    glBindFragDataLocationIndexedEXT(program, 0, 1, "two");
    glBindFragDataLocationIndexedEXT(program, 0, 2, "two");
    gl_print_error("index");
    glLinkProgram(program);
    GLint linked = 0, factor = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    printf("linked %d one %d %d two %d %d\n", linked, glGetFragDataLocation(program, "one"),
           glGetFragDataIndexEXT(program, "one"), glGetFragDataLocation(program, "two"),
           glGetFragDataIndexEXT(program, "two"));
    printf("resource %d nothing %d error %x\n", glGetProgramResourceLocationIndexEXT(program, GL_PROGRAM_OUTPUT, "two"),
           glGetFragDataIndexEXT(program, "nothing"), glGetError());
    glClearColor(0.5f, 0.5f, 0.5f, 0.5f);
    glClear(GL_COLOR_BUFFER_BIT);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC1_COLOR_EXT, GL_ONE_MINUS_SRC1_ALPHA_EXT);
    glGetIntegerv(GL_BLEND_SRC_RGB, &factor);
    printf("factor %x\n", factor);
    glGetIntegerv(GL_BLEND_DST_ALPHA, &factor);
    printf("factor %x\n", factor);
    gl_draw_quad(program, -1, -1, 0.5f, 0.5f);
    gl_print_pixels("dual source");
}

static void
clip(void)
{
    PROC(PFNGLCLIPCONTROLEXTPROC, glClipControlEXT);
    PROC(PFNGLPOLYGONOFFSETCLAMPEXTPROC, glPolygonOffsetClampEXT);
    static const char vs[] = "#version 300 es\n#extension GL_EXT_clip_cull_distance : require\nin vec4 pos; uniform float z;\n"
                             "out highp float gl_ClipDistance[2];\n"
                             "void main() { gl_Position = vec4(pos.xy, z, 1.0); gl_ClipDistance[0] = pos.x + 0.3;\n"
                             "gl_ClipDistance[1] = 0.4 - pos.y; }\n";
    static const char fs[] = "#version 300 es\nprecision highp float; uniform vec4 color; out vec4 o;\n"
                             "void main() { o = color; }\n";
    GLuint program = gl_program(vs, fs);
    GLint color = glGetUniformLocation(program, "color"), z = glGetUniformLocation(program, "z"), value = 0;
    GLfloat f = 0;
    glUseProgram(program);
    glUniform4f(color, 0.2f, 0.9f, 0.4f, 1);
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("unclipped");
    glClear(GL_COLOR_BUFFER_BIT);
    glEnable(GL_CLIP_DISTANCE0_EXT);
    glEnable(GL_CLIP_DISTANCE1_EXT);
    printf("enabled %d %d\n", glIsEnabled(GL_CLIP_DISTANCE1_EXT), glIsEnabled(GL_CLIP_DISTANCE3_EXT));
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("clipped");
    glDisable(GL_CLIP_DISTANCE0_EXT);
    glClipControlEXT(GL_UPPER_LEFT_EXT, GL_ZERO_TO_ONE_EXT);
    glGetIntegerv(GL_CLIP_ORIGIN_EXT, &value);
    printf("origin %x\n", value);
    glUniform1f(z, -0.5f); // outside with zero to one
    gl_draw_quad(program, -1, -1, 0, 0);
    glUniform1f(z, 0.5f);
    glUniform4f(color, 0.9f, 0.1f, 0.4f, 1);
    gl_draw_quad(program, -1, -0.5f, 0.5f, 0.2f);
    gl_print_pixels("upper left");
    glClipControlEXT(GL_ONE, GL_ZERO_TO_ONE_EXT);
    gl_print_error("origin");
    glPolygonOffsetClampEXT(2, 3, 0.25f);
    glGetFloatv(GL_POLYGON_OFFSET_FACTOR, &f);
    printf("factor %g ", f);
    glGetFloatv(GL_POLYGON_OFFSET_CLAMP_EXT, &f);
    printf("clamp %g\n", f);
    glEnable(GL_POLYGON_OFFSET_FILL);
    glEnable(GL_DEPTH_TEST);
    gl_draw_quad(program, -0.2f, -0.9f, 0.9f, 0.9f);
    gl_print_pixels("offset");
}

static void
fetch(void)
{
    PROC(PFNGLFRAMEBUFFERFETCHBARRIEREXTPROC, glFramebufferFetchBarrierEXT);
    static const char vs[] = "#version 300 es\nin vec4 pos; void main() { gl_Position = pos; }\n";
    static const char coherent[] = "#version 300 es\n#extension GL_EXT_shader_framebuffer_fetch : require\n"
                                   "precision highp float; inout vec4 c; void main() { c = vec4(c.gbr * 0.9 + 0.05, 1.0); }\n";
    static const char non_coherent[] = "#version 300 es\n#extension GL_EXT_shader_framebuffer_fetch_non_coherent : require\n"
                                   "precision highp float; layout(noncoherent) inout vec4 c;\n"
                                   "void main() { c = vec4(c.brg * 0.8 + 0.1, 1.0); }\n";
    glClearColor(0.9f, 0.4f, 0.1f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    GLuint program = gl_program(vs, coherent);
    gl_draw_quad(program, -1, -1, 0.5f, 0.5f);
    gl_draw_quad(program, -0.5f, -0.5f, 1, 1);
    gl_print_pixels("fetch");
    program = gl_program(vs, non_coherent);
    gl_draw_quad(program, -1, -1, 0.5f, 0.5f);
    glFramebufferFetchBarrierEXT();
    gl_draw_quad(program, -0.5f, -0.5f, 1, 1);
    gl_print_pixels("fetch with barrier");
}

static void
flip(void)
{
    PROC(PFNGLFRAMEBUFFERPARAMETERIMESAPROC, glFramebufferParameteriMESA);
    PROC(PFNGLGETFRAMEBUFFERPARAMETERIVMESAPROC, glGetFramebufferParameterivMESA);
    PROC(PFNGLDRAWBUFFERSNVPROC, glDrawBuffersNV);
    const GLenum one[] = { GL_COLOR_ATTACHMENT0 };
    GLuint fbo, texture, program = gl_program(gl_vs_uv, gl_fs_color);
    GLint value = -1, color = glGetUniformLocation(program, "color");
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, CASE_WIDTH, CASE_HEIGHT);
    glGenFramebuffers(1, &fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, fbo);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    glFramebufferParameteriMESA(GL_FRAMEBUFFER, GL_FRAMEBUFFER_FLIP_Y_MESA, GL_TRUE);
    glGetFramebufferParameterivMESA(GL_FRAMEBUFFER, GL_FRAMEBUFFER_FLIP_Y_MESA, &value);
    printf("flip %d error %x\n", value, glGetError());
    glDrawBuffersNV(1, one);
    glUseProgram(program);
    glUniform4f(color, 1, 1, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    gl_draw_quad(program, -1, -1, 0, -0.5f);
    gl_print_pixels("flipped");
    glFramebufferParameteriMESA(GL_FRAMEBUFFER, GL_FRAMEBUFFER_FLIP_Y_MESA, GL_FALSE);
    gl_print_pixels("as stored");
}

static void
separate(void)
{
    PROC(PFNGLCREATESHADERPROGRAMVEXTPROC, glCreateShaderProgramvEXT);
    PROC(PFNGLGENPROGRAMPIPELINESEXTPROC, glGenProgramPipelinesEXT);
    PROC(PFNGLBINDPROGRAMPIPELINEEXTPROC, glBindProgramPipelineEXT);
    PROC(PFNGLUSEPROGRAMSTAGESEXTPROC, glUseProgramStagesEXT);
    PROC(PFNGLPROGRAMUNIFORM4FEXTPROC, glProgramUniform4fEXT);
    static const char *const vs = "#version 300 es\nlayout(location = 0) in vec4 pos; out gl_PerVertex { vec4 gl_Position; };\n"
                                  "void main() { gl_Position = pos; }\n";
    static const char *const plain = "#version 300 es\nlayout(location = 0) in vec4 pos; void main() { gl_Position = pos; }\n";
    static const char *const fs = "#version 300 es\nprecision highp float; uniform vec4 color; out vec4 o;\n"
                                  "void main() { o = color; }\n";
    static const GLfloat corners[] = { -1, -1, 0.3f, -1, -1, 0.6f, 0.3f, 0.6f };
    GLuint pipeline, vertex = glCreateShaderProgramvEXT(GL_VERTEX_SHADER, 1, (const GLchar **)&plain),
                     fragment = glCreateShaderProgramvEXT(GL_FRAGMENT_SHADER, 1, (const GLchar **)&fs);
    GLint linked[3] = { 0 };
    GLuint wrong = glCreateShaderProgramvEXT(GL_VERTEX_SHADER, 1, (const GLchar **)&vs);
    glGetProgramiv(vertex, GL_LINK_STATUS, &linked[0]);
    glGetProgramiv(fragment, GL_LINK_STATUS, &linked[1]);
    glGetProgramiv(wrong, GL_LINK_STATUS, &linked[2]);
    printf("linked %d %d %d\n", linked[0], linked[1], linked[2]);
    glGenProgramPipelinesEXT(1, &pipeline);
    glUseProgramStagesEXT(pipeline, GL_VERTEX_SHADER_BIT, vertex);
    glUseProgramStagesEXT(pipeline, GL_FRAGMENT_SHADER_BIT, fragment);
    glProgramUniform4fEXT(fragment, glGetUniformLocation(fragment, "color"), 0.1f, 0.7f, 0.9f, 1);
    glUseProgram(0);
    glBindProgramPipelineEXT(pipeline);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray(0);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    gl_print_pixels("pipeline");
}

const struct gl_case gl_cases_extension_draw[] = {
    { "extension-multi-draw", 3, multi_draw, 0 },
    { "extension-base-instance", 3, base_instance, 0 },
    { "extension-dual-source", 3, dual_source, 0 },
    { "extension-clip", 3, clip, 0 },
    { "extension-fetch", 3, fetch, 0 },
    { "extension-flip", 3, flip, 0 },
    { "extension-separate", 3, separate, 0 },
    { 0 },
};
