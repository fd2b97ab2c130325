/* EGLImages of textures and renderbuffers: who can be made one, and that both sides see the same pixels. */
#include "egl_case.h"

#include <stdlib.h>

#include <GLES2/gl2ext.h>

static PFNGLEGLIMAGETARGETTEXTURE2DOESPROC target_texture;
static PFNGLEGLIMAGETARGETRENDERBUFFERSTORAGEOESPROC target_renderbuffer;
static PFNGLEGLIMAGETARGETTEXSTORAGEEXTPROC target_storage;
static PFNEGLCREATEIMAGEKHRPROC create_khr;
static PFNEGLDESTROYIMAGEKHRPROC destroy_khr;

static EGLContext
begin(EGLDisplay display, EGLint size)
{
    target_texture = (PFNGLEGLIMAGETARGETTEXTURE2DOESPROC)eglGetProcAddress("glEGLImageTargetTexture2DOES");
    target_renderbuffer = (PFNGLEGLIMAGETARGETRENDERBUFFERSTORAGEOESPROC)eglGetProcAddress(
        "glEGLImageTargetRenderbufferStorageOES");
    target_storage = (PFNGLEGLIMAGETARGETTEXSTORAGEEXTPROC)eglGetProcAddress("glEGLImageTargetTexStorageEXT");
    create_khr = (PFNEGLCREATEIMAGEKHRPROC)eglGetProcAddress("eglCreateImageKHR");
    destroy_khr = (PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = egl_pbuffer(display, size, size);
    egl_report("current", eglMakeCurrent(display, surface, surface, context));
    return context;
}

static GLuint
texture(GLenum target, GLsizei size, GLubyte seed)
{
    GLubyte *pixels = malloc((size_t)size * size * 4);
    GLuint name;
    for (GLsizei i = 0; i < size * size * 4; i++)
        pixels[i] = (GLubyte)(i * 7 + seed);
    glGenTextures(1, &name);
    glBindTexture(target, name);
    if (target == GL_TEXTURE_3D)
        for (int z = 0; z < 1; z++)
            glTexImage3D(target, 0, GL_RGBA8, size, size, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    else if (target == GL_TEXTURE_CUBE_MAP)
        for (GLenum face = GL_TEXTURE_CUBE_MAP_POSITIVE_X; face <= GL_TEXTURE_CUBE_MAP_NEGATIVE_Z; face++)
            glTexImage2D(face, 0, GL_RGBA, size, size, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    else
        glTexImage2D(target, 0, GL_RGBA, size, size, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    free(pixels);
    return name;
}

/* What the bound 2D texture or renderbuffer holds. */
static void
print_attached(const char *label, GLenum kind, GLuint name, int size)
{
    GLuint fbo;
    glGenFramebuffers(1, &fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, fbo);
    if (kind == GL_RENDERBUFFER)
        glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, name);
    else
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, kind, name, 0);
    printf("%s status %x\n", label, glCheckFramebufferStatus(GL_FRAMEBUFFER));
    egl_print_pixels(label, size, size);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(1, &fbo);
    printf("%s error %x\n", label, glGetError());
}

static EGLImage
make(EGLDisplay display, EGLContext context, const char *label, EGLenum target, GLuint name, const EGLAttrib *attribs)
{
    EGLImage image = eglCreateImage(display, context, target, (EGLClientBuffer)(uintptr_t)name, attribs);
    egl_report(label, image != EGL_NO_IMAGE);
    return image;
}

static void
textures(EGLDisplay display)
{
    EGLContext context = begin(display, 16);
    GLuint source = texture(GL_TEXTURE_2D, 8, 3), other, buffer;
    EGLImage image = make(display, context, "2D", EGL_GL_TEXTURE_2D, source, NULL);
    glGenTextures(1, &other);
    glBindTexture(GL_TEXTURE_2D, other);
    target_texture(GL_TEXTURE_2D, image);
    printf("target %x\n", glGetError());
    print_attached("sibling", GL_TEXTURE_2D, other, 8);
    // What is drawn to one is seen in the other.
    GLubyte white[4 * 4 * 4];
    for (size_t i = 0; i < sizeof white; i++)
        white[i] = 0xee;
    glTexSubImage2D(GL_TEXTURE_2D, 0, 2, 2, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, white);
    print_attached("source", GL_TEXTURE_2D, source, 8);
    egl_report("destroy", eglDestroyImage(display, image));
    egl_report("destroy", eglDestroyImage(display, image));
    print_attached("after destroy", GL_TEXTURE_2D, other, 8);
    glDeleteTextures(1, &source);
    print_attached("without source", GL_TEXTURE_2D, other, 8);

    glGenRenderbuffers(1, &buffer);
    glBindRenderbuffer(GL_RENDERBUFFER, buffer);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, 8, 8);
    image = make(display, context, "renderbuffer", EGL_GL_RENDERBUFFER, buffer, NULL);
    GLuint fbo;
    glGenFramebuffers(1, &fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, fbo);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, buffer);
    glClearColor(0.2f, 0.4f, 0.6f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    GLuint second, third;
    glGenTextures(1, &second);
    glBindTexture(GL_TEXTURE_2D, second);
    target_texture(GL_TEXTURE_2D, image);
    print_attached("texture of renderbuffer", GL_TEXTURE_2D, second, 8);
    glGenRenderbuffers(1, &third);
    glBindRenderbuffer(GL_RENDERBUFFER, third);
    target_renderbuffer(GL_RENDERBUFFER, image);
    print_attached("renderbuffer of renderbuffer", GL_RENDERBUFFER, third, 8);
    GLint width = 0;
    glGetRenderbufferParameteriv(GL_RENDERBUFFER, GL_RENDERBUFFER_WIDTH, &width);
    printf("width %d error %x\n", width, glGetError());
}

static void
others(EGLDisplay display)
{
    EGLContext context = begin(display, 16);
    GLuint cube = texture(GL_TEXTURE_CUBE_MAP, 4, 9), volume = texture(GL_TEXTURE_3D, 4, 5), other;
    const EGLAttrib zoffset[] = { EGL_GL_TEXTURE_ZOFFSET, 0, EGL_NONE };
    const EGLint level0[] = { EGL_GL_TEXTURE_LEVEL_KHR, 0, EGL_NONE };
    EGLImage image = make(display, context, "face", EGL_GL_TEXTURE_CUBE_MAP_POSITIVE_Y, cube, NULL);
    glGenTextures(1, &other);
    glBindTexture(GL_TEXTURE_2D, other);
    target_texture(GL_TEXTURE_2D, image);
    print_attached("face", GL_TEXTURE_2D, other, 4);
    image = make(display, context, "slice", EGL_GL_TEXTURE_3D, volume, zoffset);
    if (image != EGL_NO_IMAGE) {
        glGenTextures(1, &other);
        glBindTexture(GL_TEXTURE_2D, other);
        target_texture(GL_TEXTURE_2D, image);
        print_attached("slice", GL_TEXTURE_2D, other, 4);
    }
    GLuint flat = texture(GL_TEXTURE_2D, 4, 77);
    EGLImageKHR khr = create_khr(display, context, EGL_GL_TEXTURE_2D_KHR, (EGLClientBuffer)(uintptr_t)flat, level0);
    egl_report("khr", khr != EGL_NO_IMAGE_KHR);
    if (target_storage) {
        glGenTextures(1, &other);
        glBindTexture(GL_TEXTURE_2D, other);
        target_storage(GL_TEXTURE_2D, khr, NULL);
        printf("storage %x\n", glGetError());
        print_attached("storage", GL_TEXTURE_2D, other, 4);
        GLint immutable = -1;
        glGetTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_IMMUTABLE_FORMAT, &immutable);
        printf("immutable %d %x\n", immutable, glGetError());
    }
    egl_report("destroy khr", destroy_khr(display, khr));
}

static void
external(EGLDisplay display)
{
    static const char *const vertex = "attribute vec2 pos; varying vec2 uv;\n"
                                      "void main() { uv = pos * 0.5 + 0.5; gl_Position = vec4(pos, 0.0, 1.0); }\n";
    static const char *const fragment = "#extension GL_OES_EGL_image_external : require\n"
                                        "precision mediump float; uniform samplerExternalOES tex; varying vec2 uv;\n"
                                        "void main() { gl_FragColor = texture2D(tex, uv); }\n";
    static const GLfloat corners[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
    EGLContext context = begin(display, 8);
    GLuint source = texture(GL_TEXTURE_2D, 8, 11), other, program = glCreateProgram();
    EGLImage image = make(display, context, "2D", EGL_GL_TEXTURE_2D, source, NULL);
    glGenTextures(1, &other);
    glBindTexture(GL_TEXTURE_EXTERNAL_OES, other);
    target_texture(GL_TEXTURE_EXTERNAL_OES, image);
    GLint units = 0, binding = 0;
    glGetTexParameteriv(GL_TEXTURE_EXTERNAL_OES, GL_REQUIRED_TEXTURE_IMAGE_UNITS_OES, &units);
    glGetIntegerv(GL_TEXTURE_BINDING_EXTERNAL_OES, &binding);
    printf("units %d bound %d error %x\n", units, binding == (GLint)other, glGetError());
    const char *sources[] = { vertex, fragment };
    for (int i = 0; i < 2; i++) {
        GLuint shader = glCreateShader(i ? GL_FRAGMENT_SHADER : GL_VERTEX_SHADER);
        glShaderSource(shader, 1, &sources[i], NULL);
        glCompileShader(shader);
        glAttachShader(program, shader);
    }
    glBindAttribLocation(program, 0, "pos");
    glLinkProgram(program);
    GLint linked = 0, size;
    GLenum type = 0;
    char name[16];
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    glGetActiveUniform(program, 0, sizeof name, NULL, &size, &type, name);
    printf("linked %d type %x\n", linked, type);
    glUseProgram(program);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray(0);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    egl_print_pixels("external", 8, 8);
    printf("error %x\n", glGetError());
}

static void
errors(EGLDisplay display)
{
    EGLContext context = begin(display, 16);
    const EGLAttrib level[] = { EGL_GL_TEXTURE_LEVEL, 3, EGL_NONE }, nonsense[] = { 0x7777, 1, EGL_NONE };
    GLuint flat = texture(GL_TEXTURE_2D, 4, 1), empty;
    int nothing;
    glGenTextures(1, &empty);
    make(display, context, "name 0", EGL_GL_TEXTURE_2D, 0, NULL);
    make(display, context, "unknown name", EGL_GL_TEXTURE_2D, 4711, NULL);
    make(display, context, "no storage", EGL_GL_TEXTURE_2D, empty, NULL);
    make(display, context, "no such level", EGL_GL_TEXTURE_2D, flat, level);
    make(display, context, "nonsense attribute", EGL_GL_TEXTURE_2D, flat, nonsense);
    make(display, context, "nonsense target", 0x1234, flat, NULL);
    make(display, context, "renderbuffer 0", EGL_GL_RENDERBUFFER, 0, NULL);
    make(display, context, "unknown renderbuffer", EGL_GL_RENDERBUFFER, 4711, NULL);
    make(display, (EGLContext)&nothing, "bad context", EGL_GL_TEXTURE_2D, flat, NULL);
    make((EGLDisplay)&nothing, context, "bad display", EGL_GL_TEXTURE_2D, flat, NULL);
    egl_report("destroy nothing", eglDestroyImage(display, (EGLImage)&nothing));
    target_texture(GL_TEXTURE_2D, NULL);
    printf("no image %x\n", glGetError());
    EGLImage image = make(display, context, "image", EGL_GL_TEXTURE_2D, flat, NULL);
    target_texture(GL_TEXTURE_3D, image);
    printf("target %x\n", glGetError());
    target_renderbuffer(GL_TEXTURE_2D, image);
    printf("renderbuffer target %x\n", glGetError());
    eglDestroyImage(display, image);
}

/* Two contexts that share nothing but an image. */
static void
across(EGLDisplay display)
{
    EGLContext first = begin(display, 8), second = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = eglGetCurrentSurface(EGL_DRAW);
    GLuint source = texture(GL_TEXTURE_2D, 8, 21), other;
    EGLImage image = make(display, first, "2D", EGL_GL_TEXTURE_2D, source, NULL);
    glFinish();
    eglMakeCurrent(display, surface, surface, second);
    glGenTextures(1, &other);
    glBindTexture(GL_TEXTURE_2D, other);
    target_texture(GL_TEXTURE_2D, image);
    print_attached("other context", GL_TEXTURE_2D, other, 8);
    egl_report("destroy first", eglDestroyContext(display, first));
    egl_report("destroy image", eglDestroyImage(display, image));
    print_attached("context gone", GL_TEXTURE_2D, other, 8);
}

const struct egl_case egl_cases_image[] = {
    { "image textures", textures }, { "image others", others }, { "image external", external },
    { "image errors", errors }, { "image across contexts", across }, { 0 },
};
