#ifndef DC_INSTANCE_NETWORK_WEBRTC_SDP_CODEC_H
#define DC_INSTANCE_NETWORK_WEBRTC_SDP_CODEC_H
/* The payload types of one section of an offer, and which of them we take. */
#include "sdp_offer.h"
#include "sdp_text.h"

enum dc_sdp_codec_name { DC_SDP_CODEC_UNKNOWN, DC_SDP_CODEC_H264, DC_SDP_CODEC_OPUS, DC_SDP_CODEC_RTX, DC_SDP_CODEC_PARITY };

struct dc_sdp_codec {
    enum dc_sdp_codec_name name;
    int apt; // RTX, parity: of which payload type; < 0: none said
    uint32_t packetization_mode, profile_level_id;
    bool nack, nack_pli, ccm_fir, transport_cc, invalidation;
};

struct dc_sdp_codecs {
    struct dc_sdp_codec by_type[128];
    struct dc_sdp_codec for_all; // rtcp-fb:*
    unsigned count;
    uint8_t order[128]; // the client's preference: of the m= line
};

void dc_sdp_codecs_init(struct dc_sdp_codecs *codecs, struct dc_span formats);
/* rtpmap, fmtp, rtcp-fb; anything else is not for it. */
void dc_sdp_codecs_parse(struct dc_sdp_codecs *codecs, struct dc_span name, struct dc_span value);
/* Fills payload types, profile and feedback of the section. */
void dc_sdp_codecs_choose(const struct dc_sdp_codecs *codecs, struct dc_sdp_section *section);
/* Can a decoder of this profile-level-id's profile take a constrained baseline stream (RFC 6184 §8.1)? 0: no, else the
 * better the higher. */
int dc_h264_profile_fitness(uint32_t profile_level_id);

#endif
