#ifndef DC_CLIENT_HOTKEYS_H
#define DC_CLIENT_HOTKEYS_H
/* What Ctrl+Alt+Shift and a letter do, in Moonlight's manner. Main thread. */
#include <stdbool.h>

#include <SDL.h>

struct dc_window;

/* true: it was ours, the application does not see it. */
bool dc_hotkeys_handle(struct dc_window *window, const SDL_KeyboardEvent *key);

#endif
