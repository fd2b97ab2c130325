#ifndef DC_CLIENT_PLAYER_INTERNAL_H
#define DC_CLIENT_PLAYER_INTERNAL_H
/* Between a player's session (player.c) and what it receives (player_receive.c). */
#include "player.h"

#define DC_PLAYER_KEYFRAME_INTERVAL_US 250000

/* The first end is the one that counts. */
void dc_player_end(struct dc_player *player, enum dc_player_state state, const char *text);
/* One datagram from the instance. */
void dc_player_handle_frame(struct dc_player *player, const uint8_t *frame, size_t size_bytes, int64_t now_us);
/* After them, and at the repair's deadline: repairs, and asks for what cannot be repaired. */
void dc_player_repair(struct dc_player *player);
/* What came with the answer. */
void dc_player_handle_early_frames(struct dc_player *player);
void dc_player_read_signal(struct dc_player *player);
/* Connects and is admitted; then there is a carrier. `error` ≥ 256 bytes. */
enum dc_player_result dc_player_connect(struct dc_player *player, const struct dc_attempt *attempt, char *error);
/* Hangs up; then there is none. */
void dc_player_disconnect(struct dc_player *player);
/* After the way to the instance broke: tries until it works (the state is PLAYING again), it is refused, the time is over, or the
 * player stops. */
void dc_player_reconnect(struct dc_player *player);

#endif
