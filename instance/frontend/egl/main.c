/*
 * The vendor library's one exported function. GLVND's libEGL loads us into the application (an ICD file names us), gives
 * us its exports and takes our imports; from then on eglFoo and, while a context of ours is current, glFoo come here.
 *
 * There are no threads of our own. The library is never unmapped (nodelete): thread-exit handlers, fork handlers and
 * wl_egl_window callbacks point into it, and SDL unloads and reloads libEGL while it looks for an API that works. Each
 * load calls __egl_Main again.
 */
#include <string.h>

#include "context.h"
#include "display.h"
#include "entries.h"
#include "thread.h"

#define EXPORTED __attribute__((visibility("default")))

static EGLBoolean
get_supports_api(EGLenum api)
{
    return api == EGL_OPENGL_ES_API;
}

static const char *
get_vendor_string(int name)
{
    if (name == __EGL_VENDOR_STRING_PLATFORM_EXTENSIONS)
        return "EGL_EXT_platform_wayland EGL_EXT_platform_x11 EGL_KHR_platform_wayland EGL_KHR_platform_x11 "
               "EGL_MESA_platform_surfaceless"; // libEGL recognises native displays of these platforms for us
    return NULL;
}

static void *
get_proc_address(const char *name)
{
    return strncmp(name, "egl", 3) == 0 ? dc_egl_find_entry(name) : dc_gles_get_proc(name);
}

EXPORTED EGLBoolean
__egl_Main(uint32_t version, const __EGLapiExports *exports, __EGLvendorInfo *vendor, __EGLapiImports *imports)
{
    if (EGL_VENDOR_ABI_GET_MAJOR_VERSION(version) != EGL_VENDOR_ABI_MAJOR_VERSION)
        return EGL_FALSE;
    dc_egl_exports = exports;
    imports->getPlatformDisplay = dc_display_get;
    imports->getSupportsAPI = get_supports_api;
    imports->getVendorString = get_vendor_string;
    imports->getProcAddress = get_proc_address;
    imports->getDispatchAddress = dc_egl_find_dispatch;
    imports->setDispatchIndex = dc_egl_set_dispatch_index;
    return EGL_TRUE;
}
