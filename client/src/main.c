/*
 * dc-client: plays one instance. One process; its threads are
 *   main      window and input (SDL), or the ticks of an emulated display; script; phases of the measuring
 *   network   receives, takes packets apart, keeps the clock offset, reads signals
 *   decoder   H.264 → pictures, the newest of which waits in one place for the main thread
 *   recorder  only with --record
 *   (SDL's)   pulls sound
 * Input is sent by the main thread itself. It talks to one dc-instance over WebRTC or one TCP connection
 * (docs/protocol.md, carrier.h).
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <SDL.h>

#include "client.h"
#include "exit_code.h"
#include "headless.h"
#include "window.h"

/*
 * SIGINT and SIGTERM arrive through a descriptor, so that the session ends in order. Before any thread exists, because
 * each inherits the mask; while the connection is being opened they kill as usual (carrier.h).
 */
static int
catch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool
init_video(uint32_t display)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (SDL_Init(SDL_INIT_VIDEO) < 0) {
        fprintf(stderr, "dc-client: no display: %s (use --headless)\n", SDL_GetError());
        return false;
    }
    if ((int)display < SDL_GetNumVideoDisplays())
        return true;
    fprintf(stderr, "dc-client: there is no display %u (--list-devices)\n", display);
    return false;
}

int
main(int argc, char **argv)
{
    static struct dc_client client;
    struct dc_options options;
    int exit_code = dc_options_parse(&options, argc, argv);
    if (exit_code >= 0)
        return exit_code;
    int signal_fd = catch_signals();
    if (!options.headless && !init_video(options.settings.display))
        return DC_EXIT_LOCAL;
    uint32_t refresh_mhz = options.headless ? options.refresh_mhz : dc_window_refresh_mhz(options.settings.display);
    if (dc_client_open(&client, &options, refresh_mhz)) {
        if (options.headless)
            dc_headless_run(&client, signal_fd);
        else
            dc_window_run(&client, signal_fd);
    }
    exit_code = dc_client_finish(&client);
    close(signal_fd);
    if (!options.headless)
        SDL_Quit();
    return exit_code;
}
