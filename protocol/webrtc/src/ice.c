#define DC_LOG_COMPONENT "webrtc"
#include "ice.h"

#include <string.h>

#include <openssl/rand.h>

#include <common/log.h>

#define CONSENT_US 30000000
#define ERROR_INTERVAL_US 50000
#define SILENT_CHECK_US 1000000 // nothing comes: has the path changed under us (a new NAT binding)?

/* RFC 8839 §5.4: letters, digits, + and /. */
static bool
copy_credential(char *copy, size_t capacity, const char *text, size_t min_bytes)
{
    size_t size_bytes = text ? strnlen(text, capacity) : 0;
    if (size_bytes < min_bytes || size_bytes >= capacity)
        return false;
    for (size_t i = 0; i < size_bytes; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return false;
    }
    memcpy(copy, text, size_bytes + 1);
    return true;
}

bool
dc_ice_init(struct dc_ice *ice, const struct dc_webrtc_peer_config *config, int64_t now_us)
{
    ice->is_client = config->is_client;
    ice->target = config->path;
    ice->consent_us = ice->last_heard_us = now_us;
    ice->next_check_us = config->is_client ? now_us : INT64_MAX;
    return copy_credential(ice->local_ufrag, sizeof(ice->local_ufrag), config->local_ufrag, 4) &&
           copy_credential(ice->local_password, sizeof(ice->local_password), config->local_password, 22) &&
           copy_credential(ice->remote_ufrag, sizeof(ice->remote_ufrag), config->remote_ufrag, 4) &&
           copy_credential(ice->remote_password, sizeof(ice->remote_password), config->remote_password, 22) &&
           RAND_bytes((uint8_t *)&ice->tie_breaker, sizeof(ice->tie_breaker)) == 1;
}

static bool
same_path(const struct dc_webrtc_path *a, const struct dc_webrtc_path *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool
dc_ice_has_path(const struct dc_ice *ice, const struct dc_webrtc_path *path)
{
    for (unsigned i = 0; i < ice->path_count; i++) {
        if (same_path(&ice->paths[i].path, path))
            return true;
    }
    return false;
}

/* The one that was validated longest ago goes, never the selected one. */
void
dc_ice_validate_path(struct dc_ice *ice, const struct dc_webrtc_path *path, int64_t now_us)
{
    unsigned oldest = 0;
    int64_t oldest_us = INT64_MAX;
    for (unsigned i = 0; i < ice->path_count; i++) {
        if (same_path(&ice->paths[i].path, path)) {
            ice->paths[i].last_us = now_us;
            return;
        }
        if (ice->paths[i].last_us < oldest_us && !(ice->has_selected && same_path(&ice->paths[i].path, &ice->selected))) {
            oldest = i;
            oldest_us = ice->paths[i].last_us;
        }
    }
    if (ice->path_count < DC_ICE_MAX_PATHS)
        oldest = ice->path_count++;
    ice->paths[oldest].path = *path;
    ice->paths[oldest].last_us = now_us;
}

void
dc_ice_select(struct dc_ice *ice, const struct dc_webrtc_path *path, bool is_nomination)
{
    if (ice->is_nominated && !is_nomination)
        return;
    if (ice->has_selected && !same_path(&ice->selected, path))
        ice->counters->path_changes++;
    ice->selected = *path;
    ice->has_selected = true;
    ice->is_nominated |= is_nomination;
}

static void
finish_answer(struct dc_ice *ice, const struct dc_webrtc_path *path, struct dc_writer *answer, const char *password)
{
    dc_stun_end(answer, password);
    if (!answer->failed)
        ice->send(ice->user, path, answer->data, answer->size_bytes);
    dc_writer_finish(answer);
}

/* To whoever has not shown the password yet: never more bytes than came, and rationed, so that a forged source address
 * gains nothing (RFC 8489 §16.2.1). */
static void
refuse_stranger(struct dc_ice *ice, const struct dc_webrtc_path *path, const struct dc_stun_message *message,
                unsigned code, int64_t now_us)
{
    struct dc_writer answer;
    ice->counters->refused_checks++;
    if (message->size_bytes < DC_STUN_HEADER_BYTES + 8 + DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES || now_us < ice->errors_us)
        return;
    ice->errors_us = now_us + ERROR_INTERVAL_US;
    dc_writer_init(&answer);
    dc_stun_begin(&answer, DC_STUN_ERROR, message->transaction);
    dc_stun_put_error(&answer, code);
    finish_answer(ice, path, &answer, NULL);
}

static void
refuse(struct dc_ice *ice, const struct dc_webrtc_path *path, const struct dc_stun_message *message, unsigned code)
{
    struct dc_writer answer;
    ice->counters->refused_checks++;
    dc_writer_init(&answer);
    dc_stun_begin(&answer, DC_STUN_ERROR, message->transaction);
    dc_stun_put_error(&answer, code);
    if (message->unknown_count)
        dc_stun_put_unknown(&answer, message->unknown, message->unknown_count);
    finish_answer(ice, path, &answer, ice->local_password);
}

static bool
is_for_us(const struct dc_ice *ice, const struct dc_stun_message *message)
{
    size_t local_bytes = strlen(ice->local_ufrag), remote_bytes = strlen(ice->remote_ufrag);
    return message->username_bytes == local_bytes + 1 + remote_bytes &&
           memcmp(message->username, ice->local_ufrag, local_bytes) == 0 && message->username[local_bytes] == ':' &&
           memcmp(message->username + local_bytes + 1, ice->remote_ufrag, remote_bytes) == 0;
}

/* false: this very request was seen from another path. */
static bool
remember(struct dc_ice *ice, const struct dc_webrtc_path *path, const uint8_t *transaction)
{
    for (unsigned i = 0; i < DC_ICE_SEEN; i++) {
        if (memcmp(ice->seen[i].transaction, transaction, DC_STUN_TRANSACTION_BYTES) == 0)
            return same_path(&ice->seen[i].path, path);
    }
    memcpy(ice->seen[ice->seen_next].transaction, transaction, DC_STUN_TRANSACTION_BYTES);
    ice->seen[ice->seen_next].path = *path;
    ice->seen_next = (ice->seen_next + 1) % DC_ICE_SEEN;
    return true;
}

static void
handle_request(struct dc_ice *ice, const struct dc_webrtc_path *path, const struct dc_stun_message *message,
               int64_t now_us)
{
    struct dc_writer answer;
    if (!message->username || !message->integrity_offset) {
        refuse_stranger(ice, path, message, 400, now_us);
        return;
    }
    if (!is_for_us(ice, message) || !dc_stun_check_integrity(message, ice->local_password)) {
        refuse_stranger(ice, path, message, 401, now_us);
        return;
    }
    if (message->unknown_count) {
        refuse(ice, path, message, 420);
        return;
    }
    // Neither end ever changes its role: a lite agent is controlled, and its client controls.
    if (ice->is_client ? message->controlling : message->controlled) {
        refuse(ice, path, message, 487);
        return;
    }
    if (!remember(ice, path, message->transaction)) {
        ice->counters->refused_checks++;
        return;
    }
    if (!ice->is_client) { // the client believes in paths that answered it
        dc_ice_validate_path(ice, path, now_us);
        dc_ice_select(ice, path, message->use_candidate);
    }
    ice->consent_us = now_us;
    dc_writer_init(&answer);
    dc_stun_begin(&answer, DC_STUN_SUCCESS, message->transaction);
    dc_stun_put_mapped_address(&answer, path);
    finish_answer(ice, path, &answer, ice->local_password);
}

void
dc_ice_receive(struct dc_ice *ice, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes,
               int64_t now_us)
{
    struct dc_stun_message message;
    if (!dc_stun_unpack(datagram, size_bytes, &message))
        ice->counters->malformed_checks++;
    else if (message.type == DC_STUN_REQUEST)
        handle_request(ice, path, &message, now_us);
    else if (message.type != DC_STUN_INDICATION) // those only keep NATs open
        dc_ice_handle_answer(ice, path, &message, now_us);
}

void
dc_ice_heard(struct dc_ice *ice, int64_t now_us)
{
    ice->last_heard_us = now_us;
}

static int64_t
earlier(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

int64_t
dc_ice_deadline_us(const struct dc_ice *ice)
{
    int64_t deadline_us = earlier(ice->next_check_us, ice->consent_us + CONSENT_US);
    if (ice->is_client && ice->sent == 0)
        deadline_us = earlier(deadline_us, ice->last_heard_us + SILENT_CHECK_US);
    return deadline_us;
}
