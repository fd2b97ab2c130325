#define DC_LOG_COMPONENT "client"
#include "hotkeys.h"

#include <time.h>

#include <common/log.h>

#include "screenshot.h"
#include "window.h"

static void
quit(struct dc_window *window)
{
    dc_client_quit(window->client);
}

static void
toggle_stats(struct dc_window *window)
{
    window->shows_stats = !window->shows_stats;
}

static void
toggle_fullscreen(struct dc_window *window)
{
    window->fullscreen = !window->fullscreen;
    SDL_SetWindowFullscreen(window->window, window->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

static void
toggle_grab(struct dc_window *window)
{
    dc_window_set_grab(window, !window->grabbed);
}

static void
toggle_relative(struct dc_window *window)
{
    dc_window_set_relative(window, !window->relative);
}

static void
toggle_cursor(struct dc_window *window)
{
    SDL_ShowCursor(SDL_ShowCursor(SDL_QUERY) == SDL_ENABLE ? SDL_DISABLE : SDL_ENABLE);
}

static void
next_scale(struct dc_window *window)
{
    window->scale = (window->scale + 1) % 3;
}

static void
type_clipboard(struct dc_window *window)
{
    char *text = SDL_GetClipboardText();
    int missing = text ? dc_typing_start(&window->typing, text) : 0;
    if (missing < 0)
        dc_warn("the clipboard is not typed: more than %d bytes", DC_TYPING_MAX_BYTES);
    else if (missing > 0)
        dc_warn("the clipboard is typed without %d characters that a US keyboard has no key for", missing);
    SDL_free(text);
}

/* Into the folder in which the client was started, under a name that says when. */
static void
take_screenshot(struct dc_window *window)
{
    char path[64];
    time_t now = time(NULL);
    struct tm local;
    const struct dc_picture *picture = window->client->shown;
    if (!picture || !localtime_r(&now, &local) || !strftime(path, sizeof(path), "droidcloud-%Y%m%d-%H%M%S.png", &local))
        return;
    if (dc_screenshot_write(path, picture->frame))
        dc_info("screenshot: %s", path);
}

static const struct {
    SDL_Scancode scancode;
    void (*handle)(struct dc_window *window);
} hotkeys[] = {
    { SDL_SCANCODE_Q, quit },          { SDL_SCANCODE_S, toggle_stats },    { SDL_SCANCODE_X, toggle_fullscreen },
    { SDL_SCANCODE_Z, toggle_grab },   { SDL_SCANCODE_M, toggle_relative }, { SDL_SCANCODE_C, toggle_cursor },
    { SDL_SCANCODE_V, type_clipboard }, { SDL_SCANCODE_A, next_scale },     { SDL_SCANCODE_P, take_screenshot },
};

bool
dc_hotkeys_handle(struct dc_window *window, const SDL_KeyboardEvent *key)
{
    bool all = (key->keysym.mod & KMOD_CTRL) && (key->keysym.mod & KMOD_ALT) && (key->keysym.mod & KMOD_SHIFT);
    if (!all || key->type != SDL_KEYDOWN)
        return false;
    for (size_t i = 0; i < sizeof(hotkeys) / sizeof(hotkeys[0]); i++) {
        if (hotkeys[i].scancode != key->keysym.scancode)
            continue;
        if (key->repeat)
            return true;
        dc_window_release_all(window); // the modifiers were pressed for us, not for the application
        hotkeys[i].handle(window);
        window->must_draw = true;
        return true;
    }
    return false;
}
