#ifndef DC_PROTOCOL_RTP_CHANNEL_H
#define DC_PROTOCOL_RTP_CHANNEL_H
/*
 * First byte of a datagram of the client wire, demultiplexed as RFC 7983 does: our messages live where nothing else of
 * WebRTC does (0 … 15), DTLS is 20 … 63, RTP and RTCP are 128 … 191. Over UDP the messages ride in SCTP streams of the
 * same numbers.
 */
#include <stdint.h>

enum dc_channel {
    DC_CHANNEL_CONTROL = 0,
    DC_CHANNEL_INPUT_EDGES = 1,  // keys, buttons, touch down and up, focus
    DC_CHANNEL_INPUT_MOTION = 2, // the newest position replaces older ones
    DC_CHANNEL_STATS = 9,
    DC_CHANNEL_RTP_FIRST = 128,
    DC_CHANNEL_RTP_LAST = 191,
};

/* Version of session.proto and of these layouts (Hello.version). */
#define DC_SESSION_VERSION 1
#define DC_SESSION_TOKEN_BYTES 16

/* Largest RTP packet in bytes, chosen to fit a UDP datagram of the usual path MTU beside SRTP's, UDP's and IPv6's own. */
#define DC_RTP_MAX_PACKET_BYTES 1200
/* Largest message (channel byte included). */
#define DC_MESSAGE_MAX_BYTES 4096

#define DC_RTP_VIDEO_PAYLOAD_TYPE 96
#define DC_RTP_AUDIO_PAYLOAD_TYPE 97
#define DC_RTP_RTX_PAYLOAD_TYPE 98 // RFC 4588, of the video
#define DC_RTP_FEC_PAYLOAD_TYPE 99 // fec_payload.h, dc-client only

/* RFC 8285 id of the transport-wide sequence number, beside those of frame_extension.h. */
#define DC_TRANSPORT_SEQUENCE_EXTENSION_ID 5

#endif
