/*
 * dc-udp-relay: a bad network between a client and a server that speak UDP, for tests and benchmarks; this kernel and many
 * containers have no netem. One process, one thread, ppoll(2): datagrams pass the model of a line (line.h) of their
 * direction, wait in order of the time at which they come out, and leave then.
 */
#include "relay.h"

static volatile sig_atomic_t stop;

static void
handle_signal(int number)
{
    stop = 1;
}

int
main(int argc, char **argv)
{
    struct dc_relay_options options;
    int status;
    if (!dc_relay_parse_options(argc, argv, &options, &status))
        return status;
    signal(SIGINT, handle_signal);
    signal(SIGTERM, handle_signal);
    return dc_relay_run(&options, &stop);
}
