#ifndef DC_INSTANCE_NETWORK_TOKEN_H
#define DC_INSTANCE_NETWORK_TOKEN_H
/*
 * One-time tokens: 16 random bytes that admit one client once within their life. Used and expired ones are remembered
 * for a while, only so that the refusal can say which it was.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_TOKEN_BYTES 16
#define DC_TOKEN_SLOTS 32 // the oldest is forgotten first

enum dc_token_result { DC_TOKEN_VALID, DC_TOKEN_NONE, DC_TOKEN_UNKNOWN, DC_TOKEN_USED, DC_TOKEN_EXPIRED };

struct dc_token {
    uint8_t bytes[DC_TOKEN_BYTES];
    int64_t expires_us;
    bool issued, used;
};

struct dc_token_store {
    struct dc_token slots[DC_TOKEN_SLOTS];
    unsigned next;
};

/* false: no random bytes from the kernel. */
bool dc_token_issue(struct dc_token_store *store, int64_t now_us, int64_t ttl_us, uint8_t token[DC_TOKEN_BYTES]);
/* Compares against every slot in time that does not depend on the bytes. `slot` receives where a VALID one lies. */
enum dc_token_result dc_token_check(const struct dc_token_store *store, int64_t now_us, const void *token,
                                    size_t size_bytes, unsigned *slot);
void dc_token_use(struct dc_token_store *store, unsigned slot);


/* What a client that was admitted comes back with, and takes over from whoever plays: it is the same player. */
struct dc_resume {
    uint8_t secret[DC_TOKEN_BYTES];
    bool is_valid;
};

/* In time that does not depend on the bytes. */
bool dc_resume_matches(const struct dc_resume *resume, const uint8_t secret[DC_TOKEN_BYTES]);
/* A new secret where there is none, or where `is_new_player`. false: no random bytes. */
bool dc_resume_renew(struct dc_resume *resume, bool is_new_player);

#endif
