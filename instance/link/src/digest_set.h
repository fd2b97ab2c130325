#ifndef DC_INSTANCE_LINK_DIGEST_SET_H
#define DC_INSTANCE_LINK_DIGEST_SET_H
/* What dc-render has of our chunks, as far as we know: digests, each in the set of an epoch; 0 is what this link has sent
 * and dc-render has not yet put into a set. One thread. */
#include <protocol/link/bulk_codec.h>

/* 4 GiB of chunks of 32 KiB: more is not remembered. */
#define DC_DIGEST_SET_MAX (128u << 10)

struct dc_digest_set {
    struct dc_digest_entry *entries; // owned; open addressing
    uint32_t capacity, count;
};

void dc_digest_set_finish(struct dc_digest_set *set);
bool dc_digest_set_has(const struct dc_digest_set *set, const struct dc_digest *digest);
/* Adds it, or moves it to this epoch. false: no more are remembered. */
bool dc_digest_set_add(struct dc_digest_set *set, const struct dc_digest *digest, uint64_t epoch);
/* Forgets all of an epoch. */
void dc_digest_set_evict(struct dc_digest_set *set, uint64_t epoch);

#endif
