#ifndef DC_FRONTEND_EGL_DISPLAY_H
#define DC_FRONTEND_EGL_DISPLAY_H
/*
 * EGLDisplay. Made by eglGetPlatformDisplay and never freed, as EGL demands (a handle stays valid for the process).
 *
 * One lock for all of EGL's objects. It is not held while anything waits or is submitted to the ring's full state for
 * long: swaps, syncs and make-current take references under it and work without it.
 */
#include <pthread.h>
#include <stdbool.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include "../core/process.h"

struct dc_config;
struct dc_egl_context;
struct dc_egl_image;
struct dc_surface;
struct dc_sync;
struct dc_wayland;
struct wl_display;
struct wl_global;

enum dc_platform { DC_PLATFORM_SURFACELESS, DC_PLATFORM_WAYLAND, DC_PLATFORM_X11 };

struct dc_display {
    struct dc_display *next;  // protected by dc_egl_lock, like everything here
    EGLenum platform_enum;    // as asked for; EGL_NONE for the default display
    void *native;             // wl_display or X Display of the application, or NULL
    enum dc_platform platform;
    bool initialized;
    // while initialized:
    struct dc_process *process;
    struct dc_wayland *wayland; // owned; NULL unless the platform is Wayland
    struct dc_config *configs;  // owned; freed with the display's last use, that is never
    uint32_t config_count;
    struct dc_egl_context *contexts; // handles that the application may use
    struct dc_surface *surfaces;
    struct dc_sync *syncs;
    struct dc_egl_image *images;
    char *extensions; // owned; freed with the display's last use, that is never
    struct wl_display *server;       // the application's own, bound by eglBindWaylandDisplayWL; NULL: none
    struct wl_global *server_global; // owned by `server`
};

extern pthread_mutex_t dc_egl_lock;

EGLDisplay dc_display_get(EGLenum platform, void *native, const EGLAttrib *attribs);
/* The display behind a handle, or NULL. Lock held. */
struct dc_display *dc_display_lookup(EGLDisplay handle);
/* Same, with EGL_BAD_DISPLAY or EGL_NOT_INITIALIZED set when it is NULL. Lock held. */
struct dc_display *dc_display_require(EGLDisplay handle);

/* The config behind a handle, or NULL. Lock held. */
const struct dc_config *dc_display_find_config(const struct dc_display *display, EGLConfig handle);

#endif
