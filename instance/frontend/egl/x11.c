#include "x11.h"

#include <dlfcn.h>
#include <stddef.h>

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

static void *
find(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

uint32_t
dc_x11_get_visual(void *display)
{
    int (*default_screen)(void *) = find("XDefaultScreen");
    void *(*default_visual)(void *, int) = find("XDefaultVisual");
    unsigned long (*visual_id)(void *) = find("XVisualIDFromVisual");
    if (!display || !default_screen || !default_visual || !visual_id)
        return 0;
    return (uint32_t)visual_id(default_visual(display, default_screen(display)));
}

bool
dc_x11_get_window_size(void *display, unsigned long window, EGLint *width, EGLint *height)
{
    int (*get_geometry)(void *, unsigned long, unsigned long *, int *, int *, unsigned *, unsigned *, unsigned *,
                        unsigned *) = find("XGetGeometry");
    unsigned long root;
    int x, y;
    unsigned w = 0, h = 0, border, depth;
    if (!get_geometry || !get_geometry(display, window, &root, &x, &y, &w, &h, &border, &depth))
        return false;
    dc_warn("X11 windows are drawn to but not shown: an instance shows Wayland clients");
    *width = (EGLint)w;
    *height = (EGLint)h;
    return w > 0 && h > 0;
}
