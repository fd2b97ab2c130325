#ifndef DC_TESTS_WEBRTC_PAIR_H
#define DC_TESTS_WEBRTC_PAIR_H
/* Two peers and a network between them that loses, delays and reorders as a seed wants it. Real time. */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/webrtc/peer.h>

#define PAIR_MAX_FLYING 4096

struct pair_end {
    struct pair *pair;
    struct dc_webrtc_identity *identity;
    struct dc_webrtc_peer *peer;
    struct dc_webrtc_path path; // where the other end sees it
    bool is_connected;
    unsigned closed;
    char reason[256];
    unsigned channels, messages, rtp_packets, rtcp_packets;
    uint16_t channel_streams[64];
    char channel_labels[64][80];
    uint64_t message_bytes;
    uint32_t message_hash; // of all messages, in their order
    bool was_text;
    uint16_t last_stream;
    uint8_t last_rtp[1300], last_rtcp[1300];
    size_t last_rtp_bytes, last_rtcp_bytes;
    size_t max_datagram_bytes;
    unsigned sent_datagrams;
    bool echoes; // sends every message back
};

struct pair {
    struct pair_end client, server;
    unsigned seed, loss_percent;
    int64_t delay_us, jitter_us;
    bool is_cut; // nothing arrives
    struct flying { int64_t due_us; struct pair_end *to; struct dc_webrtc_path path; uint8_t data[1500]; size_t size_bytes; }
        flying[PAIR_MAX_FLYING];
    unsigned flying_count;
};

/* What differs from two ends that know each other well. NULL fields: right. */
struct pair_options {
    const uint8_t *wrong_server_fingerprint; // that the client expects
    const uint8_t *wrong_client_fingerprint; // that the server expects
    const char *wrong_password;              // of the server, as the client knows it
    unsigned seed, loss_percent;
    int64_t delay_us, jitter_us;
    uint32_t sctp_max_message_bytes;
};

struct pair *pair_create(const struct pair_options *options);
void pair_destroy(struct pair *pair);
/* Runs until `done(pair)` or the time is over. Returns what done() said last. */
bool pair_run(struct pair *pair, bool (*done)(struct pair *pair), int64_t timeout_us);
bool pair_connected(struct pair *pair);
void pair_path(struct dc_webrtc_path *path, const char *address, uint16_t port);
uint32_t pair_hash(uint32_t hash, const uint8_t *data, size_t size_bytes);

#endif
