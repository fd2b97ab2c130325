/* Negative API: the error that every kind of wrong call raises, and that it changes nothing. */
#include "gl_case.h"

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        call;                                                                                                          \
        gl_print_error(#call);                                                                                         \
    } while (0)

static void
state_errors(void)
{
    TRY(glEnable(0x1234));
    TRY(glDisable(0x1234));
    TRY(glIsEnabled(0x1234));
    TRY(glBlendFunc(0x1234, GL_ONE));
    TRY(glBlendFuncSeparate(GL_ONE, GL_ONE, GL_ONE, 0x1234));
    TRY(glBlendEquation(0x1234));
    TRY(glBlendEquationSeparate(GL_FUNC_ADD, 0x1234));
    TRY(glCullFace(GL_CW));
    TRY(glFrontFace(GL_FRONT));
    TRY(glDepthFunc(0x1234));
    TRY(glHint(0x1234, GL_NICEST));
    TRY(glHint(GL_GENERATE_MIPMAP_HINT, 0x1234));
    TRY(glLineWidth(0));
    TRY(glLineWidth(-1));
    TRY(glScissor(0, 0, -1, 1));
    TRY(glViewport(0, 0, 1, -1));
    TRY(glStencilFunc(0x1234, 0, 0));
    TRY(glStencilFuncSeparate(0x1234, GL_ALWAYS, 0, 0));
    TRY(glStencilMaskSeparate(0x1234, 0));
    TRY(glStencilOp(0x1234, GL_KEEP, GL_KEEP));
    TRY(glClear(0x8000));
    TRY(glActiveTexture(GL_TEXTURE0 - 1));
    TRY(glActiveTexture(GL_TEXTURE0 + 5000));
    TRY(glPixelStorei(GL_PACK_ALIGNMENT, 5));
    static const GLenum names[] = { GL_BLEND_SRC_RGB, GL_BLEND_DST_ALPHA, GL_BLEND_EQUATION_ALPHA, GL_CULL_FACE_MODE,
                                    GL_FRONT_FACE, GL_DEPTH_FUNC, GL_GENERATE_MIPMAP_HINT, GL_LINE_WIDTH,
                                    GL_STENCIL_FUNC, GL_STENCIL_FAIL, GL_ACTIVE_TEXTURE, GL_PACK_ALIGNMENT };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        GLint value = -1;
        glGetIntegerv(names[i], &value);
        printf("state %04x %d\n", names[i], value);
    }
    GLint box[4] = { 0 };
    glGetIntegerv(GL_VIEWPORT, box);
    printf("viewport %d %d %d %d\n", box[0], box[1], box[2], box[3]);
    glGetIntegerv(GL_SCISSOR_BOX, box);
    printf("scissor %d %d %d %d\n", box[0], box[1], box[2], box[3]);
    GLint value = 0;
    TRY(glGetIntegerv(0x1234, &value));
    GLfloat fvalue = 0;
    TRY(glGetFloatv(0x1234, &fvalue));
    GLboolean bvalue = 0;
    TRY(glGetBooleanv(0x1234, &bvalue));
    TRY(glGetString(0x1234));
}

static void
texture_errors(void)
{
    uint8_t data[1024] = { 0 };
    GLuint texture;
    GLint value;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    TRY(glBindTexture(0x1234, texture));
    TRY(glTexImage2D(0x1234, 0, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, -1, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 99, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, 0x1234, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, -4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 1, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, 0x1234, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, GL_RGBA, 0x1234, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_SHORT_5_6_5, data));
    TRY(glTexImage2D(GL_TEXTURE_CUBE_MAP_POSITIVE_X, 0, GL_RGBA, 4, 5, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 2, 2, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 1, 0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, -1, 1, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 1, 1, GL_RGB, GL_UNSIGNED_BYTE, data));
    TRY(glCopyTexImage2D(GL_TEXTURE_2D, 0, 0x1234, 0, 0, 4, 4, 0));
    TRY(glCopyTexSubImage2D(GL_TEXTURE_2D, 0, 3, 3, 0, 0, 4, 4));
    TRY(glTexParameteri(GL_TEXTURE_2D, 0x1234, 0));
    TRY(glTexParameterf(0x1234, GL_TEXTURE_MIN_FILTER, GL_LINEAR));
    TRY(glGetTexParameteriv(GL_TEXTURE_2D, 0x1234, &value));
    TRY(glGenerateMipmap(0x1234));
    TRY(glGenTextures(-1, &texture));
    TRY(glDeleteTextures(-1, &texture));
    TRY(glTexStorage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 4, 4));
    TRY(glTexStorage2D(GL_TEXTURE_2D, 9, GL_RGBA8, 4, 4));
    TRY(glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA, 4, 4));
    TRY(glTexImage3D(GL_TEXTURE_3D, 0, GL_RGBA8, 4, 4, -1, 0, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glTexSubImage3D(GL_TEXTURE_3D, 0, 0, 0, 0, 1, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, data));
    TRY(glDeleteTextures(1, &texture));
    TRY(glBindTexture(GL_TEXTURE_2D, 4711)); // names that were never generated are fine
    printf("is %d\n", glIsTexture(4711));
}

static void
object_errors(void)
{
    GLuint name = 0;
    GLint value;
    TRY(glBindBuffer(0x1234, 1));
    TRY(glGenBuffers(-1, &name));
    TRY(glDeleteBuffers(-1, &name));
    TRY(glBindFramebuffer(0x1234, 1));
    TRY(glBindRenderbuffer(0x1234, 1));
    TRY(glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA4, 10, 10));
    TRY(glBindRenderbuffer(GL_RENDERBUFFER, 12345));
    TRY(glRenderbufferStorage(GL_RENDERBUFFER, 0x1234, 10, 10));
    TRY(glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA4, -1, 10));
    TRY(glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA4, 1 << 20, 10));
    TRY(glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, 12345));
    TRY(glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 0, 0));
    TRY(glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0,
                                              GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE, &value));
    TRY(glGetRenderbufferParameteriv(GL_RENDERBUFFER, 0x1234, &value));
    TRY(glGetBufferParameteriv(GL_ARRAY_BUFFER, GL_BUFFER_SIZE, &value));
    TRY(glEnableVertexAttribArray(999));
    TRY(glDisableVertexAttribArray(999));
    TRY(glVertexAttrib4f(999, 0, 0, 0, 0));
    TRY(glGetVertexAttribiv(999, GL_VERTEX_ATTRIB_ARRAY_ENABLED, &value));
    TRY(glGetVertexAttribiv(0, 0x1234, &value));
    TRY(glUseProgram(999));
    TRY(glValidateProgram(999));
    TRY(glBindAttribLocation(999, 0, "a"));
    TRY(glGetAttribLocation(999, "a"));
    TRY(glGetProgramiv(999, GL_LINK_STATUS, &value));
    TRY(glGetShaderiv(999, GL_COMPILE_STATUS, &value));
    GLuint program = glCreateProgram();
    TRY(glGetProgramiv(program, 0x1234, &value));
    TRY(glGetShaderiv(program, GL_COMPILE_STATUS, &value));
    TRY(glBindAttribLocation(program, 999, "a"));
    TRY(glBindAttribLocation(program, 0, "gl_Position"));
    TRY(glLinkProgram(program));
    TRY(glUniform1f(0, 1.0f));
    TRY(glDrawArrays(GL_TRIANGLES, 0, 3));
    TRY(glBindVertexArray(999));
    TRY(glBeginQuery(GL_ANY_SAMPLES_PASSED, 999));
    TRY(glEndQuery(GL_ANY_SAMPLES_PASSED));
    TRY(glBindBufferBase(GL_UNIFORM_BUFFER, 0, 4321));
    TRY(glVertexAttribDivisor(999, 1));
    TRY(glGetStringi(GL_EXTENSIONS, 100000));
    TRY(glGetInternalformativ(GL_RENDERBUFFER, 0x1234, GL_SAMPLES, 1, &value));
    TRY(glGetInternalformativ(GL_RENDERBUFFER, GL_RGBA8, GL_SAMPLES, -1, &value));
    TRY(glClearBufferfv(GL_STENCIL, 0, (const float[]){ 0, 0, 0, 0 }));
    TRY(glReadBuffer(GL_COLOR_ATTACHMENT0));
    TRY(glDrawBuffers(1, (const GLenum[]){ GL_COLOR_ATTACHMENT0 }));
    TRY(glInvalidateFramebuffer(GL_FRAMEBUFFER, -1, NULL));
    TRY(glTransformFeedbackVaryings(program, -1, NULL, GL_INTERLEAVED_ATTRIBS));
    TRY(glProgramParameteri(program, 0x1234, 1));
}

/* Uploads without data, from a mapped buffer, larger than any: what the driver would say of them. */
static void
upload_errors(void)
{
    GLuint textures[2], buffer;
    glGenTextures(2, textures);
    glBindTexture(GL_TEXTURE_2D, textures[0]);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 10, 0, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 10, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 0, 8, 8, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glTexSubImage2D(GL_TEXTURE_2D, 3, 0, 0, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    glBindTexture(GL_TEXTURE_2D_ARRAY, textures[1]);
    TRY(glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_RGBA, 100000, 100000, 5000, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_RGBA, 8, 8, 2, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    TRY(glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 1, 8, 8, 2, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_COMPRESSED_RGBA8_ETC2_EAC, 16, 16, 0, 256, NULL));
    TRY(glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 12, 0, 8, 4, GL_COMPRESSED_RGBA8_ETC2_EAC, 32, NULL));
    TRY(glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 1, 0, 4, 4, GL_COMPRESSED_RGBA8_ETC2_EAC, 16, NULL));
    TRY(glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 4, 4, GL_COMPRESSED_RGBA8_ETC2_EAC, 17, NULL));
    TRY(glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 4, 4, GL_COMPRESSED_RGB8_ETC2, 8, NULL));
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer);
    glBufferData(GL_PIXEL_UNPACK_BUFFER, 4096, NULL, GL_STREAM_DRAW);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer);
    glMapBufferRange(GL_PIXEL_UNPACK_BUFFER, 0, 64, GL_MAP_WRITE_BIT);
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 0, 4, 4, 1, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    TRY(glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_COMPRESSED_RGBA8_ETC2_EAC, 16, 16, 0, 256, NULL));
    TRY(glReadPixels(0, 0, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
    glUnmapBuffer(GL_PIXEL_UNPACK_BUFFER);
    TRY(glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL));
}

/* Whether glGetError is right again after many clean frames, when it has stopped asking (mode auto). */
static void
late_errors(void)
{
    for (int frame = 0; frame < 100; frame++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glFinish();
        if (glGetError())
            printf("error in a clean frame\n");
    }
    GLuint framebuffer;
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    TRY(glFramebufferRenderbuffer(GL_FRAMEBUFFER, 0x1234, GL_RENDERBUFFER, 0)); // set-up again
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    for (int frame = 0; frame < 100; frame++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glFinish();
    }
    glBlendFunc(0x1234, GL_ONE); // may be told late, once
    glGetError();
    glFinish();
    glGetError();
    TRY(glBlendFunc(0x1234, GL_ONE));
    TRY(glBlendFunc(GL_ONE, GL_ONE));
    TRY(glScissor(0, 0, -1, 1));
}

const struct gl_case gl_cases_error[] = {
    { "error-state", 3, state_errors, 0 },
    { "error-textures", 3, texture_errors, 0 },
    { "error-objects", 3, object_errors, 0 },
    { "error-uploads", 3, upload_errors, 0 },
    { "error-late", 3, late_errors, 0 },
    { 0 },
};
