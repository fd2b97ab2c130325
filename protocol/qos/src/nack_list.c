#include <protocol/qos/nack_list.h>

#include <string.h>

#define RETRY_SLACK_US 4000 // an answer waits in the sender's pacer, and the line jitters

void
dc_nack_list_init(struct dc_nack_list *list, int64_t first_delay_us)
{
    list->count = 0;
    list->first_delay_us = first_delay_us;
    list->requested = list->overflowed = 0;
}

static void
remove_range(struct dc_nack_list *list, unsigned first, unsigned count)
{
    list->count -= count;
    memmove(&list->entries[first], &list->entries[first + count], (list->count - first) * sizeof(list->entries[0]));
}

void
dc_nack_list_add(struct dc_nack_list *list, int64_t from, int64_t to, int64_t now_us)
{
    if (to - from > DC_NACK_MAX_MISSING) { // only the newest are worth asking for
        list->overflowed += (uint64_t)(to - from - DC_NACK_MAX_MISSING);
        from = to - DC_NACK_MAX_MISSING;
    }
    unsigned added = to > from ? (unsigned)(to - from) : 0;
    if (list->count + added > DC_NACK_MAX_MISSING) {
        unsigned surplus = list->count + added - DC_NACK_MAX_MISSING;
        list->overflowed += surplus;
        remove_range(list, 0, surplus);
    }
    for (int64_t sequence = from; sequence < to; sequence++)
        list->entries[list->count++] = (struct dc_nack_entry){ sequence, now_us + list->first_delay_us, 0 };
}

/* The first entry that is not before `sequence`. */
static unsigned
find(const struct dc_nack_list *list, int64_t sequence)
{
    unsigned low = 0, high = list->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (list->entries[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void
dc_nack_list_remove(struct dc_nack_list *list, int64_t sequence)
{
    unsigned i = find(list, sequence);
    if (i < list->count && list->entries[i].sequence == sequence)
        remove_range(list, i, 1);
}

void
dc_nack_list_remove_before(struct dc_nack_list *list, int64_t sequence)
{
    remove_range(list, 0, find(list, sequence));
}

unsigned
dc_nack_list_collect(struct dc_nack_list *list, int64_t now_us, int64_t round_trip_us, uint16_t *sequences,
                     unsigned capacity)
{
    unsigned count = 0;
    for (unsigned i = 0; i < list->count && count < capacity; i++) {
        struct dc_nack_entry *entry = &list->entries[i];
        if (entry->due_us > now_us)
            continue;
        sequences[count++] = (uint16_t)entry->sequence;
        entry->requests++;
        entry->due_us = entry->requests < DC_NACK_MAX_REQUESTS ? now_us + round_trip_us + round_trip_us / 8 + RETRY_SLACK_US
                                                               : INT64_MAX;
    }
    list->requested += count;
    return count;
}

int64_t
dc_nack_list_deadline_us(const struct dc_nack_list *list)
{
    int64_t deadline_us = INT64_MAX;
    for (unsigned i = 0; i < list->count; i++)
        if (list->entries[i].due_us < deadline_us)
            deadline_us = list->entries[i].due_us;
    return deadline_us;
}
