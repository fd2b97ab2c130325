#include "display.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "context.h"
#include "entries.h"
#include "image.h"
#include "surface.h"
#include "sync.h"
#include "thread.h"
#include "wayland.h"
#include "x11.h"

pthread_mutex_t dc_egl_lock = PTHREAD_MUTEX_INITIALIZER;
static struct dc_display *displays; // protected by dc_egl_lock; grows only

#define CLIENT_EXTENSIONS                                                                                               \
    "EGL_EXT_client_extensions EGL_EXT_platform_base EGL_EXT_platform_wayland EGL_EXT_platform_x11 "                    \
    "EGL_KHR_client_get_all_proc_addresses EGL_KHR_platform_wayland EGL_KHR_platform_x11 EGL_MESA_platform_surfaceless"

/* Display extensions, in the order of the alphabet. `driver`: only where the worker's driver has it. */
static const struct {
    const char *name;
    bool driver, windows;
} extensions[] = {
    { "EGL_EXT_buffer_age", .windows = true },
    { "EGL_EXT_create_context_robustness" },
    { "EGL_EXT_pixel_format_float" },
    { "EGL_EXT_present_opaque", .windows = true },
    { "EGL_EXT_swap_buffers_with_damage", .windows = true },
    { "EGL_KHR_config_attribs" },
    { "EGL_KHR_context_flush_control" },
    { "EGL_KHR_create_context" },
    { "EGL_KHR_create_context_no_error" },
    { "EGL_KHR_fence_sync" },
    { "EGL_KHR_get_all_proc_addresses" },
    { "EGL_KHR_gl_colorspace" },
    { "EGL_KHR_gl_renderbuffer_image", .driver = true },
    { "EGL_KHR_gl_texture_2D_image", .driver = true },
    { "EGL_KHR_gl_texture_3D_image", .driver = true },
    { "EGL_KHR_gl_texture_cubemap_image", .driver = true },
    { "EGL_KHR_image_base", .driver = true },
    { "EGL_KHR_no_config_context" },
    { "EGL_KHR_partial_update", .windows = true },
    { "EGL_KHR_reusable_sync" },
    { "EGL_KHR_surfaceless_context" },
    { "EGL_KHR_swap_buffers_with_damage", .windows = true },
    { "EGL_KHR_wait_sync" },
    { "EGL_MESA_configless_context" },
    { "EGL_WL_bind_wayland_display" },
};
#define EXTENSION_COUNT (sizeof(extensions) / sizeof(extensions[0]))

static bool
has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at && (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* Fixed for good at the first initialization, like the profile that it follows. */
static char *
make_extensions(const struct dc_display *display)
{
    const char *driver = display->process->profile.strings[DC_PROFILE_EGL_EXTENSIONS];
    size_t size_bytes = 1;
    for (size_t i = 0; i < EXTENSION_COUNT; i++)
        size_bytes += strlen(extensions[i].name) + 1;
    char *list = calloc(1, size_bytes);
    for (size_t i = 0; list && i < EXTENSION_COUNT; i++) {
        if ((extensions[i].driver && !has_word(driver, extensions[i].name)) ||
            (extensions[i].windows && display->platform != DC_PLATFORM_WAYLAND))
            continue;
        strcat(list, list[0] ? " " : "");
        strcat(list, extensions[i].name);
    }
    return list;
}

/* eglGetDisplay(EGL_DEFAULT_DISPLAY): EGL_PLATFORM says, else a compositor in the environment does. */
static enum dc_platform
default_platform(void)
{
    const char *wanted = getenv("EGL_PLATFORM");
    if (wanted && strcmp(wanted, "wayland") == 0)
        return DC_PLATFORM_WAYLAND;
    if (wanted && strcmp(wanted, "surfaceless") == 0)
        return DC_PLATFORM_SURFACELESS;
    return getenv("WAYLAND_DISPLAY") || getenv("WAYLAND_SOCKET") ? DC_PLATFORM_WAYLAND : DC_PLATFORM_SURFACELESS;
}

/* In the child of a fork(): displays are to be initialized anew, with a connection of the child's own. What the parent
 * made is abandoned as it is; the Wayland connection in particular is still the parent's to write to. */
static void
forget_in_child(void)
{
    pthread_mutex_init(&dc_egl_lock, NULL);
    for (struct dc_display *display = displays; display; display = display->next) {
        display->initialized = false;
        display->wayland = NULL;
        display->contexts = NULL;
        display->surfaces = NULL;
        display->syncs = NULL;
        display->images = NULL;
        display->server = NULL;
    }
}

static void
watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_in_child);
}

static bool
choose_platform(EGLenum platform_enum, void *native, enum dc_platform *platform)
{
    switch (platform_enum) {
    case EGL_PLATFORM_WAYLAND_KHR:
        *platform = DC_PLATFORM_WAYLAND;
        return true;
    case EGL_PLATFORM_X11_KHR:
        *platform = DC_PLATFORM_X11;
        return native != NULL && dc_x11_get_visual(native) != 0;
    case EGL_PLATFORM_SURFACELESS_MESA:
        *platform = DC_PLATFORM_SURFACELESS;
        return native == NULL;
    case EGL_NONE:
        *platform = default_platform();
        return native == NULL;
    default:
        return false;
    }
}

EGLDisplay
dc_display_get(EGLenum platform_enum, void *native, const EGLAttrib *attribs)
{
    enum dc_platform platform;
    if (!choose_platform(platform_enum, native, &platform)) {
        dc_egl_fail(EGL_BAD_PARAMETER);
        return EGL_NO_DISPLAY;
    }
    if (attribs && attribs[0] != EGL_NONE) {
        dc_egl_fail(EGL_BAD_ATTRIBUTE);
        return EGL_NO_DISPLAY;
    }
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = displays;
    while (display && (display->platform_enum != platform_enum || display->native != native))
        display = display->next;
    if (!display && (display = calloc(1, sizeof(*display)))) {
        display->platform_enum = platform_enum;
        display->native = native;
        display->platform = platform;
        display->next = displays;
        displays = display;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    dc_egl_fail(display ? EGL_SUCCESS : EGL_BAD_ALLOC);
    return display;
}

struct dc_display *
dc_display_lookup(EGLDisplay handle)
{
    struct dc_display *display = displays;
    while (display && display != handle)
        display = display->next;
    return display;
}

struct dc_display *
dc_display_require(EGLDisplay handle)
{
    struct dc_display *display = dc_display_lookup(handle);
    if (display && display->initialized)
        return display;
    dc_egl_fail(display ? EGL_NOT_INITIALIZED : EGL_BAD_DISPLAY);
    return NULL;
}

/* false: EGL_NOT_INITIALIZED; the cause is in the log. */
static bool
start(struct dc_display *display)
{
    display->process = dc_process_get();
    if (!display->process)
        return false;
    if (display->platform == DC_PLATFORM_WAYLAND) {
        display->wayland = dc_wayland_create(display->native);
        if (!display->wayland)
            return false;
    }
    // Handles of configs outlive eglTerminate in careless applications, and the profile does not change.
    if (!display->configs) {
        uint32_t visual_id = display->platform == DC_PLATFORM_X11 ? dc_x11_get_visual(display->native) : 0;
        display->configs = dc_configs_create(&display->process->profile,
                                             display->platform != DC_PLATFORM_SURFACELESS, visual_id);
    }
    display->config_count = display->configs ? display->process->profile.config_count : 0;
    if (!display->extensions)
        display->extensions = make_extensions(display);
    return display->configs && display->extensions;
}

EGLBoolean
dc_eglInitialize(EGLDisplay handle, EGLint *major, EGLint *minor)
{
    EGLBoolean ok = EGL_TRUE;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_lookup(handle);
    if (!display) {
        ok = dc_egl_fail(EGL_BAD_DISPLAY);
    } else if (!display->initialized) {
        display->initialized = start(display);
        if (!display->initialized)
            ok = dc_egl_fail(EGL_NOT_INITIALIZED);
    }
    pthread_mutex_unlock(&dc_egl_lock);
    if (!ok)
        return ok;
    if (major)
        *major = 1;
    if (minor)
        *minor = 5;
    return dc_egl_succeed();
}

/* What is current somewhere lives on until it is not; every handle is invalid from now on. */
EGLBoolean
dc_eglTerminate(EGLDisplay handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_lookup(handle);
    if (display && display->initialized) {
        while (display->images)
            dc_egl_image_unlink(display->images);
        while (display->syncs)
            dc_sync_unlink(display->syncs);
        while (display->contexts)
            dc_egl_context_unlink(display->contexts);
        while (display->surfaces)
            dc_surface_unlink(display->surfaces);
        dc_wayland_unref(display->wayland);
        display->wayland = NULL;
        display->initialized = false;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    return display ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_DISPLAY);
}

const char *
dc_eglQueryString(EGLDisplay handle, EGLint name)
{
    if (handle == EGL_NO_DISPLAY && (name == EGL_EXTENSIONS || name == EGL_VERSION)) {
        dc_egl_succeed();
        return name == EGL_VERSION ? "1.5" : CLIENT_EXTENSIONS;
    }
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    const char *display_extensions = display ? display->extensions : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return NULL;
    dc_egl_succeed();
    switch (name) {
    case EGL_VENDOR:
        return "droidcloud";
    case EGL_VERSION:
        return "1.5";
    case EGL_CLIENT_APIS:
        return "OpenGL_ES";
    case EGL_EXTENSIONS:
        return display_extensions;
    default:
        dc_egl_fail(EGL_BAD_PARAMETER);
        return NULL;
    }
}

static struct dc_display *
require_for_configs(EGLDisplay handle, const EGLint *count)
{
    struct dc_display *display = dc_display_require(handle);
    if (display && !count) {
        dc_egl_fail(EGL_BAD_PARAMETER);
        return NULL;
    }
    return display;
}

EGLBoolean
dc_eglGetConfigs(EGLDisplay handle, EGLConfig *configs, EGLint size, EGLint *count)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = require_for_configs(handle, count);
    EGLint found = display ? (EGLint)display->config_count : 0;
    if (configs && found > size)
        found = size < 0 ? 0 : size;
    for (EGLint i = 0; configs && i < found; i++)
        configs[i] = &display->configs[i];
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    *count = found;
    return dc_egl_succeed();
}

EGLBoolean
dc_eglChooseConfig(EGLDisplay handle, const EGLint *attribs, EGLConfig *configs, EGLint size, EGLint *count)
{
    EGLint found = 0;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = require_for_configs(handle, count);
    EGLBoolean ok = display && dc_config_choose(display->configs, display->config_count, attribs,
                                                (const struct dc_config **)configs, size, &found);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    if (!ok)
        return dc_egl_fail(EGL_BAD_ATTRIBUTE);
    *count = configs && found > size ? (size < 0 ? 0 : size) : found;
    return dc_egl_succeed();
}

const struct dc_config *
dc_display_find_config(const struct dc_display *display, EGLConfig handle)
{
    const struct dc_config *config = handle;
    for (uint32_t i = 0; i < display->config_count; i++)
        if (&display->configs[i] == config)
            return config;
    return NULL;
}

EGLBoolean
dc_eglGetConfigAttrib(EGLDisplay handle, EGLConfig config_handle, EGLint attribute, EGLint *value)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    const struct dc_config *config = display ? dc_display_find_config(display, config_handle) : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    if (!config)
        return dc_egl_fail(EGL_BAD_CONFIG);
    if (!value)
        return dc_egl_fail(EGL_BAD_PARAMETER);
    return dc_config_get(config, attribute, value) ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_ATTRIBUTE);
}
