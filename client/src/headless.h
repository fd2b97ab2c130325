#ifndef DC_CLIENT_HEADLESS_H
#define DC_CLIENT_HEADLESS_H
#include "client.h"

/* Pictures that may wait for this thread to come to them. */
#define DC_HEADLESS_PICTURES 16

/*
 * A display without a screen: at every tick of its refresh rate it presents the picture that was the newest then, and the
 * tick is the present time. As with a real one, whose flip is queued at once and latched by hardware, it does not matter
 * when this thread gets to run: a picture's tick is the first one after it was decoded. Sound is taken at the same rate. Starts the session and runs until it ends; false: it did not start.
 */
bool dc_headless_run(struct dc_client *client, int signal_fd);

#endif
