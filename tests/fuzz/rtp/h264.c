/* Any bytes as an access unit: every packet fits, and what is put together again has the same NAL units. */
#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/channel.h>
#include <protocol/rtp/h264_depacketizer.h>
#include <protocol/rtp/h264_packetizer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

struct loop {
    struct dc_h264_depacketizer d;
    struct dc_writer out;
    bool complete;
    unsigned packets;
};

static void
loop_packet(void *user, const uint8_t *data, size_t size_bytes, size_t send_time_offset)
{
    struct loop *loop = user;
    struct dc_rtp_packet packet;
    struct dc_access_unit unit;
    if (size_bytes == 0 || size_bytes > DC_RTP_MAX_PACKET_BYTES || send_time_offset + 8 > size_bytes ||
        loop->complete || !dc_rtp_unpack(data, size_bytes, &packet))
        abort();
    loop->packets++;
    loop->complete = dc_h264_depacketizer_push(&loop->d, &packet, 1, &unit);
    if (loop->complete != packet.marker && !loop->d.malformed_packets)
        abort();
    if (loop->complete)
        dc_writer_bytes(&loop->out, unit.data, unit.size_bytes);
}

/* Start codes and the zeros around them may differ, and units of types that RFC 6184 uses itself are left out;
 * everything else comes through. */
static size_t
strip(const uint8_t *data, size_t size_bytes, uint8_t *out)
{
    size_t n = 0, i = 0;
    while (i + 3 <= size_bytes && memcmp(data + i, "\0\0\1", 3))
        i++;
    while (i + 3 <= size_bytes) {
        size_t begin = i + 3, end = begin;
        while (end + 3 <= size_bytes && memcmp(data + end, "\0\0\1", 3))
            end++;
        size_t next = end + 3 <= size_bytes ? end : size_bytes;
        end = next;
        while (end > begin && data[end - 1] == 0)
            end--;
        bool carried = end > begin && (data[begin] & 0x1f) >= 1 && (data[begin] & 0x1f) <= 23;
        memcpy(out + n, data + begin, end - begin);
        n += carried ? end - begin : 0;
        i = next;
    }
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct dc_h264_packetizer packetizer = { .payload_type = 96, .max_packet_bytes = 256 };
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .data = data, .size_bytes = size_bytes };
    struct loop loop = { .packets = 0 };
    dc_h264_depacketizer_init(&loop.d);
    dc_writer_init(&loop.out);
    bool pushed = dc_h264_packetizer_push(&packetizer, &packet, loop_packet, &loop);
    if (pushed != (loop.packets > 0))
        abort();
    if (loop.complete) {
        uint8_t *a = malloc(size_bytes + 1), *b = malloc(loop.out.size_bytes + 1);
        size_t a_bytes = strip(data, size_bytes, a), b_bytes = strip(loop.out.data, loop.out.size_bytes, b);
        if (a_bytes != b_bytes || memcmp(a, b, a_bytes))
            abort();
        free(a);
        free(b);
    }
    dc_writer_finish(&loop.out);
    dc_h264_depacketizer_finish(&loop.d);
    return 0;
}
