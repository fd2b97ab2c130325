#include <render-backend/gpu-manager/gpu.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <EGL/eglext.h>

#define DC_LOG_COMPONENT "gpu"
#include <common/log.h>

static bool
has_extension(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = list ? strstr(list, name) : NULL; p; p = strstr(p + length, name)) {
        if ((p == list || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
            return true;
    }
    return false;
}

static size_t
query_devices(EGLDeviceEXT *devices, size_t max)
{
    const char *client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    if (!has_extension(client, "EGL_EXT_device_enumeration") && !has_extension(client, "EGL_EXT_device_base"))
        return 0;
    PFNEGLQUERYDEVICESEXTPROC query = (PFNEGLQUERYDEVICESEXTPROC)eglGetProcAddress("eglQueryDevicesEXT");
    EGLint count = 0;
    if (!query || !query((EGLint)max, devices, &count) || count < 0)
        return 0;
    return (size_t)count;
}

static void
describe(struct dc_gpu *gpu, EGLDeviceEXT device, int index)
{
    PFNEGLQUERYDEVICESTRINGEXTPROC query =
        (PFNEGLQUERYDEVICESTRINGEXTPROC)eglGetProcAddress("eglQueryDeviceStringEXT");
    *gpu = (struct dc_gpu){ .egl_device = index };
    const char *extensions = query ? query(device, EGL_EXTENSIONS) : NULL;
    gpu->software = has_extension(extensions, "EGL_MESA_device_software");
    const char *node = NULL;
    // Mesa's software device claims a render node of its own in some versions; it has none.
    if (!gpu->software && has_extension(extensions, "EGL_EXT_device_drm_render_node"))
        node = query(device, EGL_DRM_RENDER_NODE_FILE_EXT);
    if (!node && !gpu->software && has_extension(extensions, "EGL_EXT_device_drm"))
        node = query(device, EGL_DRM_DEVICE_FILE_EXT);
    if (node) {
        const char *base = strrchr(node, '/');
        snprintf(gpu->drm_node, sizeof gpu->drm_node, "%s", node);
        snprintf(gpu->name, sizeof gpu->name, "%s", base ? base + 1 : node);
    } else {
        snprintf(gpu->name, sizeof gpu->name, gpu->software ? "software" : "egl%d", index);
    }
}

size_t
dc_gpu_list(struct dc_gpu *gpus, size_t max)
{
    EGLDeviceEXT devices[DC_GPU_MAX];
    size_t device_count = query_devices(devices, DC_GPU_MAX), count = 0;
    bool software = false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < device_count && count < max; i++) {
            describe(&gpus[count], devices[i], (int)i);
            if (gpus[count].software != (pass == 1))
                continue;
            software |= gpus[count].software;
            count++;
        }
    }
    if (!software && count < max)
        gpus[count++] = (struct dc_gpu){ .name = "surfaceless", .software = true, .egl_device = -1 };
    return count;
}

static EGLDisplay
open_display(const struct dc_gpu *gpu)
{
    PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
        (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");
    EGLDisplay display = EGL_NO_DISPLAY;
    if (!get_display)
        return EGL_NO_DISPLAY;
    if (gpu->egl_device >= 0) {
        EGLDeviceEXT devices[DC_GPU_MAX];
        if (query_devices(devices, DC_GPU_MAX) > (size_t)gpu->egl_device)
            display = get_display(EGL_PLATFORM_DEVICE_EXT, devices[gpu->egl_device], NULL);
    } else {
        display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    }
    if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_ES_API)) {
        dc_debug("%s: EGL does not initialise (error 0x%04x)", gpu->name, (unsigned)eglGetError());
        return EGL_NO_DISPLAY;
    }
    return display;
}

EGLDisplay
dc_gpu_open(const char *name, struct dc_gpu *gpu)
{
    struct dc_gpu gpus[DC_GPU_MAX];
    size_t count = dc_gpu_list(gpus, DC_GPU_MAX);
    if (name && strcmp(name, "surfaceless") == 0) {
        gpus[0] = (struct dc_gpu){ .name = "surfaceless", .software = true, .egl_device = -1 };
        count = 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (name && strcmp(name, gpus[i].name) != 0 && strcmp(name, gpus[i].drm_node) != 0)
            continue;
        EGLDisplay display = open_display(&gpus[i]);
        if (display != EGL_NO_DISPLAY) {
            if (gpu)
                *gpu = gpus[i];
            return display;
        }
    }
    if (name)
        dc_error("GPU %s: not found, or its driver does not initialise (dc-render --list-gpus shows what is there)", name);
    else
        dc_error("no EGL device initialises; is Mesa (libegl-mesa0, libgl1-mesa-dri) installed?");
    return EGL_NO_DISPLAY;
}

void
dc_gpu_preload(void)
{
    struct dc_gpu gpus[DC_GPU_MAX];
    dc_gpu_list(gpus, DC_GPU_MAX);
    // Drivers lie beside Mesa's EGL. Mesa finds the already loaded object by its inode when a worker opens it.
    void *egl = dlopen("libEGL_mesa.so.0", RTLD_NOW | RTLD_NOLOAD);
    char origin[PATH_MAX], path[PATH_MAX + 32];
    if (!egl || dlinfo(egl, RTLD_DI_ORIGIN, origin) != 0)
        return;
    snprintf(path, sizeof path, "%s/dri/swrast_dri.so", origin);
    if (!dlopen(path, RTLD_NOW | RTLD_GLOBAL))
        dc_debug("software driver not preloaded: %s", dlerror());
}
