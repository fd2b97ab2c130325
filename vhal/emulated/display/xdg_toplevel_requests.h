#ifndef DC_DISPLAY_XDG_TOPLEVEL_REQUESTS_H
#define DC_DISPLAY_XDG_TOPLEVEL_REQUESTS_H
#include <xdg-shell-server-protocol.h>

extern const struct xdg_toplevel_interface dc_toplevel_requests;

#endif
