#ifndef DC_INSTANCE_NETWORK_LISTENER_H
#define DC_INSTANCE_NETWORK_LISTENER_H
#include <stdint.h>

/* A listening TCP socket (non-blocking, close-on-exec), or -1, logged. `host` is a numeric address or a name. */
int dc_listener_open(const char *host, uint16_t port);
/* Port of a socket, 0 when it has none. */
uint16_t dc_listener_port(int fd);

#endif
