#include "token.h"

#include <string.h>
#include <sys/random.h>

bool
dc_token_issue(struct dc_token_store *store, int64_t now_us, int64_t ttl_us, uint8_t token[DC_TOKEN_BYTES])
{
    struct dc_token fresh = { .expires_us = now_us + ttl_us, .issued = true };
    if (getrandom(fresh.bytes, sizeof(fresh.bytes), 0) != sizeof(fresh.bytes))
        return false;
    store->slots[store->next] = fresh;
    store->next = (store->next + 1) % DC_TOKEN_SLOTS;
    memcpy(token, fresh.bytes, DC_TOKEN_BYTES);
    return true;
}

static unsigned
differs(const uint8_t *a, const uint8_t *b)
{
    unsigned difference = 0;
    for (unsigned i = 0; i < DC_TOKEN_BYTES; i++)
        difference |= a[i] ^ b[i];
    return difference;
}

enum dc_token_result
dc_token_check(const struct dc_token_store *store, int64_t now_us, const void *token, size_t size_bytes, unsigned *slot)
{
    unsigned found = DC_TOKEN_SLOTS;
    if (size_bytes == 0)
        return DC_TOKEN_NONE;
    if (size_bytes != DC_TOKEN_BYTES)
        return DC_TOKEN_UNKNOWN;
    for (unsigned i = 0; i < DC_TOKEN_SLOTS; i++) {
        bool match = (store->slots[i].issued) & (differs(store->slots[i].bytes, token) == 0);
        found = match ? i : found;
    }
    if (found == DC_TOKEN_SLOTS)
        return DC_TOKEN_UNKNOWN;
    *slot = found;
    if (store->slots[found].used)
        return DC_TOKEN_USED;
    return now_us < store->slots[found].expires_us ? DC_TOKEN_VALID : DC_TOKEN_EXPIRED;
}

void
dc_token_use(struct dc_token_store *store, unsigned slot)
{
    store->slots[slot].used = true;
}

bool
dc_resume_matches(const struct dc_resume *resume, const uint8_t secret[DC_TOKEN_BYTES])
{
    return (differs(resume->secret, secret) == 0) & resume->is_valid;
}

bool
dc_resume_renew(struct dc_resume *resume, bool is_new_player)
{
    if (resume->is_valid && !is_new_player)
        return true;
    resume->is_valid = getrandom(resume->secret, sizeof(resume->secret), 0) == sizeof(resume->secret);
    return resume->is_valid;
}
