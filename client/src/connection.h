#ifndef DC_CLIENT_CONNECTION_H
#define DC_CLIENT_CONNECTION_H
/* The carrier of dc:// addresses: one TCP connection with RFC 4571 framing, not encrypted. */
#include "carrier.h"

/* Tries every address of the host for up to `timeout_ms` each. NULL: `error` (≥ 128 bytes) says why. */
struct dc_carrier *dc_connection_open(const char *host, uint16_t port, int timeout_ms, const struct dc_attempt *attempt,
                                      char *error);
/* Around a socket that is connected; takes ownership of fd, even on failure. */
struct dc_carrier *dc_connection_create(int fd);
/* A connected, non-blocking TCP socket to this address, or -errno. */
struct addrinfo;
int dc_connection_connect(const struct addrinfo *address, int timeout_ms, const struct dc_attempt *attempt);

#endif
