#include <protocol/qos/jitter_buffer.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/rtp.h>

bool
dc_jitter_buffer_init(struct dc_jitter_buffer *buffer)
{
    *buffer = (struct dc_jitter_buffer){ .gap_since_us = INT64_MAX, .wait_us = 50000 };
    buffer->slots = calloc(DC_JITTER_PACKETS, sizeof(*buffer->slots));
    return buffer->slots != NULL;
}

void
dc_jitter_buffer_finish(struct dc_jitter_buffer *buffer)
{
    free(buffer->slots);
    buffer->slots = NULL;
}

static struct dc_jitter_slot *
slot_of(const struct dc_jitter_buffer *buffer, int64_t sequence)
{
    return &buffer->slots[sequence & (DC_JITTER_PACKETS - 1)];
}

const struct dc_jitter_slot *
dc_jitter_buffer_get(const struct dc_jitter_buffer *buffer, int64_t sequence)
{
    const struct dc_jitter_slot *slot = slot_of(buffer, sequence);
    return slot->sequence == sequence && slot->size_bytes ? slot : NULL;
}

static void
go_to(struct dc_jitter_buffer *buffer, int64_t sequence)
{
    buffer->skipped += (uint64_t)(sequence - buffer->next);
    buffer->next = sequence;
    buffer->gap_since_us = INT64_MAX;
}

bool
dc_jitter_buffer_insert(struct dc_jitter_buffer *buffer, const uint8_t *packet, size_t size_bytes, bool is_canonical,
                        int64_t now_us, int64_t *sequence)
{
    if (size_bytes < DC_RTP_HEADER_BYTES || size_bytes > DC_RTP_MAX_PACKET_BYTES)
        return false;
    int64_t number = dc_sequence_unwrap(&buffer->unwrapper, (uint16_t)(packet[2] << 8 | packet[3]));
    if (sequence)
        *sequence = number;
    if (!buffer->started) {
        buffer->started = true;
        buffer->next = number;
    }
    if (dc_jitter_buffer_get(buffer, number)) {
        buffer->duplicates++;
        return false;
    }
    if (number < buffer->next) {
        buffer->late++;
        return false;
    }
    if (number - buffer->next >= DC_JITTER_PACKETS) // a flood, or a sender that jumped: no more than one ring is kept
        go_to(buffer, number - DC_JITTER_PACKETS / 2);
    struct dc_jitter_slot *slot = slot_of(buffer, number);
    slot->sequence = number;
    slot->arrival_us = now_us;
    slot->size_bytes = (uint16_t)size_bytes;
    slot->is_canonical = is_canonical;
    memcpy(slot->data, packet, size_bytes);
    if (number > buffer->next && buffer->gap_since_us == INT64_MAX && !dc_jitter_buffer_get(buffer, buffer->next))
        buffer->gap_since_us = now_us;
    return true;
}

/* The first packet behind the gap; there is one. */
static int64_t
first_behind(const struct dc_jitter_buffer *buffer)
{
    int64_t sequence = buffer->next;
    while (sequence < buffer->unwrapper.newest && !dc_jitter_buffer_get(buffer, sequence))
        sequence++;
    return sequence;
}

const struct dc_jitter_slot *
dc_jitter_buffer_next(struct dc_jitter_buffer *buffer, int64_t now_us)
{
    if (!buffer->started)
        return NULL;
    const struct dc_jitter_slot *slot = dc_jitter_buffer_get(buffer, buffer->next);
    if (!slot) {
        if (now_us < dc_jitter_buffer_deadline_us(buffer))
            return NULL;
        go_to(buffer, first_behind(buffer));
        slot = dc_jitter_buffer_get(buffer, buffer->next);
        if (!slot)
            return NULL;
    }
    buffer->next++;
    buffer->gap_since_us = INT64_MAX;
    if (!dc_jitter_buffer_get(buffer, buffer->next)) { // another gap: it is as old as what waits behind it
        int64_t behind = first_behind(buffer);
        const struct dc_jitter_slot *waiting = dc_jitter_buffer_get(buffer, behind);
        if (waiting && behind > buffer->next)
            buffer->gap_since_us = waiting->arrival_us;
    }
    return slot;
}

int64_t
dc_jitter_buffer_deadline_us(const struct dc_jitter_buffer *buffer)
{
    return buffer->gap_since_us == INT64_MAX ? INT64_MAX : buffer->gap_since_us + buffer->wait_us;
}
