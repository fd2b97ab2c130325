#ifndef DC_PROTOCOL_QOS_NACK_LIST_H
#define DC_PROTOCOL_QOS_NACK_LIST_H
/*
 * Packets that are missing and may still be asked for. The first request waits `first_delay_us`: overtaking and parity
 * often bring the packet by themselves. The next ones come when an answer should have been there (RTT-aware).
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_NACK_MAX_MISSING 256
#define DC_NACK_MAX_REQUESTS 4 // of one packet

struct dc_nack_entry {
    int64_t sequence; // unwrapped
    int64_t due_us;   // INT64_MAX: asked often enough
    uint8_t requests;
};

struct dc_nack_list {
    struct dc_nack_entry entries[DC_NACK_MAX_MISSING]; // ascending
    unsigned count;
    int64_t first_delay_us;
    uint64_t requested, overflowed; // packets asked for, every time counted; packets that had no room
};

void dc_nack_list_init(struct dc_nack_list *list, int64_t first_delay_us);
/* `from` … `to` - 1 are missing. They are newer than all that are in the list. */
void dc_nack_list_add(struct dc_nack_list *list, int64_t from, int64_t to, int64_t now_us);
void dc_nack_list_remove(struct dc_nack_list *list, int64_t sequence);
void dc_nack_list_remove_before(struct dc_nack_list *list, int64_t sequence);
/* What is to be asked for now, at most `capacity`, ascending. */
unsigned dc_nack_list_collect(struct dc_nack_list *list, int64_t now_us, int64_t round_trip_us, uint16_t *sequences,
                              unsigned capacity);
int64_t dc_nack_list_deadline_us(const struct dc_nack_list *list); // INT64_MAX: nothing is to be asked for

#endif
