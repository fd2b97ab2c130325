#include "chunk_index.h"

#include <stdlib.h>
#include <string.h>

void
dc_chunk_index_init(struct dc_chunk_index *index, const struct dc_segment_writer *open)
{
    *index = (struct dc_chunk_index){ .open = open };
}

static void
set_free(struct dc_chunk_set *set)
{
    dc_segment_unmap(&set->segment);
    free(set->verified);
    free(set);
}

void
dc_chunk_index_finish(struct dc_chunk_index *index)
{
    while (index->sets) {
        struct dc_chunk_set *next = index->sets->next;
        set_free(index->sets);
        index->sets = next;
    }
    free(index->slots);
    *index = (struct dc_chunk_index){ .open = index->open };
}

static const struct dc_segment_entry *
entry_of(const struct dc_chunk_index *index, const struct dc_chunk_slot *slot)
{
    return slot->set ? &slot->set->segment.entries[slot->index] : &index->open->entries[slot->index];
}

static struct dc_chunk_slot *
place_of(const struct dc_chunk_index *index, const struct dc_digest *digest)
{
    uint32_t i;
    memcpy(&i, digest->bytes, sizeof(i));
    for (i &= index->capacity - 1; index->slots[i].used; i = (i + 1) & (index->capacity - 1)) {
        if (memcmp(&entry_of(index, &index->slots[i])->digest, digest, sizeof(*digest)) == 0)
            break;
    }
    return &index->slots[i];
}

static void
insert(struct dc_chunk_index *index, struct dc_chunk_set *set, uint32_t i)
{
    const struct dc_chunk_slot slot = { set, i, true };
    struct dc_chunk_slot *place = place_of(index, &entry_of(index, &slot)->digest);
    if (place->used)
        return; // the older one is as good; when it goes, all are inserted anew
    *place = slot;
    index->count++;
}

/* Everything that is there, into a table with room for `more`. false: out of memory, nothing changed. */
static bool
rebuild(struct dc_chunk_index *index, uint32_t more)
{
    uint64_t wanted = more + index->open->count, capacity = 1024;
    for (const struct dc_chunk_set *set = index->sets; set; set = set->next)
        wanted += set->segment.count;
    while (capacity < 2 * wanted)
        capacity *= 2;
    struct dc_chunk_slot *slots = calloc(capacity, sizeof(*slots));
    if (!slots)
        return false;
    free(index->slots);
    index->slots = slots;
    index->capacity = (uint32_t)capacity;
    index->count = 0;
    for (struct dc_chunk_set *set = index->sets; set; set = set->next)
        for (uint32_t i = 0; i < set->segment.count; i++)
            insert(index, set, i);
    for (uint32_t i = 0; i < index->open->count; i++)
        insert(index, NULL, i);
    return true;
}

bool
dc_chunk_index_find(const struct dc_chunk_index *index, const struct dc_digest *digest, struct dc_chunk *chunk)
{
    const struct dc_chunk_slot *slot = index->capacity ? place_of(index, digest) : NULL;
    if (!slot || !slot->used)
        return false;
    const struct dc_segment_entry *entry = entry_of(index, slot);
    const uint8_t *base = slot->set ? slot->set->segment.map : index->open->map;
    *chunk = (struct dc_chunk){ slot->set, base + entry->offset, entry->size_bytes,
                                slot->set ? &slot->set->verified[slot->index] : NULL };
    return true;
}

bool
dc_chunk_index_add_open(struct dc_chunk_index *index)
{
    if (2 * (index->count + 1) > index->capacity)
        return rebuild(index, DC_SEGMENT_MAX_CHUNKS);
    insert(index, NULL, index->open->count - 1);
    return true;
}

struct dc_chunk_set *
dc_chunk_index_add_set(struct dc_chunk_index *index, int memfd, uint64_t epoch)
{
    struct dc_chunk_set *set = calloc(1, sizeof(*set)), **end = &index->sets;
    if (!set || !dc_segment_map(&set->segment, memfd)) {
        free(set);
        return NULL;
    }
    set->epoch = epoch;
    set->verified = calloc(set->segment.count, sizeof(*set->verified));
    while (*end)
        end = &(*end)->next;
    *end = set;
    if (!set->verified || !rebuild(index, 0)) {
        *end = NULL;
        set_free(set);
        return NULL;
    }
    if (!epoch)
        memset(set->verified, true, set->segment.count * sizeof(*set->verified));
    return set;
}

struct dc_chunk_set *
dc_chunk_index_name_oldest(struct dc_chunk_index *index, uint64_t epoch)
{
    struct dc_chunk_set *set = index->sets;
    while (set && (set->epoch || set->unnamed))
        set = set->next;
    if (set) {
        set->epoch = epoch;
        set->unnamed = !epoch;
    }
    return set;
}

struct dc_chunk_set *
dc_chunk_index_find_set(const struct dc_chunk_index *index, uint64_t epoch)
{
    struct dc_chunk_set *set = index->sets;
    while (set && set->epoch != epoch)
        set = set->next;
    return epoch ? set : NULL;
}

bool
dc_chunk_index_drop_evicted(struct dc_chunk_index *index, uint64_t epoch)
{
    struct dc_chunk_set *set = dc_chunk_index_find_set(index, epoch), **at = &index->sets;
    if (!set || !set->evicted)
        return false;
    while (*at != set)
        at = &(*at)->next;
    *at = set->next;
    index->evicted_count--;
    // Nothing of it may stay in the table; without memory for a new one the old one is emptied, and names end the link.
    if (!rebuild(index, 0)) {
        free(index->slots);
        index->slots = NULL;
        index->capacity = index->count = 0;
    }
    set_free(set);
    return true;
}
