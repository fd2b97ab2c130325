#define DC_LOG_COMPONENT "client"
#include "window.h"

#include <stdio.h>

#include <common/clock.h>
#include <common/log.h>

#include "exit_code.h"
#include "window_renderer.h"

#define AUDIO_BUFFER_FRAMES 256 // 5.3 ms
#define OVERLAY_REDRAW_US 500000

static void
wake(void *user)
{
    struct dc_window *window = user;
    SDL_Event event = { .type = window->wake_event };
    SDL_PushEvent(&event);
}

static void
handle_audio(void *user, Uint8 *stream, int size_bytes)
{
    struct dc_window *window = user;
    dc_audio_pull(&window->client->audio, (int16_t *)stream, (uint32_t)size_bytes / 4);
}

static void
open_audio(struct dc_window *window)
{
    SDL_AudioSpec want = { .freq = DC_AUDIO_RATE_HZ, .format = AUDIO_S16SYS, .channels = 2,
                           .samples = AUDIO_BUFFER_FRAMES, .callback = handle_audio, .userdata = window };
    const char *name = window->client->options->settings.audio_device;
    if (!window->client->audio_works)
        return;
    if (SDL_InitSubSystem(SDL_INIT_AUDIO) == 0)
        window->audio = SDL_OpenAudioDevice(*name ? name : NULL, 0, &want, NULL, 0);
    if (window->audio)
        SDL_PauseAudioDevice(window->audio, 0);
    else
        dc_warn("no sound%s%s: %s", *name ? " on " : "", name, SDL_GetError());
}

uint32_t
dc_window_refresh_mhz(uint32_t display)
{
    SDL_DisplayMode mode;
    return SDL_GetCurrentDisplayMode((int)display, &mode) == 0 && mode.refresh_rate > 0 ? (uint32_t)mode.refresh_rate * 1000 : 0;
}

static bool
open_window(struct dc_window *window)
{
    const struct dc_options *options = window->client->options;
    const struct dc_player_welcome *welcome = &window->client->player.welcome;
    uint32_t display = options->settings.display;
    char title[128];
    int width = welcome->width && welcome->width <= 8192 ? (int)welcome->width : 1280;
    int height = welcome->height && welcome->height <= 8192 ? (int)welcome->height : 720;
    snprintf(title, sizeof(title), "%s - droidcloud", welcome->instance);
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
    SDL_DisplayMode mode;
    if (options->settings.fullscreen) {
        flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
        if (SDL_GetDesktopDisplayMode((int)display, &mode) == 0) { // so that it fits where no window manager makes it fit
            width = mode.w;
            height = mode.h;
        }
    }
    int place = (int)SDL_WINDOWPOS_CENTERED_DISPLAY(display);
    window->window = SDL_CreateWindow(title, place, place, width, height, flags);
    if (!window->window)
        return false;
    window->fullscreen = options->settings.fullscreen;
    window->renderer = dc_window_renderer_create(window->window, options->settings.vsync);
    return window->renderer && dc_overlay_init(&window->overlay, window->renderer);
}

static void
close_window(struct dc_window *window)
{
    if (window->audio)
        SDL_CloseAudioDevice(window->audio);
    dc_overlay_finish(&window->overlay);
    if (window->texture)
        SDL_DestroyTexture(window->texture);
    if (window->renderer)
        SDL_DestroyRenderer(window->renderer);
    if (window->window)
        SDL_DestroyWindow(window->window);
}

static void
place_picture(struct dc_window *window)
{
    int width, height, window_width;
    SDL_GetRendererOutputSize(window->renderer, &width, &height);
    SDL_GetWindowSize(window->window, &window_width, NULL);
    window->pixels_per_point = window_width > 0 ? (float)width / (float)window_width : 1;
    struct dc_place place = dc_placement_compute(window->scale, window->client->options->settings.aspect,
                                                 window->texture_width, window->texture_height, width, height);
    window->place = (SDL_Rect){ place.x, place.y, place.width, place.height };
}

static bool
upload(struct dc_window *window, const AVFrame *frame)
{
    if (!window->texture || window->texture_width != frame->width || window->texture_height != frame->height) {
        if (window->texture)
            SDL_DestroyTexture(window->texture);
        SDL_SetYUVConversionMode(SDL_YUV_CONVERSION_BT709); // SDL's BT.709 is the limited range, as our stream's
        window->texture = SDL_CreateTexture(window->renderer, SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING,
                                            frame->width, frame->height);
        window->texture_width = frame->width;
        window->texture_height = frame->height;
    }
    return window->texture &&
           SDL_UpdateYUVTexture(window->texture, NULL, frame->data[0], frame->linesize[0], frame->data[1],
                                frame->linesize[1], frame->data[2], frame->linesize[2]) == 0;
}

/* Draws and presents; returns when that was done. */
static int64_t
draw(struct dc_window *window)
{
    place_picture(window);
    SDL_SetRenderDrawColor(window->renderer, 0, 0, 0, 255);
    SDL_RenderClear(window->renderer);
    if (window->texture) {
        bool sharp = window->scale == DC_SCALE_INTEGER;
        SDL_SetTextureScaleMode(window->texture, sharp ? SDL_ScaleModeNearest : SDL_ScaleModeLinear);
        SDL_RenderCopy(window->renderer, window->texture, NULL, &window->place);
    }
    if (window->shows_loss)
        dc_overlay_draw_notice(&window->overlay, "The connection was lost. Connecting again ...");
    else if (window->shows_stats)
        dc_overlay_draw(&window->overlay, window->client, dc_clock_now_us());
    SDL_RenderPresent(window->renderer);
    window->must_draw = false;
    return dc_clock_now_us();
}

static void
show_newest(struct dc_window *window)
{
    struct dc_picture *picture = dc_client_take_picture(window->client);
    bool is_lost = dc_player_get_state(&window->client->player) == DC_PLAYER_RECONNECTING;
    window->must_draw |= is_lost != window->shows_loss;
    window->shows_loss = is_lost;
    if (picture && upload(window, picture->frame)) {
        dc_client_presented(window->client, picture, draw(window));
        return;
    }
    if (picture)
        dc_error("the picture cannot be shown: %s", SDL_GetError());
    dc_picture_destroy(picture);
    bool stale_overlay = window->shows_stats && dc_clock_now_us() - window->overlay.updated_us > OVERLAY_REDRAW_US;
    if (window->must_draw || stale_overlay)
        draw(window);
}

static int
wait_ms(const struct dc_window *window, int64_t next_us)
{
    int64_t left_us = next_us == INT64_MAX ? 1000000 : next_us - dc_clock_now_us();
    if (window->shows_stats && left_us > OVERLAY_REDRAW_US)
        left_us = OVERLAY_REDRAW_US;
    return left_us <= 0 ? 0 : left_us >= 1000000 ? 1000 : (int)((left_us + 999) / 1000);
}

static void
run(struct dc_window *window)
{
    SDL_Event event;
    while (dc_client_is_running(window->client)) {
        int64_t next_us = dc_client_pump(window->client);
        int64_t typing_us = dc_window_type(window, dc_clock_now_us());
        next_us = typing_us < next_us ? typing_us : next_us;
        if (!dc_client_is_running(window->client))
            break;
        if (SDL_WaitEventTimeout(&event, wait_ms(window, next_us))) {
            do
                dc_window_handle_event(window, &event);
            while (SDL_PollEvent(&event));
            dc_window_flush_motion(window);
        }
        show_newest(window);
    }
    dc_window_release_all(window);
}

bool
dc_window_run(struct dc_client *client, int signal_fd)
{
    struct dc_window window = { .client = client, .shows_stats = client->options->settings.stats, .must_draw = true,
                                .scale = client->options->settings.scale };
    window.wake_event = SDL_RegisterEvents(1);
    client->wake = wake;
    client->wake_user = &window;
    bool started = open_window(&window);
    if (!started) {
        fprintf(stderr, "dc-client: no window: %s\n", SDL_GetError());
        client->exit_code = DC_EXIT_LOCAL;
    } else {
        open_audio(&window);
        started = dc_client_start(client, signal_fd);
    }
    if (started) {
        dc_window_set_relative(&window, client->options->settings.relative_mouse);
        dc_window_set_grab(&window, client->options->settings.grab);
        SDL_ShowCursor(client->options->settings.local_cursor ? SDL_ENABLE : SDL_DISABLE);
        run(&window);
    }
    close_window(&window);
    return started;
}
