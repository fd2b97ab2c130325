/* What configs there are, and in which order they are chosen. */
#include "egl_case.h"

static EGLint
get(EGLDisplay display, EGLConfig config, EGLint attribute)
{
    EGLint value = -77;
    if (!eglGetConfigAttrib(display, config, attribute, &value))
        printf("attribute %04x error %04x\n", attribute, eglGetError());
    return value;
}

static void
describe(EGLDisplay display, EGLConfig config)
{
    static const EGLint shown[] = {
        EGL_BUFFER_SIZE, EGL_RED_SIZE, EGL_GREEN_SIZE, EGL_BLUE_SIZE, EGL_ALPHA_SIZE, EGL_LUMINANCE_SIZE,
        EGL_ALPHA_MASK_SIZE, EGL_DEPTH_SIZE, EGL_STENCIL_SIZE, EGL_SAMPLE_BUFFERS, EGL_SAMPLES, EGL_LEVEL,
        EGL_COLOR_BUFFER_TYPE, EGL_CONFIG_CAVEAT, EGL_MAX_PBUFFER_WIDTH, EGL_MAX_PBUFFER_HEIGHT,
        EGL_MAX_PBUFFER_PIXELS, EGL_NATIVE_VISUAL_ID, EGL_NATIVE_VISUAL_TYPE, EGL_TRANSPARENT_TYPE,
        EGL_MIN_SWAP_INTERVAL, EGL_MAX_SWAP_INTERVAL, EGL_COLOR_COMPONENT_TYPE_EXT, EGL_NATIVE_RENDERABLE,
    };
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        printf(" %x", get(display, config, shown[i]));
    const EGLint apis = EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT;
    printf(" renderable %x conformant %x surface %x\n", get(display, config, EGL_RENDERABLE_TYPE) & apis,
           get(display, config, EGL_CONFORMANT) & apis,
           get(display, config, EGL_SURFACE_TYPE) & (EGL_PBUFFER_BIT | EGL_WINDOW_BIT | EGL_PIXMAP_BIT));
}

static void
choose(EGLDisplay display, const char *label, const EGLint *attribs)
{
    EGLConfig configs[MAX_CONFIGS];
    int count = egl_choose(display, attribs, configs);
    printf("%s: %d\n", label, count);
    for (int i = 0; i < count; i++)
        describe(display, configs[i]);
    egl_report(label, count >= 0);
}

#define CHOOSE(label, ...)                                                                                              \
    choose(display, label,                                                                                              \
           (const EGLint[]){ EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT, __VA_ARGS__ })

static void
order(EGLDisplay display)
{
    CHOOSE("everything", EGL_NONE);
    CHOOSE("rgb", EGL_RED_SIZE, 1, EGL_GREEN_SIZE, 1, EGL_BLUE_SIZE, 1, EGL_NONE);
    CHOOSE("rgba", EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_NONE);
    CHOOSE("alpha", EGL_ALPHA_SIZE, 1, EGL_NONE);
    CHOOSE("no care", EGL_RED_SIZE, EGL_DONT_CARE, EGL_DEPTH_SIZE, EGL_DONT_CARE, EGL_NONE);
    CHOOSE("depth", EGL_DEPTH_SIZE, 16, EGL_NONE);
    CHOOSE("depth and stencil", EGL_DEPTH_SIZE, 24, EGL_STENCIL_SIZE, 8, EGL_NONE);
    CHOOSE("samples", EGL_SAMPLES, 2, EGL_NONE);
    CHOOSE("sample buffers", EGL_SAMPLE_BUFFERS, 1, EGL_DEPTH_SIZE, 1, EGL_NONE);
    CHOOSE("buffer size", EGL_BUFFER_SIZE, 30, EGL_NONE);
    CHOOSE("caveat", EGL_CONFIG_CAVEAT, EGL_NONE, EGL_NONE);
    CHOOSE("es3", EGL_CONFORMANT, EGL_OPENGL_ES3_BIT, EGL_NONE);
    CHOOSE("twice", EGL_ALPHA_SIZE, 8, EGL_ALPHA_SIZE, 0, EGL_NONE);
}

static void
nothing(EGLDisplay display)
{
    CHOOSE("too deep", EGL_RED_SIZE, 99, EGL_NONE);
    CHOOSE("transparent", EGL_TRANSPARENT_TYPE, EGL_TRANSPARENT_RGB, EGL_NONE);
    CHOOSE("luminance", EGL_COLOR_BUFFER_TYPE, EGL_LUMINANCE_BUFFER, EGL_NONE);
    CHOOSE("pixmap", EGL_SURFACE_TYPE, EGL_PIXMAP_BIT, EGL_NONE);
    CHOOSE("window", EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_NONE);
    CHOOSE("default surface type", EGL_SURFACE_TYPE, EGL_WINDOW_BIT | EGL_PBUFFER_BIT, EGL_NONE);
    CHOOSE("level", EGL_LEVEL, 1, EGL_NONE);
    CHOOSE("interval", EGL_MAX_SWAP_INTERVAL, 5, EGL_NONE);
    CHOOSE("id", EGL_CONFIG_ID, 100000, EGL_NONE);
}

static void
nonsense(EGLDisplay display)
{
    CHOOSE("unknown", 0x1234, 1, EGL_NONE);
    CHOOSE("width", EGL_WIDTH, 1, EGL_NONE);
    CHOOSE("negative", EGL_RED_SIZE, -2, EGL_NONE);
    CHOOSE("sample buffers", EGL_SAMPLE_BUFFERS, 2, EGL_NONE);
    CHOOSE("caveat", EGL_CONFIG_CAVEAT, 1, EGL_NONE);
    CHOOSE("level", EGL_LEVEL, EGL_DONT_CARE, EGL_NONE);
    CHOOSE("id", EGL_CONFIG_ID, 0, EGL_NONE);
    CHOOSE("surface bits", EGL_SURFACE_TYPE, 0x10000, EGL_NONE);
    CHOOSE("api bits", EGL_RENDERABLE_TYPE, 0x10000, EGL_NONE);
    CHOOSE("boolean", EGL_NATIVE_RENDERABLE, 2, EGL_NONE);
    CHOOSE("component", EGL_COLOR_COMPONENT_TYPE_EXT, 7, EGL_NONE);
    CHOOSE("color", EGL_COLOR_BUFFER_TYPE, 7, EGL_NONE);
    CHOOSE("transparent", EGL_TRANSPARENT_TYPE, 7, EGL_NONE);
}

static void
errors(EGLDisplay display)
{
    EGLConfig config = egl_config(display), one;
    EGLint value = 5, count = 5;
    egl_report("no count", eglChooseConfig(display, NULL, &one, 1, NULL));
    egl_report("no count", eglGetConfigs(display, &one, 1, NULL));
    egl_report("one", eglGetConfigs(display, &one, 1, &count));
    printf("%d\n", count);
    egl_report("none", eglGetConfigs(display, &one, 0, &count));
    printf("%d\n", count);
    egl_report("match pixmap", eglGetConfigAttrib(display, config, EGL_MATCH_NATIVE_PIXMAP, &value));
    egl_report("width", eglGetConfigAttrib(display, config, EGL_WIDTH, &value));
    egl_report("bad config", eglGetConfigAttrib(display, (EGLConfig)&value, EGL_RED_SIZE, &value));
    egl_report("bad display", eglGetConfigAttrib((EGLDisplay)&value, config, EGL_RED_SIZE, &value));
    printf("%d\n", value);
}

const struct egl_case egl_cases_config[] = {
    { "config order", order }, { "config nothing", nothing }, { "config nonsense", nonsense },
    { "config errors", errors }, { 0 },
};
