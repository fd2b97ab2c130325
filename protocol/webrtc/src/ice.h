#ifndef DC_WEBRTC_ICE_H
#define DC_WEBRTC_ICE_H
/*
 * Which path leads to the other end (RFC 8445). The server is lite: it answers checks and sends where the client nominated
 * last. The client has one candidate: it checks one target, nominates with every check, and after that asks for consent
 * (RFC 7675) as long as the session lives. A path counts as validated once a check with the right password came from it, or
 * was answered from it; a few are remembered, so that datagrams which overtake a change of path still count.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/webrtc/peer.h>

#include "stun.h"

#define DC_ICE_MAX_PATHS 8
#define DC_ICE_SEEN 16
#define DC_ICE_MAX_UFRAG_BYTES 257
#define DC_ICE_MAX_PASSWORD_BYTES 257

struct dc_ice {
    bool is_client;
    char local_ufrag[DC_ICE_MAX_UFRAG_BYTES], local_password[DC_ICE_MAX_PASSWORD_BYTES];
    char remote_ufrag[DC_ICE_MAX_UFRAG_BYTES], remote_password[DC_ICE_MAX_PASSWORD_BYTES];
    uint64_t tie_breaker;
    struct dc_webrtc_peer_counters *counters; // borrowed
    void (*send)(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes);
    void *user;

    struct { struct dc_webrtc_path path; int64_t last_us; } paths[DC_ICE_MAX_PATHS]; // validated
    unsigned path_count;
    struct dc_webrtc_path selected;
    bool has_selected, is_nominated;
    int64_t consent_us; // when the other end last showed that it wants our datagrams
    // Transactions of the last requests and their paths: a copy from elsewhere must not move the session.
    struct { uint8_t transaction[DC_STUN_TRANSACTION_BYTES]; struct dc_webrtc_path path; } seen[DC_ICE_SEEN];
    unsigned seen_next;
    int64_t errors_us; // answers to strangers are rationed: not before this
    // client: the check that is under way
    struct dc_webrtc_path target;
    uint8_t transaction[DC_STUN_TRANSACTION_BYTES];
    unsigned sent;         // how often it was sent; 0: none is under way
    int64_t sent_us, next_check_us;
    int64_t last_heard_us; // anything from the other end
};

/* false: a name or password is not what RFC 8839 allows, or no randomness. */
bool dc_ice_init(struct dc_ice *ice, const struct dc_webrtc_peer_config *config, int64_t now_us);
/* One STUN datagram. */
void dc_ice_receive(struct dc_ice *ice, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes,
                    int64_t now_us);
bool dc_ice_has_path(const struct dc_ice *ice, const struct dc_webrtc_path *path);
/* Something that was not STUN came from a validated path. */
void dc_ice_heard(struct dc_ice *ice, int64_t now_us);
/* Client: another target. */
void dc_ice_set_target(struct dc_ice *ice, const struct dc_webrtc_path *path, int64_t now_us);
int64_t dc_ice_deadline_us(const struct dc_ice *ice);
/* false: the other end gave no sign for 30 seconds. */
bool dc_ice_handle_timer(struct dc_ice *ice, int64_t now_us);

/* Between ice.c and ice_check.c. */
void dc_ice_validate_path(struct dc_ice *ice, const struct dc_webrtc_path *path, int64_t now_us);
void dc_ice_select(struct dc_ice *ice, const struct dc_webrtc_path *path, bool is_nomination);
void dc_ice_handle_answer(struct dc_ice *ice, const struct dc_webrtc_path *path, const struct dc_stun_message *message,
                          int64_t now_us);

#endif
