#ifndef DC_DISPLAY_XDG_TOPLEVEL_H
#define DC_DISPLAY_XDG_TOPLEVEL_H
/*
 * Windows. The first one gets the whole output if it can be resized, one of a fixed size is centred (SDL says
 * that it is fixed only after its first configure, so the choice waits for the commit after that); dialogs and other
 * windows that come later keep their own size, centred on top. Clicking raises. There is nothing to drag windows with.
 */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

struct dc_display;
struct dc_xdg_surface;

struct dc_toplevel {
    struct wl_resource *resource;
    struct dc_xdg_surface *xdg; // NULL once destroyed
    struct dc_display *display;
    struct dc_toplevel *parent;      // dialogs; NULL: none
    struct wl_list link;             // dc_display.all_toplevels
    struct wl_list stack_link;       // dc_display.toplevels while mapped
    struct wl_resource *decoration;  // zxdg_toplevel_decoration_v1 or NULL
    bool mapped, activated, maximized, fullscreen;
    bool size_chosen; // we looked whether it gets the whole output
    int32_t min_width, min_height, max_width, max_height; // 0: unlimited
};

void dc_toplevel_create(struct dc_xdg_surface *xdg, struct wl_client *client, uint32_t id);
void dc_toplevel_handle_commit(struct dc_toplevel *toplevel);
void dc_toplevel_unmap(struct dc_toplevel *toplevel);
void dc_toplevel_get_origin(const struct dc_toplevel *toplevel, int32_t *x, int32_t *y);
/* On top of the others, and its dialogs on top of it; it gets the keyboard. */
void dc_toplevel_raise(struct dc_toplevel *toplevel);
void dc_toplevel_set_activated(struct dc_toplevel *toplevel, bool activated);
/* zxdg_toplevel_decoration_v1 says its mode before the next configure. */
void dc_toplevel_configure(struct dc_toplevel *toplevel);

#endif
