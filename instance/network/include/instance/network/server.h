#ifndef DC_INSTANCE_NETWORK_SERVER_H
#define DC_INSTANCE_NETWORK_SERVER_H
/*
 * DC-Network: the client sessions of one instance. One player at a time; a one-time token admits it.
 * Media is RTP (RFC 6184, RFC 7587) with our frame metadata extension; messages are protobuf (session.proto). Below the
 * session is a datagram transport (transport.h): TCP with RFC 4571 framing, or WebRTC over UDP or TCP.
 * One thread, that of dispatch.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/packet.h>
#include <vhal/input.h>

struct dc_network;
struct Dc__Session__InstanceStats;

/* What the line to the client wants of the encoder. */
struct dc_network_encoder_wish {
    uint32_t bitrate_kbps;
    uint32_t rate_divisor;  // every n-th refresh is enough; 0, 1: every one
    bool skip;              // encode nothing: it would come too late
    uint32_t kept_frames;   // encoder/video/encoder.h; 0: as it is
    uint64_t first_lost_id; // ≠ 0: the client is without this frame, refer to nothing from it on
};

struct dc_network_listener {
    void (*handle_input)(void *user, const struct dc_input_event *event);   // required
    void (*handle_keyframe_request)(void *user);                            // required
    void (*handle_connected)(void *user, bool connected, uint32_t refresh_mhz); // required; admitted / gone
    /* Optional. The admitted client has told (another) refresh rate of its display. */
    void (*handle_refresh)(void *user, uint32_t refresh_mhz);
    /* Optional. Holds until the next one, or until there is another client. */
    void (*handle_encoder)(void *user, const struct dc_network_encoder_wish *wish);
    /* Optional. The client would like the vsync this much later (negative: earlier); at most half a second. */
    void (*handle_display_shift)(void *user, int64_t shift_us);
    /* Required. Fill `stats`; strings stay the callee's until the next call. */
    void (*handle_stats_request)(void *user, struct Dc__Session__InstanceStats *stats);
};

struct dc_network_config {
    const char *host;     // default "127.0.0.1"
    uint16_t port;        // 0: any free one
    int listen_fd;        // ≥ 0: handed in, host and port are ignored; taken
    const char *instance; // name
    uint32_t bitrate_kbps; // the encoder's most; 0: 10 Mb/s
    uint32_t width, height, refresh_mhz, audio_frame_ms;
    const char *web_host; // where WebRTC is spoken as well; NULL: nowhere
    uint16_t web_port;    // of HTTP(S) over TCP and of the datagrams over UDP; 0: any free one
    bool web_is_plain;    // HTTP instead of HTTPS: for loopback
    const char *web_certificate, *web_key; // PEM files; NULL: a certificate that signs itself, new each time
};

/* NULL: logged ("address in use", …). */
struct dc_network *dc_network_create(const struct dc_network_config *config, const struct dc_network_listener *listener,
                                     void *user);
void dc_network_destroy(struct dc_network *network);
#define DC_NETWORK_FINGERPRINT_BYTES 96
/* SHA-256 of the certificate that HTTPS and DTLS show, as in SDP; empty without WebRTC. */
void dc_network_fingerprint(const struct dc_network *network, char text[DC_NETWORK_FINGERPRINT_BYTES]);
uint16_t dc_network_web_port(const struct dc_network *network); // 0: WebRTC is not spoken
uint16_t dc_network_port(const struct dc_network *network);
/* A new one-time token (16 random bytes), valid `ttl_ms` (0: 60 s) for one admission. */
bool dc_network_issue_token(struct dc_network *network, uint32_t ttl_ms, uint8_t token[16]);
int dc_network_fd(const struct dc_network *network); // an epoll fd
void dc_network_dispatch(struct dc_network *network);
/* Video and audio to the admitted client; dropped when there is none. A client that cannot keep up loses whole frames
 * (then a key frame is asked for), never the session. */
void dc_network_send_packet(struct dc_network *network, const struct dc_packet *packet);
/* Says goodbye (exit status of the application, reason) and closes. */
void dc_network_send_bye(struct dc_network *network, const char *reason, int exit_status, bool app_exited);
bool dc_network_has_client(const struct dc_network *network);

#endif
