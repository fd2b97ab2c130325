#ifndef DC_COMMAND_SERVER_LISTENER_H
#define DC_COMMAND_SERVER_LISTENER_H
#include "server.h"

/* Binds and listens on "unix:PATH" or "tcp:HOST:PORT" and fills fd, is_tcp, unix_path. A stale Unix socket is replaced,
 * a live one refused. false: logged. */
bool dc_listener_open(struct dc_listener *listener, const char *address);
/* Closes, and removes the Unix socket. Accepts a zeroed one with fd -1. */
void dc_listener_close(struct dc_listener *listener);

#endif
