/* A datagram of RTCP through every parser; what transport feedback says is written again and must read the same. */
#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/transport_feedback.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void
read_transport_feedback(const struct dc_rtcp_packet *packet)
{
    static struct dc_transport_arrival arrivals[65536];
    struct dc_transport_feedback feedback;
    struct dc_transport_status status;
    unsigned count = 0, statuses = 0, written;
    uint8_t out[1200];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet again;
    if (!dc_transport_feedback_unpack(packet, &feedback))
        return;
    while (dc_transport_feedback_next(&feedback, &status)) {
        if (status.received)
            arrivals[count++] = (struct dc_transport_arrival){ status.sequence, status.arrival_us };
        statuses++;
    }
    if (statuses != feedback.status_count)
        abort();
    dc_rtcp_writer_init(&writer, out, sizeof(out));
    written = dc_rtcp_put_transport_feedback(&writer, 1, 2, 3, count ? arrivals[0].sequence : 0, arrivals, count);
    if (written > count || !written != !writer.size_bytes)
        abort();
    if (!written)
        return;
    dc_rtcp_reader_init(&reader, out, writer.size_bytes);
    if (!dc_rtcp_reader_next(&reader, &again) || !dc_transport_feedback_unpack(&again, &feedback))
        abort();
    for (unsigned i = 0; dc_transport_feedback_next(&feedback, &status);) {
        if (!status.received)
            continue;
        if (i >= written || arrivals[i].sequence != status.sequence || (arrivals[i].arrival_us - status.arrival_us) % (64000ll << 24))
            abort();
        i++;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report;
    struct dc_rtcp_bye bye;
    struct dc_rtcp_feedback feedback;
    uint32_t ssrc;
    const char *text;
    size_t text_bytes;
    dc_rtcp_reader_init(&reader, data, size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        dc_rtcp_unpack_report(&packet, &report);
        if (dc_rtcp_unpack_cname(&packet, &ssrc, &text, &text_bytes) && memchr(text, 1, text_bytes) == text)
            continue;
        dc_rtcp_unpack_bye(&packet, &bye);
        if (dc_rtcp_unpack_feedback(&packet, &feedback) && feedback.sequence_count > DC_NACK_MAX_SEQUENCES)
            abort();
        read_transport_feedback(&packet);
    }
    return 0;
}
