#ifndef DC_CLIENT_HEADLESS_H
#define DC_CLIENT_HEADLESS_H
#include "client.h"

/*
 * A display without a screen: at every tick of its refresh rate it presents the newest picture, and the tick is the
 * present time. Sound is taken at the same rate. Starts the session and runs until it ends; false: it did not start.
 */
bool dc_headless_run(struct dc_client *client, int signal_fd);

#endif
