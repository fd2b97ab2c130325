#ifndef DC_CLIENT_OVERLAY_H
#define DC_CLIENT_OVERLAY_H
/* Statistics over the picture, drawn with a bitmap font of our own. Main thread. */
#include <stdbool.h>
#include <stdint.h>

#include <SDL.h>

struct dc_client;

struct dc_overlay {
    SDL_Renderer *renderer; // borrowed
    SDL_Texture *glyphs;    // owned
    char text[1024];
    int64_t updated_us;
    uint64_t last_bytes;
};

bool dc_overlay_init(struct dc_overlay *overlay, SDL_Renderer *renderer);
void dc_overlay_finish(struct dc_overlay *overlay);
/* Draws into the top left corner; the numbers are of the last second. */
/* One line for the player, instead of the statistics. */
void dc_overlay_draw_notice(struct dc_overlay *overlay, const char *text);
void dc_overlay_draw(struct dc_overlay *overlay, struct dc_client *client, int64_t now_us);

#endif
