#include "digest_set.h"

#include <stdlib.h>
#include <string.h>

struct dc_digest_entry {
    struct dc_digest digest;
    uint64_t epoch;
    bool used;
};

void
dc_digest_set_finish(struct dc_digest_set *set)
{
    free(set->entries);
    *set = (struct dc_digest_set){ 0 };
}

/* Where a digest is or would be; there is always a free place. Its own bytes are as good as any hash. */
static struct dc_digest_entry *
place_of(const struct dc_digest_set *set, const struct dc_digest *digest)
{
    uint32_t i;
    memcpy(&i, digest->bytes, sizeof(i));
    for (i &= set->capacity - 1; set->entries[i].used; i = (i + 1) & (set->capacity - 1)) {
        if (memcmp(&set->entries[i].digest, digest, sizeof(*digest)) == 0)
            break;
    }
    return &set->entries[i];
}

/* Into a table of `capacity`, without those of an epoch if `leave_out`. false: out of memory, nothing changed. */
static bool
rebuild(struct dc_digest_set *set, uint32_t capacity, bool leave_out, uint64_t epoch)
{
    struct dc_digest_set fresh = { .entries = calloc(capacity, sizeof(*fresh.entries)), .capacity = capacity };
    if (!fresh.entries)
        return false;
    for (uint32_t i = 0; i < set->capacity; i++) {
        const struct dc_digest_entry *entry = &set->entries[i];
        if (!entry->used || (leave_out && entry->epoch == epoch))
            continue;
        *place_of(&fresh, &entry->digest) = *entry;
        fresh.count++;
    }
    free(set->entries);
    *set = fresh;
    return true;
}

bool
dc_digest_set_has(const struct dc_digest_set *set, const struct dc_digest *digest)
{
    return set->capacity && place_of(set, digest)->used;
}

bool
dc_digest_set_add(struct dc_digest_set *set, const struct dc_digest *digest, uint64_t epoch)
{
    if (2 * set->count >= set->capacity && set->capacity < 2 * DC_DIGEST_SET_MAX &&
        !rebuild(set, set->capacity ? 2 * set->capacity : 1024, false, 0) && !set->capacity)
        return false;
    struct dc_digest_entry *entry = place_of(set, digest);
    if (!entry->used && 2 * set->count >= set->capacity)
        return false;
    set->count += !entry->used;
    *entry = (struct dc_digest_entry){ *digest, epoch, true };
    return true;
}

void
dc_digest_set_evict(struct dc_digest_set *set, uint64_t epoch)
{
    // What cannot be left out one by one is forgotten altogether: it is only ever sent again.
    if (set->capacity && !rebuild(set, set->capacity, true, epoch))
        dc_digest_set_finish(set);
}
