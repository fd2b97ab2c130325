/*
 * Stubs that libEGL hands to applications for display extensions: each finds the vendor that owns the display and calls
 * that vendor's function, which need not be ours. libEGL has stubs of its own for EGL 1.5.
 */
#include <string.h>

#include "entries.h"
#include "thread.h"

enum stub {
    STUB_BIND_WAYLAND_DISPLAY,
    STUB_CLIENT_WAIT_SYNC,
    STUB_CREATE_IMAGE,
    STUB_CREATE_SYNC,
    STUB_DESTROY_IMAGE,
    STUB_DESTROY_SYNC,
    STUB_GET_SYNC_ATTRIB,
    STUB_QUERY_WAYLAND_BUFFER,
    STUB_SET_DAMAGE_REGION,
    STUB_SIGNAL_SYNC,
    STUB_SWAP_BUFFERS_WITH_DAMAGE_EXT,
    STUB_SWAP_BUFFERS_WITH_DAMAGE_KHR,
    STUB_UNBIND_WAYLAND_DISPLAY,
    STUB_WAIT_SYNC,
    STUB_COUNT,
};

static int dispatch_index[STUB_COUNT] = { [0 ... STUB_COUNT - 1] = -1 };

static __eglMustCastToProperFunctionPointerType
find(EGLDisplay display, enum stub stub)
{
    dc_egl_exports->threadInit();
    __EGLvendorInfo *vendor = dc_egl_exports->getVendorFromDisplay(display);
    __eglMustCastToProperFunctionPointerType function = NULL;
    if (vendor) {
        dc_egl_exports->setLastVendor(vendor);
        function = dc_egl_exports->fetchDispatchEntry(vendor, dispatch_index[stub]);
    }
    if (!function)
        dc_egl_exports->setEGLError(EGL_BAD_DISPLAY);
    return function;
}

static EGLint
client_wait_sync(EGLDisplay display, EGLSyncKHR sync, EGLint flags, EGLTimeKHR timeout_ns)
{
    PFNEGLCLIENTWAITSYNCKHRPROC function = (PFNEGLCLIENTWAITSYNCKHRPROC)find(display, STUB_CLIENT_WAIT_SYNC);
    return function ? function(display, sync, flags, timeout_ns) : EGL_FALSE;
}

static EGLSyncKHR
create_sync(EGLDisplay display, EGLenum type, const EGLint *attribs)
{
    PFNEGLCREATESYNCKHRPROC function = (PFNEGLCREATESYNCKHRPROC)find(display, STUB_CREATE_SYNC);
    return function ? function(display, type, attribs) : EGL_NO_SYNC_KHR;
}

static EGLBoolean
destroy_sync(EGLDisplay display, EGLSyncKHR sync)
{
    PFNEGLDESTROYSYNCKHRPROC function = (PFNEGLDESTROYSYNCKHRPROC)find(display, STUB_DESTROY_SYNC);
    return function ? function(display, sync) : EGL_FALSE;
}

static EGLBoolean
get_sync_attrib(EGLDisplay display, EGLSyncKHR sync, EGLint attribute, EGLint *value)
{
    PFNEGLGETSYNCATTRIBKHRPROC function = (PFNEGLGETSYNCATTRIBKHRPROC)find(display, STUB_GET_SYNC_ATTRIB);
    return function ? function(display, sync, attribute, value) : EGL_FALSE;
}

static EGLBoolean
swap_buffers_with_damage_ext(EGLDisplay display, EGLSurface surface, const EGLint *rects, EGLint count)
{
    PFNEGLSWAPBUFFERSWITHDAMAGEEXTPROC function =
        (PFNEGLSWAPBUFFERSWITHDAMAGEEXTPROC)find(display, STUB_SWAP_BUFFERS_WITH_DAMAGE_EXT);
    return function ? function(display, surface, rects, count) : EGL_FALSE;
}

static EGLBoolean
swap_buffers_with_damage_khr(EGLDisplay display, EGLSurface surface, const EGLint *rects, EGLint count)
{
    PFNEGLSWAPBUFFERSWITHDAMAGEKHRPROC function =
        (PFNEGLSWAPBUFFERSWITHDAMAGEKHRPROC)find(display, STUB_SWAP_BUFFERS_WITH_DAMAGE_KHR);
    return function ? function(display, surface, rects, count) : EGL_FALSE;
}

static EGLint
wait_sync(EGLDisplay display, EGLSyncKHR sync, EGLint flags)
{
    PFNEGLWAITSYNCKHRPROC function = (PFNEGLWAITSYNCKHRPROC)find(display, STUB_WAIT_SYNC);
    return function ? function(display, sync, flags) : EGL_FALSE;
}

static EGLBoolean
bind_wayland_display(EGLDisplay display, struct wl_display *server)
{
    PFNEGLBINDWAYLANDDISPLAYWLPROC function = (PFNEGLBINDWAYLANDDISPLAYWLPROC)find(display, STUB_BIND_WAYLAND_DISPLAY);
    return function ? function(display, server) : EGL_FALSE;
}

static EGLBoolean
unbind_wayland_display(EGLDisplay display, struct wl_display *server)
{
    PFNEGLUNBINDWAYLANDDISPLAYWLPROC function = (PFNEGLUNBINDWAYLANDDISPLAYWLPROC)find(display, STUB_UNBIND_WAYLAND_DISPLAY);
    return function ? function(display, server) : EGL_FALSE;
}

static EGLBoolean
query_wayland_buffer(EGLDisplay display, struct wl_resource *buffer, EGLint attribute, EGLint *value)
{
    PFNEGLQUERYWAYLANDBUFFERWLPROC function = (PFNEGLQUERYWAYLANDBUFFERWLPROC)find(display, STUB_QUERY_WAYLAND_BUFFER);
    return function ? function(display, buffer, attribute, value) : EGL_FALSE;
}

static EGLImageKHR
create_image(EGLDisplay display, EGLContext context, EGLenum target, EGLClientBuffer buffer, const EGLint *attribs)
{
    PFNEGLCREATEIMAGEKHRPROC function = (PFNEGLCREATEIMAGEKHRPROC)find(display, STUB_CREATE_IMAGE);
    return function ? function(display, context, target, buffer, attribs) : EGL_NO_IMAGE_KHR;
}

static EGLBoolean
destroy_image(EGLDisplay display, EGLImageKHR image)
{
    PFNEGLDESTROYIMAGEKHRPROC function = (PFNEGLDESTROYIMAGEKHRPROC)find(display, STUB_DESTROY_IMAGE);
    return function ? function(display, image) : EGL_FALSE;
}

static EGLBoolean
set_damage_region(EGLDisplay display, EGLSurface surface, EGLint *rects, EGLint count)
{
    PFNEGLSETDAMAGEREGIONKHRPROC function = (PFNEGLSETDAMAGEREGIONKHRPROC)find(display, STUB_SET_DAMAGE_REGION);
    return function ? function(display, surface, rects, count) : EGL_FALSE;
}

static EGLBoolean
signal_sync(EGLDisplay display, EGLSyncKHR sync, EGLenum mode)
{
    PFNEGLSIGNALSYNCKHRPROC function = (PFNEGLSIGNALSYNCKHRPROC)find(display, STUB_SIGNAL_SYNC);
    return function ? function(display, sync, mode) : EGL_FALSE;
}

static const struct {
    const char *name;
    void *function;
} stubs[STUB_COUNT] = {
    [STUB_BIND_WAYLAND_DISPLAY] = { "eglBindWaylandDisplayWL", bind_wayland_display },
    [STUB_CREATE_IMAGE] = { "eglCreateImageKHR", create_image },
    [STUB_DESTROY_IMAGE] = { "eglDestroyImageKHR", destroy_image },
    [STUB_QUERY_WAYLAND_BUFFER] = { "eglQueryWaylandBufferWL", query_wayland_buffer },
    [STUB_SET_DAMAGE_REGION] = { "eglSetDamageRegionKHR", set_damage_region },
    [STUB_SIGNAL_SYNC] = { "eglSignalSyncKHR", signal_sync },
    [STUB_UNBIND_WAYLAND_DISPLAY] = { "eglUnbindWaylandDisplayWL", unbind_wayland_display },
    [STUB_CLIENT_WAIT_SYNC] = { "eglClientWaitSyncKHR", client_wait_sync },
    [STUB_CREATE_SYNC] = { "eglCreateSyncKHR", create_sync },
    [STUB_DESTROY_SYNC] = { "eglDestroySyncKHR", destroy_sync },
    [STUB_GET_SYNC_ATTRIB] = { "eglGetSyncAttribKHR", get_sync_attrib },
    [STUB_SWAP_BUFFERS_WITH_DAMAGE_EXT] = { "eglSwapBuffersWithDamageEXT", swap_buffers_with_damage_ext },
    [STUB_SWAP_BUFFERS_WITH_DAMAGE_KHR] = { "eglSwapBuffersWithDamageKHR", swap_buffers_with_damage_khr },
    [STUB_WAIT_SYNC] = { "eglWaitSyncKHR", wait_sync },
};

void *
dc_egl_find_dispatch(const char *name)
{
    for (int i = 0; i < STUB_COUNT; i++)
        if (strcmp(stubs[i].name, name) == 0)
            return stubs[i].function;
    return NULL;
}

void
dc_egl_set_dispatch_index(const char *name, int index)
{
    for (int i = 0; i < STUB_COUNT; i++)
        if (strcmp(stubs[i].name, name) == 0)
            dispatch_index[i] = index;
}
