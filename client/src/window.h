#ifndef DC_CLIENT_WINDOW_H
#define DC_CLIENT_WINDOW_H
/* The SDL window: shows pictures scaled with their aspect, plays sound, turns SDL's events into input. Main thread. */
#include <stdbool.h>
#include <stdint.h>

#include <SDL.h>

#include "client.h"
#include "overlay.h"
#include "placement.h"
#include "typing.h"

#define DC_WINDOW_KEYS 768

struct dc_window {
    struct dc_client *client;
    SDL_Window *window;     // owned
    SDL_Renderer *renderer; // owned
    SDL_Texture *texture;   // owned; I420 of the picture's size
    int texture_width, texture_height;
    SDL_AudioDeviceID audio; // 0: no sound card
    struct dc_overlay overlay;
    bool shows_stats, grabbed, relative, fullscreen;
    enum dc_scale scale;
    struct dc_typing typing;
    int64_t next_typing_us;
    bool must_draw;           // the window changed, not the picture
    bool shows_loss;          // the connection is lost, and the window says so
    Uint32 wake_event;
    SDL_Rect place;           // of the picture, in renderer pixels
    float pixels_per_point;   // renderer pixels per window coordinate
    bool held[DC_WINDOW_KEYS]; // evdev codes that the instance believes to be pressed
    struct {
        bool pending;
        int x, y;   // window coordinates
        int dx, dy; // sums
        bool sent;  // sent_x, sent_y are where the instance believes the pointer to be
        int sent_x, sent_y;
    } motion;
};

/* Starts the session and runs it until it ends; false: no window, or it did not start (printed). */
bool dc_window_run(struct dc_client *client, int signal_fd);
/* Refresh rate of a display in mHz, 0: unknown. SDL's video must be initialised. */
uint32_t dc_window_refresh_mhz(uint32_t display);

/* window_input.c */
void dc_window_handle_event(struct dc_window *window, const SDL_Event *event);
void dc_window_flush_motion(struct dc_window *window); // what was collected since the last one
void dc_window_release_all(struct dc_window *window);
void dc_window_set_relative(struct dc_window *window, bool relative);
void dc_window_set_grab(struct dc_window *window, bool grabbed); // keyboard and pointer
/* Types what is to be typed and due; returns when there will be more to do, INT64_MAX: nothing. */
int64_t dc_window_type(struct dc_window *window, int64_t now_us);

#endif
