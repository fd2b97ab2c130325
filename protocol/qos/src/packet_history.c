#include <protocol/qos/packet_history.h>

#include <stdlib.h>
#include <string.h>

void
dc_packet_history_init(struct dc_packet_history *history)
{
    *history = (struct dc_packet_history){ 0 };
}

void
dc_packet_history_finish(struct dc_packet_history *history)
{
    free(history->slots);
    history->slots = NULL;
}

bool
dc_packet_history_store(struct dc_packet_history *history, uint16_t sequence, const uint8_t *packet, size_t size_bytes,
                        int64_t now_us)
{
    if (!history->slots)
        history->slots = calloc(DC_HISTORY_PACKETS, sizeof(*history->slots));
    if (!history->slots || !size_bytes || size_bytes > DC_RTP_MAX_PACKET_BYTES)
        return false;
    struct dc_history_slot *slot = &history->slots[sequence % DC_HISTORY_PACKETS];
    slot->sequence = sequence;
    slot->size_bytes = (uint16_t)size_bytes;
    slot->resends = 0;
    slot->sent_us = now_us;
    memcpy(slot->data, packet, size_bytes);
    return true;
}

const struct dc_history_slot *
dc_packet_history_take(struct dc_packet_history *history, uint16_t sequence, int64_t now_us, int64_t round_trip_us)
{
    struct dc_history_slot *slot = history->slots ? &history->slots[sequence % DC_HISTORY_PACKETS] : NULL;
    if (!slot || !slot->size_bytes || slot->sequence != sequence || slot->resends >= DC_HISTORY_MAX_RESENDS ||
        (slot->resends && now_us - slot->sent_us < round_trip_us * 3 / 4)) { // measured round trips are rather too long
        history->refused++;
        return NULL;
    }
    slot->resends++;
    slot->sent_us = now_us;
    history->resent++;
    return slot;
}
