#ifndef DC_CLIENT_EXIT_CODE_H
#define DC_CLIENT_EXIT_CODE_H
/* Exit codes of dc-client, documented in docs/man/dc-client.1. The first reason wins. Signals: 128 + number. */
enum dc_exit_code {
    DC_EXIT_OK = 0,
    DC_EXIT_LOCAL = 1,       // no memory, no decoder, no window
    DC_EXIT_USAGE = 2,       // options or URL
    DC_EXIT_SCRIPT = 3,      // --script FILE cannot be read or parsed
    DC_EXIT_CONNECT = 4,     // nobody answers at HOST:PORT
    DC_EXIT_REFUSED = 5,     // the instance said no, and why
    DC_EXIT_LOST = 6,        // the connection broke, or no picture came
    DC_EXIT_APPLICATION = 7, // the application ended with a status other than 0
    DC_EXIT_OUTPUT = 8,      // --record, --screenshot, --report or --csv could not be written
};

#endif
