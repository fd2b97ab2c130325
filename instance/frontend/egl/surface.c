#include "surface.h"

#include <stdlib.h>

#include "commands.h"
#include "config.h"
#include "entries.h"
#include "thread.h"
#include "wayland.h"
#include "x11.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define MAX_SURFACES 200 // the worker ends a process that has more than 256

static uint32_t alive; // those that the worker knows; protected by dc_egl_lock

static struct dc_surface *
allocate(struct dc_display *display, const struct dc_config *config, EGLint type)
{
    static uint32_t last_id; // protected by dc_egl_lock
    if (alive >= MAX_SURFACES)
        return NULL;
    struct dc_surface *surface = calloc(1, sizeof(*surface));
    if (!surface)
        return NULL;
    *surface = (struct dc_surface){
        .display = display,
        .process = display->process,
        .config = config,
        .type = type,
        .id = ++last_id,
        .render_buffer = EGL_BACK_BUFFER,
        .colorspace = EGL_GL_COLORSPACE_LINEAR,
        .swap_behavior = EGL_BUFFER_DESTROYED,
        .multisample_resolve = EGL_MULTISAMPLE_RESOLVE_DEFAULT,
        .vg_colorspace = EGL_VG_COLORSPACE_sRGB,
        .vg_alpha_format = EGL_VG_ALPHA_FORMAT_NONPRE,
        .texture_format = EGL_NO_TEXTURE,
        .texture_target = EGL_NO_TEXTURE,
        .swap_interval = 1,
    };
    return surface;
}

static void
publish(struct dc_surface *surface)
{
    // A pbuffer may be empty; the worker's is at least one pixel.
    surface->sent_width = surface->width > 0 ? surface->width : 1;
    surface->sent_height = surface->height > 0 ? surface->height : 1;
    dc_debug("surface %u: %s %dx%d, config %d", surface->id, surface->type == EGL_PBUFFER_BIT ? "pbuffer" : "window",
             surface->width, surface->height, surface->config->config_id);
    surface->credit.surface_id = surface->id;
    dc_credit_begin(surface->process, &surface->credit);
    dc_command_surface_create(surface->process, surface->id, surface->config->config_id, surface->sent_width,
                              surface->sent_height, surface->type == EGL_PBUFFER_BIT,
                              surface->colorspace == EGL_GL_COLORSPACE_SRGB);
    alive++;
    surface->linked = true;
    surface->next = surface->display->surfaces;
    surface->display->surfaces = surface;
}

/* The worker's bound on sizes is that of pbuffers, for windows as well. */
static EGLint
create_window(struct dc_surface *surface, void *native)
{
    struct dc_display *display = surface->display;
    if (display->platform == DC_PLATFORM_X11)
        return dc_x11_get_window_size(display->native, (uintptr_t)native, &surface->width, &surface->height)
                   ? EGL_SUCCESS
                   : EGL_BAD_NATIVE_WINDOW;
    EGLint error = dc_window_create(surface, display->wayland, native);
    if (error != EGL_SUCCESS)
        return error;
    if (surface->width <= surface->config->max_pbuffer_width && surface->height <= surface->config->max_pbuffer_height)
        return EGL_SUCCESS;
    dc_window_destroy(surface->window);
    return EGL_BAD_ALLOC;
}

/* `native` for windows only. Lock held. Sets the error. */
static struct dc_surface *
create(struct dc_display *display, EGLConfig config_handle, EGLint type, void *native, const EGLint *attribs)
{
    const struct dc_config *config = dc_display_find_config(display, config_handle);
    struct dc_surface *surface = NULL;
    EGLint error = EGL_SUCCESS;
    if (!config)
        error = EGL_BAD_CONFIG;
    else if (!(config->surface_type & type))
        error = EGL_BAD_MATCH;
    else if (dc_process_is_lost(display->process) || !(surface = allocate(display, config, type)))
        error = EGL_BAD_ALLOC;
    else
        error = dc_surface_parse_attributes(surface, attribs);
    if (error == EGL_SUCCESS && type == EGL_WINDOW_BIT)
        error = create_window(surface, native);
    if (error == EGL_SUCCESS) {
        publish(surface);
    } else {
        free(surface);
        surface = NULL;
    }
    dc_egl_fail(error);
    return surface;
}

EGLSurface
dc_eglCreateWindowSurface(EGLDisplay handle, EGLConfig config, EGLNativeWindowType window, const EGLint *attribs)
{
    struct dc_surface *surface = NULL;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    if (display && (!window || display->platform == DC_PLATFORM_SURFACELESS))
        dc_egl_fail(EGL_BAD_NATIVE_WINDOW); // before the config is looked at (MESA_platform_surfaceless)
    else if (display)
        surface = create(display, config, EGL_WINDOW_BIT, (void *)window, attribs);
    pthread_mutex_unlock(&dc_egl_lock);
    return surface;
}

/* EGLAttrib list → EGLint list, owned by the caller. NULL for an empty one, too. */
static EGLint *
narrow(const EGLAttrib *attribs)
{
    size_t count = 0;
    while (attribs && attribs[count] != EGL_NONE)
        count += 2;
    EGLint *list = malloc((count + 1) * sizeof(*list));
    for (size_t i = 0; list && i < count; i++)
        list[i] = attribs[i];
    if (list)
        list[count] = EGL_NONE;
    return list;
}

EGLSurface
dc_eglCreatePlatformWindowSurface(EGLDisplay handle, EGLConfig config, void *window, const EGLAttrib *attribs)
{
    EGLint *list = narrow(attribs);
    EGLSurface surface = dc_eglCreatePlatformWindowSurfaceEXT(handle, config, window, list);
    free(list);
    return surface;
}

EGLSurface
dc_eglCreatePlatformWindowSurfaceEXT(EGLDisplay handle, EGLConfig config, void *window, const EGLint *attribs)
{
    // X11's native window is an id, and here comes a pointer to it (EGL_EXT_platform_x11).
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_lookup(handle);
    bool by_reference = display && display->platform == DC_PLATFORM_X11 && window;
    pthread_mutex_unlock(&dc_egl_lock);
    EGLNativeWindowType native = by_reference ? *(EGLNativeWindowType *)window : (EGLNativeWindowType)window;
    return dc_eglCreateWindowSurface(handle, config, native, attribs);
}

EGLSurface
dc_eglCreatePbufferSurface(EGLDisplay handle, EGLConfig config, const EGLint *attribs)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? create(display, config, EGL_PBUFFER_BIT, NULL, attribs) : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    return surface;
}

/* There are no pixmaps and no other client buffers: the error is all that differs. */
static EGLSurface
refuse(EGLDisplay handle, EGLConfig config_handle, EGLint surfaceless_error, EGLint error)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    bool config = display && dc_display_find_config(display, config_handle);
    bool surfaceless = display && display->platform == DC_PLATFORM_SURFACELESS;
    pthread_mutex_unlock(&dc_egl_lock);
    if (display)
        dc_egl_fail(surfaceless && surfaceless_error ? surfaceless_error : (config ? error : EGL_BAD_CONFIG));
    return EGL_NO_SURFACE;
}

EGLSurface
dc_eglCreatePixmapSurface(EGLDisplay handle, EGLConfig config, EGLNativePixmapType pixmap, const EGLint *attribs)
{
    return refuse(handle, config, EGL_BAD_NATIVE_PIXMAP, EGL_BAD_MATCH);
}

EGLSurface
dc_eglCreatePlatformPixmapSurface(EGLDisplay handle, EGLConfig config, void *pixmap, const EGLAttrib *attribs)
{
    return refuse(handle, config, EGL_BAD_NATIVE_PIXMAP, EGL_BAD_MATCH);
}

EGLSurface
dc_eglCreatePlatformPixmapSurfaceEXT(EGLDisplay handle, EGLConfig config, void *pixmap, const EGLint *attribs)
{
    return refuse(handle, config, EGL_BAD_NATIVE_PIXMAP, EGL_BAD_MATCH);
}

EGLSurface
dc_eglCreatePbufferFromClientBuffer(EGLDisplay handle, EGLenum type, EGLClientBuffer buffer, EGLConfig config,
                                    const EGLint *attribs)
{
    return refuse(handle, config, 0, EGL_BAD_ALLOC);
}

struct dc_surface *
dc_surface_lookup(struct dc_display *display, EGLSurface handle)
{
    struct dc_surface *surface = display->surfaces;
    while (surface && surface != handle)
        surface = surface->next;
    return surface;
}

void
dc_surface_settle(struct dc_surface *surface)
{
    if (surface->linked || surface->user)
        return;
    alive--;
    dc_window_destroy(surface->window);
    dc_command_surface_destroy(surface->process, surface->id);
    dc_credit_end(surface->process, &surface->credit);
    free(surface);
}

void
dc_surface_unlink(struct dc_surface *surface)
{
    struct dc_surface **at = &surface->display->surfaces;
    while (*at && *at != surface)
        at = &(*at)->next;
    if (*at)
        *at = surface->next;
    surface->linked = false;
    // The window may get another surface now, or be gone before this one is: EGL lets go of it with the handle.
    dc_window_release_native(surface->window);
    dc_surface_settle(surface);
}

EGLBoolean
dc_eglDestroySurface(EGLDisplay handle, EGLSurface surface_handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? dc_surface_lookup(display, surface_handle) : NULL;
    if (surface)
        dc_surface_unlink(surface);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return surface ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_SURFACE);
}
