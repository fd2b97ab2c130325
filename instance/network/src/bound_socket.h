#ifndef DC_INSTANCE_NETWORK_BOUND_SOCKET_H
#define DC_INSTANCE_NETWORK_BOUND_SOCKET_H
#include <stdint.h>

/* A socket of `type` (SOCK_STREAM, SOCK_DGRAM), non-blocking and close-on-exec, bound to the first of the host's addresses
 * that takes it; port 0: any. TCP's may be bound again at once after a restart. -1: logged. */
int dc_bound_socket_open(const char *host, uint16_t port, int type);

#endif
