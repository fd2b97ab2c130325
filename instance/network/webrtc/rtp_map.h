#ifndef DC_INSTANCE_NETWORK_WEBRTC_RTP_MAP_H
#define DC_INSTANCE_NETWORK_WEBRTC_RTP_MAP_H
/*
 * What was negotiated for one stream, applied to its packets: the client's payload type, and of our header extensions
 * (frame_extension.h) those that it asked for, under its ids. A client that does not know ours gets none of them; where
 * it knows the playout delay, each packet says that nothing is to be held back.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdp_offer.h"

#define DC_RTP_MAP_GROWTH_BYTES 8 // a packet grows by at most so much

struct dc_rtp_map {
    uint32_t ssrc;
    uint8_t payload_type;
    uint8_t extension_ids[DC_SDP_EXTENSION_COUNT]; // 0: not wanted
};

void dc_rtp_map_init(struct dc_rtp_map *map, const struct dc_sdp_section *section, uint32_t ssrc, bool mixed_allowed);
/* Returns the size written to `out`, 0: no RTP packet, or it does not fit. */
size_t dc_rtp_map_apply(const struct dc_rtp_map *map, const uint8_t *packet, size_t size_bytes, uint8_t *out,
                        size_t capacity);

#endif
