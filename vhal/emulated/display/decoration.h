#ifndef DC_DISPLAY_DECORATION_H
#define DC_DISPLAY_DECORATION_H
/* zxdg_decoration_manager_v1: the server decorates, and this server's decoration is none. */
struct dc_toplevel;

void dc_decoration_send_mode(struct dc_toplevel *toplevel);
void dc_decoration_toplevel_destroyed(struct dc_toplevel *toplevel);

#endif
