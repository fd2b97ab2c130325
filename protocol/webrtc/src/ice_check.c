/* The client's half: checks, their retransmission, and consent. */
#define DC_LOG_COMPONENT "webrtc"
#include "ice.h"

#include <string.h>

#include <openssl/rand.h>

#include <common/log.h>

#define CONSENT_US 30000000
#define FIRST_RETRY_US 100000
#define MAX_RETRY_US 1000000
#define CHECK_US 4000000        // RFC 7675: 5 s, × 0.8 … 1.2
#define CHECK_SPREAD_US 2000000
#define PRIORITY_HOST (126u << 24 | 65535u << 8 | 255u)
#define TRANSACTION_TRIES 7

static void
send_check(struct dc_ice *ice)
{
    struct dc_writer check;
    dc_writer_init(&check);
    dc_stun_begin(&check, DC_STUN_REQUEST, ice->transaction);
    dc_stun_put_username(&check, ice->remote_ufrag, ice->local_ufrag);
    dc_stun_put_u32(&check, DC_STUN_PRIORITY, PRIORITY_HOST);
    dc_stun_put_u64(&check, DC_STUN_ICE_CONTROLLING, ice->tie_breaker);
    dc_stun_put_flag(&check, DC_STUN_USE_CANDIDATE);
    dc_stun_end(&check, ice->remote_password);
    if (!check.failed)
        ice->send(ice->user, &ice->target, check.data, check.size_bytes);
    dc_writer_finish(&check);
}

static int64_t
consent_interval_us(void)
{
    uint32_t random = 0;
    (void)RAND_bytes((uint8_t *)&random, sizeof(random));
    return CHECK_US + random % CHECK_SPREAD_US;
}

static bool
is_selected(const struct dc_ice *ice)
{
    return ice->has_selected && memcmp(&ice->selected, &ice->target, sizeof(ice->target)) == 0;
}

static int64_t
retry_us(unsigned sent)
{
    int64_t retry_us = (int64_t)FIRST_RETRY_US << (sent < 5 ? sent - 1 : 4);
    return retry_us < MAX_RETRY_US ? retry_us : MAX_RETRY_US;
}

/* A check under way is sent again until the next transaction begins; before the first answer that is soon. */
static void
continue_check(struct dc_ice *ice, int64_t now_us)
{
    if (ice->sent == 0 || ice->sent >= TRANSACTION_TRIES) {
        if (RAND_bytes(ice->transaction, sizeof(ice->transaction)) != 1)
            return;
        ice->sent = 0;
    }
    ice->sent++;
    ice->sent_us = now_us;
    send_check(ice);
    ice->next_check_us = now_us + retry_us(ice->sent);
}

bool
dc_ice_handle_timer(struct dc_ice *ice, int64_t now_us)
{
    if (now_us >= ice->consent_us + CONSENT_US)
        return false;
    if (ice->is_client && now_us >= dc_ice_deadline_us(ice))
        continue_check(ice, now_us);
    return true;
}

void
dc_ice_set_target(struct dc_ice *ice, const struct dc_webrtc_path *path, int64_t now_us)
{
    ice->target = *path;
    ice->sent = 0;
    ice->next_check_us = now_us;
}

void
dc_ice_handle_answer(struct dc_ice *ice, const struct dc_webrtc_path *path, const struct dc_stun_message *message,
                     int64_t now_us)
{
    bool is_ours = ice->is_client && ice->sent && memcmp(path, &ice->target, sizeof(*path)) == 0 &&
                   memcmp(message->transaction, ice->transaction, sizeof(ice->transaction)) == 0 &&
                   dc_stun_check_integrity(message, ice->remote_password); // so an unsigned 400 or 401 changes nothing
    if (!is_ours) {
        ice->counters->refused_checks++;
        return;
    }
    ice->sent = 0;
    ice->last_heard_us = now_us;
    if (message->type == DC_STUN_ERROR) {
        dc_warn("a check was refused with %u", message->error_code);
        ice->next_check_us = now_us + MAX_RETRY_US;
        return;
    }
    ice->consent_us = now_us;
    dc_ice_validate_path(ice, path, now_us);
    if (!is_selected(ice))
        dc_ice_select(ice, path, true);
    ice->next_check_us = now_us + consent_interval_us();
}
