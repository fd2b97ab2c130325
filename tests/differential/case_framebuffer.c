/* Framebuffer objects: attachments, several targets, multisample resolve, blits, integer and float formats. */
#include "gl_case.h"

#include <stdlib.h>

static void
render_to_texture(void)
{
    GLuint color = gl_program(gl_vs_uv, gl_fs_color), tex = gl_program(gl_vs_uv, gl_fs_tex);
    GLuint framebuffer, texture, depth;
    glGenFramebuffers(1, &framebuffer);
    glGenTextures(1, &texture);
    glGenRenderbuffers(1, &depth);
    printf("is %d %d\n", glIsFramebuffer(framebuffer), glIsRenderbuffer(depth));
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 32, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    glBindRenderbuffer(GL_RENDERBUFFER, depth);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT16, 32, 32);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth);
    printf("status %04x is %d %d\n", glCheckFramebufferStatus(GL_FRAMEBUFFER), glIsFramebuffer(framebuffer),
           glIsRenderbuffer(depth));
    static const GLenum names[] = { GL_RENDERBUFFER_WIDTH, GL_RENDERBUFFER_HEIGHT, GL_RENDERBUFFER_INTERNAL_FORMAT,
                                    GL_RENDERBUFFER_DEPTH_SIZE, GL_RENDERBUFFER_RED_SIZE };
    for (unsigned i = 0; i < 5; i++) {
        GLint value = -1;
        glGetRenderbufferParameteriv(GL_RENDERBUFFER, names[i], &value);
        printf("renderbuffer %04x %d\n", names[i], value);
    }
    GLint type = 0, name = 0, level = -1;
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE, &type);
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME, &name);
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_FRAMEBUFFER_ATTACHMENT_TEXTURE_LEVEL, &level);
    printf("attachment %04x %d %d\n", type, name == (GLint)texture, level);
    glViewport(0, 0, 32, 32);
    glEnable(GL_DEPTH_TEST);
    glClearColor(0, 0, 0.5f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glUseProgram(color);
    glUniform4f(glGetUniformLocation(color, "color"), 1, 0.5f, 0, 1);
    gl_draw_quad(color, -0.7f, -0.9f, 0.4f, 0.6f);
    gl_print_area("offscreen", 0, 0, 32, 32, GL_RGBA, GL_UNSIGNED_BYTE, 4);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(0, 0, CASE_WIDTH, CASE_HEIGHT);
    glDisable(GL_DEPTH_TEST);
    gl_draw_quad(tex, -1, -1, 1, 1);
    gl_print_pixels("textured");
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 0, 0);
    printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glFramebufferTexture2D(GL_FRAMEBUFFER, 0x1234, GL_TEXTURE_2D, texture, 0);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 999, 0);
    glCheckFramebufferStatus(0x1234);
    gl_print_error("bad");
    glDeleteFramebuffers(1, &framebuffer);
    glGetIntegerv(GL_FRAMEBUFFER_BINDING, &name);
    printf("bound %d\n", name);
}

static void
several_targets(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; out vec2 uv; void main() { gl_Position = pos; uv = pos.xy * 0.5 + 0.5; }";
    static const char fs[] = "#version 300 es\nprecision highp float; in vec2 uv; layout(location=0) out vec4 a; layout(location=1) out uvec4 b;"
                             "layout(location=2) out ivec2 c; layout(location=3) out float d;"
                             "void main() { a = vec4(uv, 0.25, 1.0); b = uvec4(uv.x * 100.0, uv.y * 200.0, 7, 9); c = ivec2(-uv * 50.0); d = uv.x * uv.y; }";
    GLuint program = gl_program(vs, fs), framebuffer, textures[4];
    static const GLenum internal[] = { GL_RGBA8, GL_RGBA32UI, GL_RG16I, GL_R32F };
    printf("outputs %d %d %d %d %d\n", glGetFragDataLocation(program, "a"), glGetFragDataLocation(program, "b"),
           glGetFragDataLocation(program, "c"), glGetFragDataLocation(program, "d"), glGetFragDataLocation(program, "e"));
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glGenTextures(4, textures);
    for (GLuint i = 0; i < 4; i++) {
        glBindTexture(GL_TEXTURE_2D, textures[i]);
        glTexStorage2D(GL_TEXTURE_2D, 1, internal[i], 20, 20);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0 + i, GL_TEXTURE_2D, textures[i], 0);
    }
    static const GLenum all[] = { GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT1, GL_COLOR_ATTACHMENT2, GL_COLOR_ATTACHMENT3 };
    glDrawBuffers(4, all);
    printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glViewport(0, 0, 20, 20);
    glClearBufferfv(GL_COLOR, 0, (const float[]){ 1, 0, 0, 1 });
    glClearBufferuiv(GL_COLOR, 1, (const GLuint[]){ 1, 2, 3, 4 });
    glClearBufferiv(GL_COLOR, 2, (const GLint[]){ -1, -2, -3, -4 });
    glClearBufferfv(GL_COLOR, 3, (const float[]){ 3.5f, 0, 0, 1 });
    gl_draw_quad(program, -0.5f, -1, 0.9f, 0.8f);
    gl_print_error("draw");
    static const GLenum formats[] = { GL_RGBA, GL_RGBA_INTEGER, GL_RGBA_INTEGER, GL_RGBA };
    static const GLenum types[] = { GL_UNSIGNED_BYTE, GL_UNSIGNED_INT, GL_INT, GL_FLOAT };
    static const size_t bytes[] = { 4, 16, 16, 16 };
    for (unsigned i = 0; i < 4; i++) {
        glReadBuffer(GL_COLOR_ATTACHMENT0 + i);
        gl_print_area("target", 0, 0, 20, 20, formats[i], types[i], bytes[i]);
    }
    GLint value = 0;
    glGetIntegerv(GL_READ_BUFFER, &value);
    printf("read buffer %04x\n", value);
    glGetIntegerv(GL_DRAW_BUFFER2, &value);
    printf("draw buffer %04x\n", value);
    static const GLenum some[] = { GL_NONE, GL_COLOR_ATTACHMENT1 };
    glDrawBuffers(2, some);
    glClearBufferuiv(GL_COLOR, 1, (const GLuint[]){ 5, 6, 7, 8 });
    glReadBuffer(GL_COLOR_ATTACHMENT1);
    gl_print_area("one", 0, 0, 20, 20, GL_RGBA_INTEGER, GL_UNSIGNED_INT, 16);
    static const GLenum wrong[] = { GL_COLOR_ATTACHMENT1, GL_COLOR_ATTACHMENT0 };
    glDrawBuffers(2, wrong);
    glReadBuffer(0x1234);
    gl_print_error("bad");
    static const GLenum discard[] = { GL_COLOR_ATTACHMENT0 };
    glInvalidateFramebuffer(GL_FRAMEBUFFER, 1, discard);
    glInvalidateSubFramebuffer(GL_FRAMEBUFFER, 1, discard, 0, 0, 5, 5);
    gl_print_error("invalidate");
}

static void
multisample_blit(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), framebuffers[2], renderbuffers[3];
    glGenFramebuffers(2, framebuffers);
    glGenRenderbuffers(3, renderbuffers);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffers[0]);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffers[0]);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, 4, GL_RGBA8, 40, 30);
    GLint samples = 0;
    glGetRenderbufferParameteriv(GL_RENDERBUFFER, GL_RENDERBUFFER_SAMPLES, &samples);
    printf("samples %d\n", samples);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffers[0]);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffers[1]);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, 4, GL_DEPTH24_STENCIL8, 40, 30);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER, renderbuffers[1]);
    printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glViewport(0, 0, 40, 30);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 0.2f, 1, 0.6f, 1);
    static const float triangle[] = { -0.9f, -0.8f, 0.7f, 0.1f, -0.3f, 0.95f };
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, triangle);
    glEnableVertexAttribArray(0);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, framebuffers[1]);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffers[2]);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, 40, 30);
    glFramebufferRenderbuffer(GL_DRAW_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffers[2]);
    glBlitFramebuffer(0, 0, 40, 30, 0, 0, 40, 30, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    gl_print_error("resolve");
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffers[1]);
    gl_print_area("resolved", 0, 0, 40, 30, GL_RGBA, GL_UNSIGNED_BYTE, 4);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
    glBlitFramebuffer(0, 0, 40, 30, 5, 40, 60, 3, GL_COLOR_BUFFER_BIT, GL_LINEAR);
    glBlitFramebuffer(0, 0, 40, 30, 5, 40, 60, 3, GL_COLOR_BUFFER_BIT, 0x1234);
    gl_print_error("blit");
    glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
    gl_print_pixels("flipped");
    GLint value = 0;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &value);
    printf("draw %d\n", value);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffers[0]);
    uint8_t pixel[4] = { 0 };
    glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    gl_print_error("read of multisample");
}

static void
layers_and_float(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), framebuffer, textures[2];
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glGenTextures(2, textures);
    glBindTexture(GL_TEXTURE_2D_ARRAY, textures[0]);
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_RGBA8, 16, 16, 3, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glViewport(0, 0, 16, 16);
    glUseProgram(program);
    for (int layer = 0; layer < 3; layer++) {
        glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, textures[0], 0, layer);
        glClearColor(0.3f * (float)layer, 0.1f, 0, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        gl_print_area("layer", 0, 0, 16, 16, GL_RGBA, GL_UNSIGNED_BYTE, 4);
    }
    glBindTexture(GL_TEXTURE_2D, textures[1]);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA16F, 16, 16, 0, GL_RGBA, GL_HALF_FLOAT, NULL);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, textures[1], 0);
    printf("float status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glClearColor(2.5f, -1, 0.125f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glUniform4f(glGetUniformLocation(program, "color"), 3, 4, -5, 0.5f);
    gl_draw_quad(program, 0, 0, 1, 1);
    gl_print_area("float", 0, 0, 16, 16, GL_RGBA, GL_FLOAT, 16);
    float color[4];
    glGetFloatv(GL_COLOR_CLEAR_VALUE, color);
    printf("clear %g %g %g %g\n", color[0], color[1], color[2], color[3]);
}

/* Completeness is remembered between checks; whatever may change it must be noticed. */
static void
status_changes(void)
{
    GLuint framebuffers[2], texture, depth;
    glGenFramebuffers(2, framebuffers);
    glGenTextures(1, &texture);
    glGenRenderbuffers(1, &depth);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffers[0]);
#define STATUS(label) printf(label " %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER))
    STATUS("empty");
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    STATUS("texture");
    STATUS("again");
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB9_E5, 16, 16, 0, GL_RGB, GL_FLOAT, NULL);
    STATUS("not renderable");
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    STATUS("renderable");
    glBindRenderbuffer(GL_RENDERBUFFER, depth);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, 4, GL_DEPTH_COMPONENT16, 16, 16);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth);
    STATUS("samples differ");
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT16, 16, 16);
    STATUS("same samples");
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffers[1]);
    STATUS("other");
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffers[0]);
    STATUS("back");
    glDeleteRenderbuffers(1, &depth);
    STATUS("depth deleted");
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 3);
    STATUS("missing level");
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    STATUS("default");
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffers[0]);
    printf("read %04x draw %04x\n", glCheckFramebufferStatus(GL_READ_FRAMEBUFFER),
           glCheckFramebufferStatus(GL_DRAW_FRAMEBUFFER));
    glDeleteTextures(1, &texture);
    printf("read %04x\n", glCheckFramebufferStatus(GL_READ_FRAMEBUFFER));
#undef STATUS
}

/* GL_NV_read_depth: in every type that Mesa takes. */
static void
read_depth(void)
{
    static const GLenum types[] = { GL_FLOAT, GL_UNSIGNED_SHORT, GL_UNSIGNED_INT, GL_UNSIGNED_INT_24_8 };
    GLuint buffer, framebuffer;
    glGenRenderbuffers(1, &buffer);
    glBindRenderbuffer(GL_RENDERBUFFER, buffer);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT16, 8, 8);
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, buffer);
    glClearDepthf(0.3f);
    glClear(GL_DEPTH_BUFFER_BIT);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        uint32_t pixels[8] = { 0 };
        glReadPixels(0, 0, 4, 2, GL_DEPTH_COMPONENT, types[i], pixels);
        printf("%04x %08x %08x\n", types[i], pixels[0], pixels[3]);
        gl_print_error("read");
    }
}

static void
print_attachment(const char *what)
{
    GLint type = -1, name = -1;
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE, &type);
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME, &name);
    printf("%s %04x %d\n", what, type, name);
}

/* What is attached elsewhere outlives its name, which the attachment goes on telling. */
static void
deleted_attachments(void)
{
    GLuint framebuffer, texture = 77, renderbuffer;
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    print_attachment("texture");
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteTextures(1, &texture);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    print_attachment("deleted texture");
    glGenRenderbuffers(1, &renderbuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, 8, 8);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteRenderbuffers(1, &renderbuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    print_attachment("deleted renderbuffer");
    glGenRenderbuffers(1, &renderbuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, 8, 8);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffer);
    glDeleteRenderbuffers(1, &renderbuffer);
    print_attachment("deleted while bound");
}

const struct gl_case gl_cases_framebuffer[] = {
    { "framebuffer-status", 3, status_changes, 0 },
    { "framebuffer-texture", 2, render_to_texture, 0 },
    { "framebuffer-targets", 3, several_targets, 0 },
    { "framebuffer-multisample", 3, multisample_blit, 0 },
    { "framebuffer-layers-float", 3, layers_and_float, 0 },
    { "framebuffer-deleted", 2, deleted_attachments, 0 },
    { "framebuffer-read-depth", 3, read_depth, 0 },
    { 0 },
};
