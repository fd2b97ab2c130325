/* Surfaces: what can be made, their attributes, drawing to several. */
#include "egl_case.h"

static const EGLint queried[] = {
    EGL_WIDTH, EGL_HEIGHT, EGL_LARGEST_PBUFFER, EGL_TEXTURE_FORMAT, EGL_TEXTURE_TARGET, EGL_MIPMAP_TEXTURE,
    EGL_MIPMAP_LEVEL, EGL_SWAP_BEHAVIOR, EGL_RENDER_BUFFER, EGL_PIXEL_ASPECT_RATIO, EGL_HORIZONTAL_RESOLUTION,
    EGL_VERTICAL_RESOLUTION, EGL_MULTISAMPLE_RESOLVE, EGL_VG_ALPHA_FORMAT, EGL_VG_COLORSPACE, EGL_GL_COLORSPACE,
    EGL_RED_SIZE, 0x1234,
};

static void
create(EGLDisplay display, const char *label, const EGLint *attribs)
{
    EGLSurface surface = eglCreatePbufferSurface(display, egl_config(display), attribs);
    egl_report(label, surface != EGL_NO_SURFACE);
    for (size_t i = 0; surface && i < sizeof(queried) / sizeof(queried[0]); i++) {
        EGLint value = -5;
        EGLBoolean ok = eglQuerySurface(display, surface, queried[i], &value);
        printf(" %x=%x(%d %x)", queried[i], value, ok, eglGetError());
    }
    printf("\n");
    if (surface)
        eglDestroySurface(display, surface);
}

#define CREATE(...) create(display, #__VA_ARGS__, (const EGLint[]){ __VA_ARGS__, EGL_NONE })

static void
pbuffers(EGLDisplay display)
{
    create(display, "no attributes", NULL);
    CREATE(EGL_WIDTH, 17, EGL_HEIGHT, 5);
    CREATE(EGL_WIDTH, 17, EGL_HEIGHT, 5, EGL_LARGEST_PBUFFER, EGL_TRUE);
    CREATE(EGL_WIDTH, -1, EGL_HEIGHT, 5);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, -1);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_RENDER_BUFFER, EGL_BACK_BUFFER);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_GL_COLORSPACE, EGL_GL_COLORSPACE_SRGB);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_GL_COLORSPACE, EGL_GL_COLORSPACE_LINEAR);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_GL_COLORSPACE, 7);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_VG_COLORSPACE, EGL_VG_COLORSPACE_LINEAR);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_VG_ALPHA_FORMAT, 3);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_TEXTURE_FORMAT, EGL_TEXTURE_RGB);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_TEXTURE_TARGET, EGL_TEXTURE_2D);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_MIPMAP_TEXTURE, EGL_TRUE);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_PRESENT_OPAQUE_EXT, EGL_TRUE);
    CREATE(EGL_WIDTH, 5, EGL_HEIGHT, 5, EGL_RED_SIZE, 8);
}

static void
others(EGLDisplay display)
{
    EGLConfig config = egl_config(display);
    EGLSurface surface = egl_pbuffer(display, 8, 8);
    int somewhere;
    egl_report("window", eglCreateWindowSurface(display, config, (EGLNativeWindowType)&somewhere, NULL) != NULL);
    egl_report("no window", eglCreateWindowSurface(display, config, 0, NULL) != NULL);
    egl_report("platform window", eglCreatePlatformWindowSurface(display, config, &somewhere, NULL) != NULL);
    egl_report("pixmap", eglCreatePixmapSurface(display, config, (EGLNativePixmapType)&somewhere, NULL) != NULL);
    egl_report("client buffer",
               eglCreatePbufferFromClientBuffer(display, EGL_OPENVG_IMAGE, &somewhere, config, NULL) != NULL);
    egl_report("bad config", eglCreatePbufferSurface(display, (EGLConfig)&somewhere, NULL) != NULL);
    egl_report("bad display", eglCreatePbufferSurface((EGLDisplay)&somewhere, config, NULL) != NULL);
    egl_report("mipmap", eglSurfaceAttrib(display, surface, EGL_MIPMAP_LEVEL, 3));
    egl_report("resolve", eglSurfaceAttrib(display, surface, EGL_MULTISAMPLE_RESOLVE, EGL_MULTISAMPLE_RESOLVE_DEFAULT));
    egl_report("resolve", eglSurfaceAttrib(display, surface, EGL_MULTISAMPLE_RESOLVE, EGL_MULTISAMPLE_RESOLVE_BOX));
    egl_report("preserve", eglSurfaceAttrib(display, surface, EGL_SWAP_BEHAVIOR, EGL_BUFFER_PRESERVED));
    egl_report("destroyed", eglSurfaceAttrib(display, surface, EGL_SWAP_BEHAVIOR, EGL_BUFFER_DESTROYED));
    egl_report("nonsense", eglSurfaceAttrib(display, surface, EGL_SWAP_BEHAVIOR, 3));
    egl_report("width", eglSurfaceAttrib(display, surface, EGL_WIDTH, 3));
    egl_report("bad surface", eglSurfaceAttrib(display, (EGLSurface)&somewhere, EGL_MIPMAP_LEVEL, 3));
    egl_report("bind", eglBindTexImage(display, surface, EGL_BACK_BUFFER));
    egl_report("release", eglReleaseTexImage(display, surface, EGL_BACK_BUFFER));
    egl_report("destroy", eglDestroySurface(display, surface));
    egl_report("destroy", eglDestroySurface(display, surface));
}

static void
draw(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface small = egl_pbuffer(display, 16, 16), large = egl_pbuffer(display, 40, 24);
    GLint box[4];
    eglMakeCurrent(display, small, small, context);
    glGetIntegerv(GL_VIEWPORT, box);
    printf("viewport %d %d %d %d\n", box[0], box[1], box[2], box[3]);
    glClearColor(1, 0.5f, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    eglMakeCurrent(display, large, large, context);
    glGetIntegerv(GL_VIEWPORT, box);
    printf("viewport %d %d %d %d\n", box[0], box[1], box[2], box[3]);
    glClearColor(0, 0.5f, 1, 0.5f);
    glClear(GL_COLOR_BUFFER_BIT);
    eglMakeCurrent(display, large, small, context); // draws to one, reads from the other
    egl_print_pixels("read small", 16, 16);
    glBlitFramebuffer(0, 0, 16, 16, 8, 8, 40, 24, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    eglMakeCurrent(display, large, large, context);
    egl_print_pixels("large", 40, 24);
    egl_report("swap", eglSwapBuffers(display, large));
    egl_print_pixels("after swap", 40, 24);
    egl_report("swap of another", eglSwapBuffers(display, small));
    egl_report("destroy current", eglDestroySurface(display, large));
    egl_print_pixels("destroyed", 40, 24);
    egl_report("swap of a destroyed one", eglSwapBuffers(display, large));
    eglMakeCurrent(display, small, small, context);
    egl_print_pixels("small again", 16, 16);
    egl_report("interval", eglSwapInterval(display, 1));
}

static void
srgb(EGLDisplay display)
{
    const EGLint attribs[] = { EGL_WIDTH, 8, EGL_HEIGHT, 8, EGL_GL_COLORSPACE, EGL_GL_COLORSPACE_SRGB, EGL_NONE };
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = eglCreatePbufferSurface(display, egl_config(display), attribs);
    GLint encoding = 0;
    eglMakeCurrent(display, surface, surface, context);
    glClearColor(0.5f, 0.25f, 0.125f, 0.5f);
    glClear(GL_COLOR_BUFFER_BIT);
    egl_print_pixels("srgb", 8, 8);
    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_BACK, GL_FRAMEBUFFER_ATTACHMENT_COLOR_ENCODING, &encoding);
    printf("%x %x\n", encoding, glGetError());
}

static void
multisample(EGLDisplay display)
{
    const EGLint wanted[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT, EGL_SAMPLES,
                              4, EGL_ALPHA_SIZE, 8, EGL_NONE };
    const EGLint size[] = { EGL_WIDTH, 16, EGL_HEIGHT, 16, EGL_NONE }, es3[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    EGLConfig configs[MAX_CONFIGS];
    if (egl_choose(display, wanted, configs) < 1)
        return;
    EGLContext context = eglCreateContext(display, configs[0], EGL_NO_CONTEXT, es3);
    EGLSurface surface = eglCreatePbufferSurface(display, configs[0], size);
    GLint samples = -1;
    egl_report("current", eglMakeCurrent(display, surface, surface, context));
    glGetIntegerv(GL_SAMPLES, &samples);
    glClearColor(0.2f, 0.4f, 0.6f, 0.8f);
    glClear(GL_COLOR_BUFFER_BIT);
    egl_print_pixels("cleared", 16, 16);
    printf("samples %d\n", samples);
}

const struct egl_case egl_cases_surface[] = {
    { "surface pbuffers", pbuffers }, { "surface others", others }, { "surface draw", draw }, { "surface srgb", srgb },
    { "surface multisample", multisample }, { 0 },
};
