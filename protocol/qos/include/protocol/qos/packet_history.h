#ifndef DC_PROTOCOL_QOS_PACKET_HISTORY_H
#define DC_PROTOCOL_QOS_PACKET_HISTORY_H
/*
 * The video packets that were sent last, by sequence number, so that a NACK can be answered. Bounded: a newer packet
 * takes the place of an older one. One packet is given out again at most about once per round trip (a NACK that crosses its
 * answer costs nothing), and at most DC_HISTORY_MAX_RESENDS times.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>

#define DC_HISTORY_PACKETS 512 // 0.3 s and more at 10 Mb/s; a power of two
#define DC_HISTORY_MAX_RESENDS 5

struct dc_history_slot {
    uint16_t size_bytes; // 0: empty
    uint16_t sequence;
    uint8_t resends;
    int64_t sent_us; // last time
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
};

struct dc_packet_history {
    struct dc_history_slot *slots; // owned; NULL until the first packet
    uint64_t resent, refused;      // refused: gone, too often, or too soon
};

void dc_packet_history_init(struct dc_packet_history *history);
void dc_packet_history_finish(struct dc_packet_history *history);
/* false: out of memory, or longer than a packet. */
bool dc_packet_history_store(struct dc_packet_history *history, uint16_t sequence, const uint8_t *packet,
                             size_t size_bytes, int64_t now_us);
/* NULL: not to be sent (again). */
const struct dc_history_slot *dc_packet_history_take(struct dc_packet_history *history, uint16_t sequence,
                                                     int64_t now_us, int64_t round_trip_us);

#endif
