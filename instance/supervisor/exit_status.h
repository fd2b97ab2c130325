#ifndef DC_SUPERVISOR_EXIT_STATUS_H
#define DC_SUPERVISOR_EXIT_STATUS_H
/*
 * What dc-instance exits with when it is not the application's own status (128 + signal where a signal ended it).
 * 126 and 127 are a shell's, the others <sysexits.h>'s. Documented in docs/man/dc-instance.1.
 */
enum dc_exit_status {
    DC_EXIT_USAGE = 64,          // command line
    DC_EXIT_NO_RENDER = 69,      // no render server at the address
    DC_EXIT_INTERNAL = 70,       // out of memory and the like
    DC_EXIT_SYSTEM = 71,         // runtime directory, sockets, port
    DC_EXIT_LINK_LOST = 74,      // render server or worker ended while the application ran
    DC_EXIT_NO_CLIENT = 75,      // --wait-client or --idle-exit ran out
    DC_EXIT_REFUSED = 77,        // the render server refused: capability, certificate, quota
    DC_EXIT_APP_NOT_RUN = 126,   // found, but cannot be executed
    DC_EXIT_APP_NOT_FOUND = 127,
};

#endif
