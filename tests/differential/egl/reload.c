/*
 * egl-reload: loads libEGL, uses it and unloads it, several times, as SDL does while it looks for an API that works.
 * Ends with a context current, without eglTerminate and with a thread that outlives the library. Its output is text
 * that must be the same everywhere.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

struct api {
    void *library;
    PFNEGLGETPLATFORMDISPLAYPROC get_platform_display;
    PFNEGLINITIALIZEPROC initialize;
    PFNEGLBINDAPIPROC bind_api;
    PFNEGLCHOOSECONFIGPROC choose_config;
    PFNEGLCREATECONTEXTPROC create_context;
    PFNEGLMAKECURRENTPROC make_current;
    PFNEGLTERMINATEPROC terminate;
    PFNEGLGETERRORPROC get_error;
};

static int
load(struct api *api)
{
    api->library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!api->library)
        return 0;
    api->get_platform_display = (PFNEGLGETPLATFORMDISPLAYPROC)dlsym(api->library, "eglGetPlatformDisplay");
    api->initialize = (PFNEGLINITIALIZEPROC)dlsym(api->library, "eglInitialize");
    api->bind_api = (PFNEGLBINDAPIPROC)dlsym(api->library, "eglBindAPI");
    api->choose_config = (PFNEGLCHOOSECONFIGPROC)dlsym(api->library, "eglChooseConfig");
    api->create_context = (PFNEGLCREATECONTEXTPROC)dlsym(api->library, "eglCreateContext");
    api->make_current = (PFNEGLMAKECURRENTPROC)dlsym(api->library, "eglMakeCurrent");
    api->terminate = (PFNEGLTERMINATEPROC)dlsym(api->library, "eglTerminate");
    api->get_error = (PFNEGLGETERRORPROC)dlsym(api->library, "eglGetError");
    return 1;
}

static void
use(const struct api *api, int terminate)
{
    const EGLint es2[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_NONE };
    EGLDisplay display = api->get_platform_display(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL);
    EGLint major = 0, minor = 0;
    EGLBoolean initialized = api->initialize(display, &major, &minor);
    printf("initialize %d %d.%d error %04x\n", initialized, major, minor, api->get_error());
    EGLBoolean bound = api->bind_api(EGL_OPENVG_API);
    printf("bind vg %d error %04x\n", bound, api->get_error());
    bound = api->bind_api(EGL_OPENGL_ES_API);
    printf("bind es %d error %04x\n", bound, api->get_error());
    EGLContext context = api->create_context(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, es2);
    EGLBoolean current = api->make_current(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
    printf("context %d current %d error %04x\n", context != NULL, current, api->get_error());
    if (!terminate)
        return;
    api->make_current(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    printf("terminate %d\n", api->terminate(display));
}

static void *
use_elsewhere(void *user)
{
    use(user, 0); // the thread ends with its context current
    return NULL;
}

int
main(void)
{
    struct api api;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < 4; i++) {
        if (!load(&api))
            return 1;
        pthread_t thread;
        pthread_create(&thread, NULL, use_elsewhere, &api);
        pthread_join(thread, NULL);
        use(&api, i != 2);
        printf("unload %d\n", dlclose(api.library));
    }
    return 0;
}
