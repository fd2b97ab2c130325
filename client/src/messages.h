#ifndef DC_CLIENT_MESSAGES_H
#define DC_CLIENT_MESSAGES_H
/* Session messages as the client writes and reads them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vhal/input.h>

#include "carrier.h"

struct dc_instance_stats;

bool dc_messages_send_hello(struct dc_carrier *carrier, const uint8_t *token, size_t token_bytes,
                            uint32_t refresh_mhz, bool audio);
bool dc_messages_send_input(struct dc_carrier *carrier, const struct dc_input_event *event);
bool dc_messages_send_ping(struct dc_carrier *carrier, uint64_t id, int64_t now_us);
bool dc_messages_send_keyframe_request(struct dc_carrier *carrier, uint64_t last_frame_id);
bool dc_messages_send_stats_request(struct dc_carrier *carrier, uint64_t id);
bool dc_messages_send_display_shift(struct dc_carrier *carrier, int64_t shift_us);
bool dc_messages_send_bye(struct dc_carrier *carrier, const char *reason);
/* `data` without the channel byte. false: malformed or not an answer. */
bool dc_messages_unpack_stats(const uint8_t *data, size_t size_bytes, struct dc_instance_stats *stats);
/* Copies a peer's text; what is not printable becomes "?". */
void dc_messages_copy_text(char *out, size_t out_bytes, const char *text);

#endif
