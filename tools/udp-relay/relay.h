#ifndef DC_UDP_RELAY_RELAY_H
#define DC_UDP_RELAY_RELAY_H
/*
 * Sockets and waiting datagrams. Every address that sends to the listening socket gets a socket of its own towards the
 * target, so that answers find their way back. One thread.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "line.h"

#define DC_RELAY_PEERS 64

enum dc_relay_direction { DC_RELAY_UP, DC_RELAY_DOWN }; // to the target, from it

struct dc_relay_options {
    struct sockaddr_storage listen, to;
    socklen_t listen_size, to_size;
    struct dc_line_config lines[2]; // by enum dc_relay_direction
    uint64_t seed;
    double seconds;        // 0: until a signal comes
    const char *json_path; // NULL: no report
};

/* false: `error` was printed, or help was (then `*status` is 0). */
bool dc_relay_parse_options(int argc, char **argv, struct dc_relay_options *options, int *status);

/* Relays until `*stop`, or its time is over. Returns the process's exit status. */
int dc_relay_run(const struct dc_relay_options *options, const volatile sig_atomic_t *stop);

#endif
