/* RTP packets, their extensions and the H.264 depacketiser: the input is a run of u16-length-prefixed packets. */
#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/h264_depacketizer.h>
#include <protocol/rtp/opus_payload.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void
push(struct dc_h264_depacketizer *d, const uint8_t *data, size_t size_bytes)
{
    struct dc_rtp_packet packet;
    struct dc_access_unit unit;
    uint8_t *exact = malloc(size_bytes ? size_bytes : 1);
    memcpy(exact, data, size_bytes);
    if (dc_rtp_unpack(exact, size_bytes, &packet)) {
        dc_opus_duration(packet.payload, packet.payload_bytes);
        if (dc_h264_depacketizer_push(d, &packet, 1, &unit)) {
            if (unit.size_bytes > DC_H264_MAX_ACCESS_UNIT_BYTES || unit.meta.input_id_count > DC_FRAME_MAX_INPUT_IDS)
                abort();
            for (size_t i = 0; i < unit.size_bytes; i++) // every byte must be readable
                if (i + 3 < unit.size_bytes && !memcmp(unit.data + i, "\1\2\3\4", 4))
                    break;
        }
    }
    free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct dc_h264_depacketizer d;
    struct dc_reader r;
    dc_h264_depacketizer_init(&d);
    dc_reader_init(&r, data, size_bytes);
    while (dc_reader_left(&r) >= 2) {
        size_t packet_bytes = dc_reader_u16be(&r);
        if (packet_bytes > dc_reader_left(&r))
            packet_bytes = dc_reader_left(&r);
        push(&d, dc_reader_bytes(&r, packet_bytes), packet_bytes);
    }
    dc_h264_depacketizer_finish(&d);
    return 0;
}
