/*
 * What a player who has been let in can send inside DTLS. Two associations connect in memory, then one receives the input: a
 * run of SCTP packets' chunks, length u16 and bytes each, to which ports, verification tag and checksum are added, since
 * nothing else would get past usrsctp's first look. Sequence numbers of data count from the first one that is due.
 */
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <usrsctp.h>

#include <common/wire.h>

#include "channels.h"
#include "sctp.h"

#define MAX_FLYING 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

struct end {
    struct dc_sctp sctp;
    struct dc_channels channels;
    struct dc_webrtc_peer_counters counters;
    struct end *other;
    struct { uint8_t data[1500]; size_t size_bytes; } flying[MAX_FLYING];
    unsigned flying_count;
    uint8_t tag[4]; // that the other end's packets carry
    uint32_t tsn;   // of the other end's first data
    bool is_up, is_down;
};

static void
take(void *user, const uint8_t *packet, size_t size_bytes)
{
    struct end *end = user;
    if (size_bytes > sizeof(end->flying[0].data) || size_bytes < 12)
        abort();
    if (end->flying_count == MAX_FLYING)
        return;
    memcpy(end->flying[end->flying_count].data, packet, size_bytes);
    end->flying[end->flying_count++].size_bytes = size_bytes;
    memcpy(end->other->tag, packet + 4, 4);
    if (size_bytes >= 32 && (packet[12] == 1 || packet[12] == 2)) // INIT, INIT ACK
        memcpy(&end->other->tsn, packet + 28, 4);
}

static void
handle_up(void *user)
{
    struct end *end = user;
    end->is_up = true;
    dc_channels_start(&end->channels);
}

static void
handle_message(void *user, uint16_t stream, uint32_t ppid, const uint8_t *data, size_t size_bytes)
{
    struct end *end = user;
    if (size_bytes > DC_WEBRTC_MAX_MESSAGE_BYTES)
        abort();
    dc_channels_receive(&end->channels, stream, ppid, data, size_bytes);
}

static void
handle_reset(void *user, uint16_t stream)
{
    struct end *end = user;
    dc_channels_handle_reset(&end->channels, stream);
}

static void
handle_down(void *user, const char *reason)
{
    struct end *end = user;
    end->is_down = true;
}

static void
handle_channel(void *user, uint16_t stream, const char *label)
{
    if (stream >= DC_WEBRTC_MAX_CHANNELS || strlen(label) > DC_DCEP_MAX_LABEL_BYTES)
        abort();
}

/* Everything is sent back: whatever is open must be able to carry it. */
static void
handle_channel_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes)
{
    struct end *end = user;
    dc_channels_send(&end->channels, stream, is_text, data, size_bytes);
}

static const struct dc_sctp_listener sctp_listener = { take, handle_up, handle_message, handle_reset, handle_down };
static const struct dc_channels_listener channels_listener = { handle_channel, handle_channel_message };

static void
init_end(struct end *end, struct end *other, bool is_client)
{
    static const struct dc_sctp_reliability reliable = { .is_ordered = true, .limit = -1 };
    end->other = other;
    end->sctp.listener = &sctp_listener;
    end->channels.listener = &channels_listener;
    end->sctp.user = end->channels.user = end;
    end->channels.sctp = &end->sctp;
    end->channels.is_client = is_client;
    end->channels.remote_max_bytes = DC_WEBRTC_MAX_MESSAGE_BYTES;
    end->channels.counters = &end->counters;
    dc_channels_want(&end->channels, 1, "input", true, &reliable);
    if (!dc_sctp_init(&end->sctp))
        abort();
}

static void
exchange(struct end *a, struct end *b)
{
    for (unsigned i = 0; i < 20; i++) {
        struct end *from = i % 2 ? b : a;
        for (unsigned k = 0; k < from->flying_count; k++)
            dc_sctp_receive(&from->other->sctp, from->flying[k].data, from->flying[k].size_bytes);
        from->flying_count = 0;
    }
}

static void
count_from(uint8_t *chunks, size_t size_bytes, uint32_t first_tsn)
{
    for (size_t i = 0; i + 8 <= size_bytes;) {
        size_t length = (size_t)(chunks[i + 2] << 8 | chunks[i + 3]);
        uint32_t tsn;
        memcpy(&tsn, chunks + i + 4, 4);
        tsn = htonl(first_tsn + ntohl(tsn));
        if (chunks[i] == 0 || chunks[i] == 192) // DATA, FORWARD TSN
            memcpy(chunks + i + 4, &tsn, 4);
        i += length < 4 ? 4 : (length + 3) & ~(size_t)3;
    }
}

static void
receive_chunks(struct end *end, const uint8_t *chunks, size_t size_bytes)
{
    uint8_t *packet = malloc(12 + size_bytes);
    const uint8_t ports[4] = { DC_SCTP_PORT >> 8, DC_SCTP_PORT & 255, DC_SCTP_PORT >> 8, DC_SCTP_PORT & 255 };
    memcpy(packet, ports, 4);
    memcpy(packet + 4, end->tag, 4);
    memset(packet + 8, 0, 4);
    memcpy(packet + 12, chunks, size_bytes);
    count_from(packet + 12, size_bytes, ntohl(end->tsn));
    uint32_t checksum = usrsctp_crc32c(packet, 12 + size_bytes);
    memcpy(packet + 8, &checksum, 4);
    dc_sctp_receive(&end->sctp, packet, 12 + size_bytes);
    free(packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static struct end ends[2]; // large
    struct dc_reader r;
    memset(ends, 0, sizeof(ends));
    init_end(&ends[0], &ends[1], false);
    init_end(&ends[1], &ends[0], true);
    exchange(&ends[0], &ends[1]);
    if (!ends[0].is_up || !ends[1].is_up)
        abort();
    dc_reader_init(&r, data, size_bytes);
    while (dc_reader_left(&r) >= 2 && !ends[0].is_down) {
        size_t chunk_bytes = dc_reader_u16be(&r);
        if (chunk_bytes > dc_reader_left(&r))
            chunk_bytes = dc_reader_left(&r);
        receive_chunks(&ends[0], dc_reader_bytes(&r, chunk_bytes), chunk_bytes);
        ends[0].flying_count = 0;
    }
    dc_sctp_finish(&ends[1].sctp);
    dc_sctp_finish(&ends[0].sctp);
    return 0;
}
