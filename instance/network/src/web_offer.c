/* Offers: who may make one, and the session that begins with it. */
#define DC_LOG_COMPONENT "network"
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/rtx.h>
#include <protocol/rtp/transport_sequence.h>

#include "admission.h"
#include "listener.h"
#include "sdp_answer.h"
#include "server_web_internal.h"

#define MAX_LINKS 8 // the player, those that are about to be, those that close
#define PASSWORD_BYTES 16
#define CNAME "droidcloud"

static void __attribute__((format(printf, 3, 4)))
refuse(struct dc_whep_reply *reply, unsigned status, const char *format, ...)
{
    va_list args;
    reply->status = status;
    va_start(args, format);
    vsnprintf(reply->body, sizeof(reply->body), format, args);
    va_end(args);
    dc_warn("client refused: %s", reply->body);
}

static bool
random_hex(char *out, size_t bytes)
{
    uint8_t random[32];
    if (bytes > sizeof(random) || getrandom(random, bytes, 0) != (ssize_t)bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", random[i]);
    return true;
}

static size_t
parse_token(const char *text, uint8_t token[DC_TOKEN_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(text);
    if (length != 2 * DC_TOKEN_BYTES)
        return length ? DC_TOKEN_BYTES + 1 : 0; // of no token's length
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(digits, text[i] | 0x20);
        if (!digit || !*digit)
            return DC_TOKEN_BYTES + 1;
        token[i / 2] = (uint8_t)(token[i / 2] << 4 | (digit - digits));
    }
    return DC_TOKEN_BYTES;
}

/* A resume secret takes over; a token admits when nobody plays. Nothing is used up yet. */
static bool
check_token(struct dc_network *network, const char *text, struct dc_whep_reply *reply, int *slot)
{
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    uint8_t token[DC_TOKEN_BYTES + 1] = { 0 };
    unsigned found = 0;
    hello.version = DC_SESSION_VERSION;
    hello.token.data = token;
    hello.token.len = text ? parse_token(text, token) : 0;
    *slot = -1;
    if (hello.token.len == DC_TOKEN_BYTES && dc_resume_matches(&network->resume, token))
        return true;
    if (!dc_admission_check(&network->tokens, &hello, network->player != NULL, dc_clock_now_us(), &refused, &found)) {
        refuse(reply, refused.reason == DC__SESSION__REFUSED__REASON__BUSY ? 409 : 401, "%s", refused.text);
        return false;
    }
    *slot = (int)found;
    return true;
}

static void
add_candidates(const struct dc_web *web, const struct sockaddr *local, struct dc_sdp_answer *answer)
{
    char address[64];
    socklen_t length = local->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(local, length, address, sizeof(address), NULL, 0, NI_NUMERICHOST) != 0)
        return;
    address[strcspn(address, "%")] = '\0'; // a scope means nothing to the other side
    const char *plain = strncmp(address, "::ffff:", 7) == 0 && strchr(address, '.') ? address + 7 : address;
    for (unsigned i = 0; i < 2; i++) {
        struct dc_sdp_candidate *candidate = &answer->candidates[answer->candidate_count++];
        *candidate = (struct dc_sdp_candidate){ .port = web->port, .is_tcp = i == 1 };
        snprintf(candidate->address, sizeof(candidate->address), "%s", plain);
    }
}

static bool
answer_offer(struct dc_web *web, struct dc_peer_link *link, const struct dc_whep_offer *whep,
             const struct dc_sdp_offer *offer, const char *password, struct dc_whep_reply *reply)
{
    struct dc_session *session = link->session;
    struct dc_sdp_answer answer = {
        .session_id = (uint64_t)dc_clock_now_us(),
        .ice_ufrag = link->ufrag,
        .ice_password = password,
        .fingerprint = dc_webrtc_identity_fingerprint(web->network->identity),
        .video_ssrc = session->media.video.ssrc,
        .rtx_ssrc = session->media.video.ssrc + 1,
        .audio_ssrc = session->media.audio.ssrc,
        .cname = CNAME,
        .max_message_bytes = DC_MESSAGE_MAX_BYTES - 1,
    };
    if (answer.audio_ssrc == answer.rtx_ssrc)
        answer.rtx_ssrc++;
    answer.parity_ssrc = answer.rtx_ssrc + 1;
    if (answer.audio_ssrc == answer.parity_ssrc)
        answer.parity_ssrc++;
    const struct dc_peer_link_ssrcs ssrcs = { answer.video_ssrc, answer.rtx_ssrc, answer.parity_ssrc, answer.audio_ssrc };
    add_candidates(web, whep->local, &answer);
    dc_peer_link_set_streams(link, offer, &ssrcs);
    return dc_sdp_answer_build(offer, &answer, reply->body, sizeof(reply->body)) > 0;
}

/* NULL: out of memory, or of random bytes. */
static struct dc_peer_link *
create_link(struct dc_web *web, const struct dc_sdp_offer *offer, char password[2 * PASSWORD_BYTES + 1])
{
    char id[33], ufrag[DC_WEB_UFRAG_BYTES + 1];
    struct dc_peer_link_config config = { .identity = web->network->identity, .id = id, .ufrag = ufrag,
                                          .password = password, .cname = CNAME, .offer = offer,
                                          .bitrate_kbps = web->network->config.bitrate_kbps,
                                          .width = web->network->config.width,
                                          .height = web->network->config.height,
                                          .refresh_mhz = web->network->config.refresh_mhz };
    int64_t now_us = dc_clock_now_us();
    if (!random_hex(id, 16) || !random_hex(ufrag, DC_WEB_UFRAG_BYTES / 2) || !random_hex(password, PASSWORD_BYTES))
        return NULL;
    struct dc_peer_link *link = dc_peer_link_create(&config, &dc_web_link_owner, web, now_us);
    if (!link)
        return NULL;
    link->next = web->links;
    web->links = link;
    web->link_count++;
    link->session = dc_session_create(&link->base, &dc_network_session_host, web->network, now_us);
    if (!link->session)
        return NULL; // the link is gone with it
    dc_session_expect_connection(link->session, now_us);
    // Room for what is added on the way, and for a whole packet inside a parity packet.
    link->session->media.video.max_packet_bytes = DC_FEC_MAX_MEDIA_BYTES - DC_RTP_MAP_GROWTH_BYTES -
                                                   DC_TRANSPORT_SEQUENCE_MAX_BYTES - DC_RTX_OVERHEAD_BYTES;
    dc_network_add_session(web->network, link->session);
    return link;
}

void
dc_web_handle_offer(void *user, const struct dc_whep_offer *whep, struct dc_whep_reply *reply)
{
    struct dc_web *web = user;
    struct dc_network *network = web->network;
    struct dc_sdp_offer *offer = calloc(1, sizeof(*offer));
    char password[2 * PASSWORD_BYTES + 1];
    const char *reason = "out of memory";
    int slot;
    if (!check_token(network, whep->token, reply, &slot)) {
        free(offer);
        return;
    }
    if (!offer || !dc_sdp_offer_parse(whep->sdp, whep->size_bytes, offer, &reason)) {
        refuse(reply, offer ? 400 : 500, "%s", reason);
        free(offer);
        return;
    }
    struct dc_peer_link *link = web->link_count < MAX_LINKS ? create_link(web, offer, password) : NULL;
    if (!link) {
        refuse(reply, 503, "%s", "too many sessions at once");
    } else if (!answer_offer(web, link, whep, offer, password, reply) || !dc_resume_renew(&network->resume, slot >= 0)) {
        dc_session_end(link->session, "no answer could be made");
        refuse(reply, 500, "%s", "no answer could be made");
    } else {
        if (slot >= 0)
            dc_token_use(&network->tokens, (unsigned)slot);
        reply->status = 201;
        snprintf(reply->session, sizeof(reply->session), "%s", link->id);
        for (int i = 0; i < DC_TOKEN_BYTES; i++)
            snprintf(reply->resume + 2 * i, 3, "%02x", network->resume.secret[i]);
    }
    free(offer);
}

bool
dc_web_handle_delete(void *user, const char *id)
{
    struct dc_web *web = user;
    for (struct dc_peer_link *link = web->links; link; link = link->next) {
        if (strcmp(link->id, id) == 0 && link->session->state != DC_SESSION_CLOSED) {
            dc_session_end(link->session, "the client ended it");
            return true;
        }
    }
    return false;
}
