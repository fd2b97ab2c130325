#include "client_cache.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_SETS 64u // hashes of late that are not kept, in sets: two of one frame do not hide each other
#define SEEN_WAYS 4u
#define ADDRESSES 256u // addresses of late
#define MOST_SKIPPED 64u
#define BUCKETS 1024u
#define MOST_EVICTED 1024u // not yet told

struct slot {
    struct dc_range_hash hash;
    uint32_t size_bytes, pad_bytes; // size 0: free
    uint64_t drawn;                 // last draw that used it
    uint16_t next;                  // of its bucket
    uint16_t older, newer;          // by last use; slot 0 closes the ring
};

struct address {
    const void *key;
    uint8_t misses; // new bytes so many times in a row
    uint8_t skip;   // draws for which it is left alone
};

struct dc_client_cache {
    uint64_t draw;
    uint32_t used_bytes, used_slots;
    struct slot slots[DC_CLIENT_SLOTS + 1]; // [0]: newest is its `older`, oldest its `newer`
    uint16_t buckets[BUCKETS];              // first slot by the low bits of the hash, 0: none
    uint16_t free;                          // first one, linked by `next`
    struct dc_range_hash seen[SEEN_SETS][SEEN_WAYS]; // newest first
    struct address addresses[ADDRESSES];
    uint16_t evicted[MOST_EVICTED], evicted_count; // not yet taken
};

struct dc_client_cache *
dc_client_cache_create(void)
{
    struct dc_client_cache *cache = calloc(1, sizeof(*cache));
    for (uint16_t i = DC_CLIENT_SLOTS; cache && i; i--) {
        cache->slots[i].next = cache->free;
        cache->free = i;
    }
    return cache;
}

void
dc_client_cache_destroy(struct dc_client_cache *cache)
{
    free(cache);
}

void
dc_client_cache_begin_draw(struct dc_client_cache *cache)
{
    cache->draw++;
}

static uint16_t *
bucket_of(struct dc_client_cache *cache, struct dc_range_hash hash)
{
    return &cache->buckets[hash.low & (BUCKETS - 1)];
}

static uint32_t
find(struct dc_client_cache *cache, struct dc_range_hash hash, uint32_t size_bytes, uint32_t pad_bytes)
{
    for (uint16_t i = *bucket_of(cache, hash); i; i = cache->slots[i].next) {
        const struct slot *slot = &cache->slots[i];
        if (dc_range_hash_equal(slot->hash, hash) && slot->size_bytes == size_bytes && slot->pad_bytes >= pad_bytes)
            return i;
    }
    return 0;
}

static void
unlink_age(struct dc_client_cache *cache, uint16_t index)
{
    struct slot *slot = &cache->slots[index];
    cache->slots[slot->older].newer = slot->newer;
    cache->slots[slot->newer].older = slot->older;
}

static void
link_newest(struct dc_client_cache *cache, uint16_t index)
{
    struct slot *slot = &cache->slots[index], *ring = &cache->slots[0];
    slot->older = ring->older;
    slot->newer = 0;
    cache->slots[ring->older].newer = index;
    ring->older = index;
    slot->drawn = cache->draw;
}

static void
drop(struct dc_client_cache *cache, uint16_t index)
{
    struct slot *slot = &cache->slots[index];
    uint16_t *at = bucket_of(cache, slot->hash);
    while (*at != index)
        at = &cache->slots[*at].next;
    *at = slot->next;
    unlink_age(cache, index);
    cache->used_bytes -= slot->size_bytes + slot->pad_bytes;
    cache->used_slots--;
    slot->size_bytes = slot->pad_bytes = 0;
    slot->next = cache->free;
    cache->free = index;
}

/* The one that was drawn longest ago, 0 if even that was drawn of late. */
static uint16_t
find_victim(const struct dc_client_cache *cache)
{
    uint16_t oldest = cache->slots[0].newer;
    return oldest && cache->draw - cache->slots[oldest].drawn > 2 * cache->used_slots ? oldest : 0;
}

/* Room for so many bytes and a slot; those that had to go are noted. */
static bool
make_room(struct dc_client_cache *cache, uint32_t bytes)
{
    while (!cache->free || cache->used_bytes + bytes > DC_CLIENT_SLOTS_BYTES) {
        uint16_t victim = find_victim(cache);
        if (!victim || cache->evicted_count == MOST_EVICTED)
            return false;
        drop(cache, victim);
        cache->evicted[cache->evicted_count++] = victim;
    }
    return true;
}

static enum dc_client_fate
store(struct dc_client_cache *cache, struct dc_range_hash hash, uint32_t size_bytes, uint32_t pad_bytes, uint32_t *slot)
{
    // What went for nothing is told all the same, with the next range that is stored.
    if (!make_room(cache, size_bytes + pad_bytes))
        return DC_CLIENT_SEND;
    uint16_t index = cache->free, *bucket = bucket_of(cache, hash);
    struct slot *s = &cache->slots[index];
    cache->free = s->next;
    *s = (struct slot){ .hash = hash, .size_bytes = size_bytes, .pad_bytes = pad_bytes, .next = *bucket };
    *bucket = index;
    link_newest(cache, index);
    cache->used_bytes += size_bytes + pad_bytes;
    cache->used_slots++;
    // A slot that was evicted a moment ago is not told: its new bytes replace the old ones.
    for (uint32_t i = 0; i < cache->evicted_count; i++) {
        if (cache->evicted[i] == index)
            cache->evicted[i--] = cache->evicted[--cache->evicted_count];
    }
    *slot = index;
    return DC_CLIENT_STORE;
}

static struct address *
address_of(struct dc_client_cache *cache, const void *key)
{
    uint64_t mixed = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
    struct address *address = &cache->addresses[mixed >> 56];
    if (address->key != key)
        *address = (struct address){ .key = key };
    return address;
}

/* New bytes at an address: the more often, the longer nobody looks there again. */
static void
note_miss(struct address *address)
{
    if (address->misses < 7)
        address->misses++;
    uint32_t skip = address->misses < 2 ? 0 : 1u << (address->misses - 1);
    address->skip = (uint8_t)(skip > MOST_SKIPPED ? MOST_SKIPPED : skip);
}

/* Whether it is one of the last that were not kept; notes it if not. */
static bool
was_seen(struct dc_client_cache *cache, struct dc_range_hash hash)
{
    struct dc_range_hash *set = cache->seen[hash.low >> 8 & (SEEN_SETS - 1)];
    for (uint32_t i = 0; i < SEEN_WAYS; i++) {
        if (dc_range_hash_equal(set[i], hash))
            return true;
    }
    memmove(set + 1, set, (SEEN_WAYS - 1) * sizeof(*set));
    set[0] = hash;
    return false;
}

enum dc_client_fate
dc_client_cache_look(struct dc_client_cache *cache, const void *key, const void *data, uint32_t size_bytes,
                     uint32_t pad_bytes, uint32_t *slot)
{
    *slot = DC_CLIENT_SLOT_NEXT_DRAW;
    if (size_bytes < DC_CLIENT_CACHE_MIN_BYTES || (uint64_t)size_bytes + pad_bytes > DC_CLIENT_RANGE_MAX_BYTES)
        return DC_CLIENT_SEND;
    struct address *address = address_of(cache, key);
    if (address->skip) {
        address->skip--;
        return DC_CLIENT_SEND;
    }
    struct dc_range_hash hash = dc_range_hash(data, size_bytes);
    uint32_t found = find(cache, hash, size_bytes, pad_bytes);
    if (found) {
        address->misses = 0;
        unlink_age(cache, (uint16_t)found);
        link_newest(cache, (uint16_t)found);
        *slot = found;
        return DC_CLIENT_HAVE;
    }
    if (was_seen(cache, hash)) {
        address->misses = 0;
        return store(cache, hash, size_bytes, pad_bytes, slot);
    }
    note_miss(address);
    return DC_CLIENT_SEND;
}

uint32_t
dc_client_cache_take_evicted(struct dc_client_cache *cache)
{
    return cache->evicted_count ? cache->evicted[--cache->evicted_count] : 0;
}
