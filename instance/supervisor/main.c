/*
 * dc-instance: the supervisor of one DC-Instance, host side, like a VMM.
 *
 * Processes: this one; the application and whatever it starts (children in a session of their own, killed when this
 * process ends); without --link a private dc-render (child). The worker that renders and encodes belongs to dc-render.
 * Threads: one loop (libuv) for everything, and over TCP the link's own thread, which replicates rings.
 *
 * Who talks to whom: applications → us over Wayland (windows, input), over the frontend socket (their rings) and over
 * the audio socket; we → worker over the link (presents, sound, control) and back (packets, releases); we ↔ dc-client over
 * the network part. GL commands never pass through this process's hands: locally the worker maps the application's ring,
 * over TCP the link's thread copies its bytes.
 */
#include <stddef.h>

#include <common/log.h>

#include "instance.h"
#include "options.h"

int
main(int argc, char **argv)
{
    static struct dc_options options;
    int status;
    if (!dc_options_parse(&options, argc, argv, &status))
        return status;
    dc_log_init();
    dc_log_set_subject(options.name);
    return dc_instance_run(&options);
}
