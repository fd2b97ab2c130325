#ifndef DC_CLIENT_PLAYER_INTERNAL_H
#define DC_CLIENT_PLAYER_INTERNAL_H
/* Between a player's session (player.c) and what it receives (player_receive.c). */
#include "player.h"

/* The first end is the one that counts. */
void dc_player_end(struct dc_player *player, enum dc_player_state state, const char *text);
/* One datagram from the instance. */
void dc_player_handle_frame(struct dc_player *player, const uint8_t *frame, size_t size_bytes, int64_t now_us);
/* After them, and at the repair's deadline: repairs, and asks for what cannot be repaired. */
void dc_player_repair(struct dc_player *player);

#endif
