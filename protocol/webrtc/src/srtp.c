#define DC_LOG_COMPONENT "webrtc"
#include "srtp.h"

#include <string.h>

#include <openssl/crypto.h>
#include <pthread.h>

#include <common/log.h>

#define WINDOW_PACKETS 1024
#define MIN_RTP_BYTES 12u
#define MIN_RTCP_BYTES 8u

static bool library_works; // set once

static void
init_library(void)
{
    library_works = srtp_init() == srtp_err_status_ok;
}

struct profile {
    unsigned long id; // of OpenSSL
    size_t key_bytes, salt_bytes;
    void (*set_policy)(srtp_crypto_policy_t *policy);
};

static const struct profile profiles[] = {
    { SRTP_AEAD_AES_128_GCM, 16, 12, srtp_crypto_policy_set_aes_gcm_128_16_auth },
    { SRTP_AES128_CM_SHA1_80, 16, 14, srtp_crypto_policy_set_rtp_default },
};

static const struct profile *
find_profile(SSL *ssl)
{
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(ssl);
    for (size_t i = 0; chosen && i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (profiles[i].id == chosen->id)
            return &profiles[i];
    }
    return NULL;
}

static bool
create_session(srtp_t *session, const struct profile *profile, uint8_t *key, srtp_ssrc_type_t direction)
{
    srtp_policy_t policy = { .ssrc = { .type = direction }, .key = key, .window_size = WINDOW_PACKETS };
    profile->set_policy(&policy.rtp);
    profile->set_policy(&policy.rtcp);
    return srtp_create(session, &policy) == srtp_err_status_ok;
}

/* RFC 5764 §4.2: client's key, server's key, client's salt, server's salt; libsrtp wants each key with its salt. */
static bool
create_sessions(struct dc_srtp *srtp, SSL *ssl, const struct profile *profile, bool is_client)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[64], keys[2][32];
    size_t key_bytes = profile->key_bytes, salt_bytes = profile->salt_bytes;
    bool ok = SSL_export_keying_material(ssl, material, 2 * (key_bytes + salt_bytes), label, sizeof(label) - 1, NULL, 0,
                                         0) == 1;
    for (unsigned i = 0; i < 2 && ok; i++) {
        memcpy(keys[i], material + i * key_bytes, key_bytes);
        memcpy(keys[i] + key_bytes, material + 2 * key_bytes + i * salt_bytes, salt_bytes);
    }
    ok = ok && create_session(&srtp->outbound, profile, keys[is_client ? 0 : 1], ssrc_any_outbound) &&
         create_session(&srtp->inbound, profile, keys[is_client ? 1 : 0], ssrc_any_inbound);
    OPENSSL_cleanse(material, sizeof(material));
    OPENSSL_cleanse(keys, sizeof(keys));
    return ok;
}

bool
dc_srtp_init(struct dc_srtp *srtp, SSL *ssl, bool is_client)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    const struct profile *profile = find_profile(ssl);
    if (!profile) {
        dc_warn("the other end offers no SRTP profile that we have");
        return false;
    }
    if (library_works && create_sessions(srtp, ssl, profile, is_client))
        return true;
    dc_error("SRTP cannot be set up");
    dc_srtp_finish(srtp);
    return false;
}

void
dc_srtp_finish(struct dc_srtp *srtp)
{
    if (srtp->inbound)
        srtp_dealloc(srtp->inbound);
    if (srtp->outbound)
        srtp_dealloc(srtp->outbound);
    srtp->inbound = srtp->outbound = NULL;
}

static uint32_t
read_ssrc(const uint8_t *packet, bool is_rtcp)
{
    const uint8_t *p = packet + (is_rtcp ? 4 : 8);
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool
knows_ssrc(const struct dc_srtp *srtp, uint32_t ssrc)
{
    for (unsigned i = 0; i < srtp->ssrc_count; i++) {
        if (srtp->ssrcs[i] == ssrc)
            return true;
    }
    return false;
}

bool
dc_srtp_unprotect(struct dc_srtp *srtp, bool is_rtcp, uint8_t *packet, size_t *size_bytes)
{
    int length = (int)*size_bytes;
    if (!srtp->inbound || *size_bytes < (is_rtcp ? MIN_RTCP_BYTES : MIN_RTP_BYTES))
        return false;
    uint32_t ssrc = read_ssrc(packet, is_rtcp);
    bool is_known = knows_ssrc(srtp, ssrc);
    if (!is_known && srtp->ssrc_count == DC_SRTP_MAX_SSRCS)
        return false;
    srtp_err_status_t status = is_rtcp ? srtp_unprotect_rtcp(srtp->inbound, packet, &length)
                                       : srtp_unprotect(srtp->inbound, packet, &length);
    if (status != srtp_err_status_ok || length < 0)
        return false;
    if (!is_known)
        srtp->ssrcs[srtp->ssrc_count++] = ssrc;
    *size_bytes = (size_t)length;
    return true;
}

bool
dc_srtp_protect(struct dc_srtp *srtp, bool is_rtcp, uint8_t *packet, size_t *size_bytes)
{
    int length = (int)*size_bytes;
    if (!srtp->outbound || *size_bytes < (is_rtcp ? MIN_RTCP_BYTES : MIN_RTP_BYTES))
        return false;
    srtp_err_status_t status = is_rtcp ? srtp_protect_rtcp(srtp->outbound, packet, &length)
                                       : srtp_protect(srtp->outbound, packet, &length);
    *size_bytes = (size_t)length;
    return status == srtp_err_status_ok;
}
