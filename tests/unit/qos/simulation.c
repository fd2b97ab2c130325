#undef NDEBUG
#include "simulation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <protocol/qos/frame_gate.h>
#include <protocol/qos/video_receiver.h>
#include <protocol/qos/video_sender.h>
#include <protocol/rtp/h264_depacketizer.h>
#include <protocol/rtp/rtcp_feedback.h>

#define STEP_US 100
#define FRAME_US 16667
#define ONE_WAY_US 10000
#define ENCODE_US 2200 // x264 and libavcodec as measured (notes: p50 at 720p)
#define DECODE_US 600
#define KEPT_REFERENCES 16
#define MAX_FRAMES 4096
#define START_US 1000000000 // the clock does not begin at zero
#define RECEIVER_CLOCK_US 777777777 // and the receiver's is another

struct datagram {
    struct datagram *next;
    int64_t due_us;
    size_t size_bytes;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES + 32];
};

struct simulation {
    const struct simulation_config *config;
    struct simulation_result *result;
    struct dc_line forward, backward;
    struct datagram *to_receiver, *to_sender; // by due_us
    struct dc_video_sender sender;
    struct dc_video_receiver receiver;
    struct dc_h264_depacketizer depacketizer;
    struct dc_frame_gate gate;
    uint64_t dropped_units;
    int64_t now_us; // since the start
    uint64_t random;
    uint64_t last_id;
    struct { int64_t capture_us, decoded_us; } frames[MAX_FRAMES]; // by id; decoded_us 0: never
    struct { int64_t due_us; uint64_t id; bool pending, keyframe; uint64_t reference_id; uint32_t kbps; } encoding;
    uint64_t invalid_from;
    uint64_t sent_bytes;
};

static uint32_t
next_random(struct simulation *s)
{
    s->random = s->random * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)(s->random >> 33);
}

static void
offer(struct simulation *s, struct dc_line *line, struct datagram **queue, const uint8_t *data, size_t size_bytes)
{
    int64_t due_us;
    if (!dc_line_offer(line, size_bytes, s->now_us, &due_us))
        return;
    struct datagram *d = malloc(sizeof(*d));
    d->due_us = due_us;
    d->size_bytes = size_bytes;
    memcpy(d->data, data, size_bytes);
    while (*queue && (*queue)->due_us <= due_us)
        queue = &(*queue)->next;
    d->next = *queue;
    *queue = d;
}

static struct datagram *
arrived(struct simulation *s, struct datagram **queue)
{
    struct datagram *d = *queue;
    if (!d || d->due_us > s->now_us)
        return NULL;
    *queue = d->next;
    return d;
}

static void
send_rtp(void *user, uint8_t *packet, size_t size_bytes)
{
    struct simulation *s = user;
    s->sent_bytes += size_bytes;
    offer(s, &s->forward, &s->to_receiver, packet, size_bytes);
}

static const struct dc_video_sender_listener listener = { .send = send_rtp };

/* An access unit whose bytes follow from its id. Size in the first call, bytes in the second. */
static size_t
frame_bytes(uint64_t id, bool keyframe, size_t size_bytes, uint8_t *out)
{
    uint64_t state = id * 0x9e3779b97f4a7c15;
    memcpy(out, "\0\0\0\1", 4);
    out[4] = keyframe ? 0x65 : 0x41;
    for (size_t i = 5; i < size_bytes; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(state >> 56) | 1;
    }
    return size_bytes;
}

/* A frame's time has come: skip it, or begin to encode it. */
static void
capture(struct simulation *s)
{
    struct dc_video_request request;
    int64_t now_us = START_US + s->now_us;
    s->result->captured++;
    if (s->encoding.pending || !dc_video_sender_may_encode(&s->sender, now_us)) {
        s->result->skipped++;
        return;
    }
    dc_video_sender_take_request(&s->sender, now_us, &request);
    uint64_t id = ++s->last_id;
    assert(id < MAX_FRAMES);
    s->encoding.keyframe = id == 1 || request.keyframe;
    s->encoding.reference_id = 0;
    if (request.first_lost_id && !s->encoding.keyframe) {
        s->result->invalidated++;
        if (request.first_lost_id + KEPT_REFERENCES <= id)
            s->encoding.keyframe = true; // what is older is not kept
        else
            s->encoding.reference_id = request.first_lost_id - 1;
    }
    s->encoding.id = id;
    s->encoding.pending = true;
    s->encoding.due_us = s->now_us + ENCODE_US;
    s->encoding.kbps = dc_video_sender_encoder_kbps(&s->sender);
    s->frames[id].capture_us = s->now_us;
}

static void
finish_encoding(struct simulation *s)
{
    static uint8_t data[1 << 20];
    double mean_bytes = s->encoding.kbps * 1000.0 / 8 * FRAME_US / 1e6;
    double factor = 0.7 + 0.6 * (next_random(s) & 0xffff) / 65536; // VBV of 1.5 frames
    size_t size_bytes = (size_t)(mean_bytes * (s->encoding.keyframe ? 2 : factor));
    struct dc_packet packet = {
        .kind = DC_PACKET_VIDEO_H264, .keyframe = s->encoding.keyframe, .data = data,
        .timestamp = (uint64_t)s->now_us * 9 / 100,
        .meta = { .frame_id = s->encoding.id, .reference_id = s->encoding.reference_id },
    };
    packet.size_bytes = frame_bytes(s->encoding.id, s->encoding.keyframe, size_bytes + 64, data);
    s->result->keyframes += s->encoding.keyframe;
    s->encoding.pending = false;
    dc_video_sender_push(&s->sender, &packet, START_US + s->now_us);
}

static void
decode(struct simulation *s, const struct dc_access_unit *unit)
{
    static uint8_t expected[1 << 20];
    uint64_t id = unit->meta.frame_id;
    if (!dc_frame_gate_push(&s->gate, id, unit->meta.reference_id, unit->keyframe))
        return;
    assert(unit->has_meta && id <= s->last_id);
    frame_bytes(id, unit->keyframe, unit->size_bytes, expected);
    s->result->corrupt += memcmp(expected, unit->data, unit->size_bytes) != 0;
    s->result->decoded++;
    s->frames[id].decoded_us = s->now_us + DECODE_US;
}

static void
depacketise(struct simulation *s)
{
    const struct dc_jitter_slot *slot;
    while ((slot = dc_video_receiver_next(&s->receiver, RECEIVER_CLOCK_US + s->now_us))) {
        struct dc_rtp_packet packet;
        struct dc_access_unit unit;
        if (dc_rtp_unpack(slot->data, slot->size_bytes, &packet) &&
            dc_h264_depacketizer_push(&s->depacketizer, &packet, s->now_us, &unit))
            decode(s, &unit);
        if (s->depacketizer.dropped_units != s->dropped_units)
            dc_frame_gate_handle_loss(&s->gate);
        s->dropped_units = s->depacketizer.dropped_units;
    }
}

static void
run_receiver(struct simulation *s)
{
    int64_t now_us = RECEIVER_CLOCK_US + s->now_us;
    struct datagram *d;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
    struct dc_rtcp_writer writer;
    while ((d = arrived(s, &s->to_receiver))) {
        dc_video_receiver_push(&s->receiver, d->data, d->size_bytes, now_us);
        depacketise(s);
        free(d);
    }
    depacketise(s);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    if (now_us >= dc_video_receiver_deadline_us(&s->receiver))
        dc_video_receiver_write_rtcp(&s->receiver, &writer, now_us);
    if (s->receiver.received) {
        enum dc_gate_request request = dc_frame_gate_request(&s->gate, now_us, 2 * ONE_WAY_US);
        if (request == DC_GATE_KEYFRAME)
            dc_rtcp_put_pli(&writer, 9, 1);
        else if (request == DC_GATE_INVALIDATE)
            dc_rtcp_put_invalidate(&writer, 9, 1, s->gate.last_good + 1,
                                   s->gate.newest > s->gate.last_good ? s->gate.newest : s->gate.last_good + 1);
    }
    assert(!writer.failed);
    if (writer.size_bytes)
        offer(s, &s->backward, &s->to_sender, data, writer.size_bytes);
}

static void
run_sender(struct simulation *s)
{
    int64_t now_us = START_US + s->now_us;
    struct datagram *d;
    while ((d = arrived(s, &s->to_sender))) {
        dc_video_sender_handle_rtcp(&s->sender, d->data, d->size_bytes, now_us);
        free(d);
    }
    if (s->encoding.pending && s->now_us >= s->encoding.due_us)
        finish_encoding(s);
    if (now_us >= dc_video_sender_deadline_us(&s->sender))
        dc_video_sender_handle_timer(&s->sender, now_us);
}

static void
watch(struct simulation *s)
{
    const struct dc_line_config *line = &s->config->forward;
    struct simulation_result *r = s->result;
    int64_t queue_us = dc_line_queue_us(&s->forward, s->now_us);
    int64_t cut_us = line->rate_count > 1 ? line->rates[1].from_us : INT64_MAX;
    int64_t open_us = line->rate_count > 2 ? line->rates[2].from_us : INT64_MAX;
    double kbps = dc_video_sender_encoder_kbps(&s->sender);
    if (s->now_us >= cut_us && s->now_us < open_us && queue_us > 60000)
        r->calm_after_ms = (double)(s->now_us - cut_us) / 1000;
    if (s->now_us >= cut_us + 1500000 && s->now_us < open_us && (double)queue_us / 1000 > r->late_queue_ms)
        r->late_queue_ms = (double)queue_us / 1000;
    if (open_us != INT64_MAX && s->now_us >= open_us - 1000000 && s->now_us < open_us)
        r->low_kbps += kbps * STEP_US / 1e6;
    if (s->now_us >= open_us && r->recovered_after_s < 0 && kbps >= 0.95 * s->config->bitrate_kbps)
        r->recovered_after_s = (double)(s->now_us - open_us) / 1e6;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
count_shown(struct simulation *s)
{
    // Frames are ready 5 ms before a tick when nothing holds them up (client's display_phase).
    int64_t tick_us = ONE_WAY_US + ENCODE_US + DECODE_US + 3000 + 5000;
    uint64_t last_shown = 0;
    for (; tick_us < s->now_us; tick_us += FRAME_US) {
        uint64_t newest = last_shown;
        for (uint64_t id = last_shown + 1; id <= s->last_id && s->frames[id].capture_us <= tick_us; id++)
            if (s->frames[id].decoded_us && s->frames[id].decoded_us <= tick_us)
                newest = id;
        s->result->shown += newest != last_shown;
        last_shown = newest;
    }
    s->result->shown_share = (double)s->result->shown / (s->result->captured - 2); // the last are on their way
    if (s->result->shown_share > 1)
        s->result->shown_share = 1;
}

static void
measure(struct simulation *s)
{
    static double latencies[MAX_FRAMES];
    const struct dc_line_config *line = &s->config->forward;
    unsigned count = 0;
    int64_t outage_end_us = line->outage_from_us + line->outage_us;
    s->result->back_after_ms = -1;
    for (uint64_t id = 1; id <= s->last_id; id++) {
        if (!s->frames[id].decoded_us)
            continue;
        latencies[count++] = (double)(s->frames[id].decoded_us - s->frames[id].capture_us - ONE_WAY_US) / 1000;
        if (line->outage_us && s->result->back_after_ms < 0 && s->frames[id].decoded_us > outage_end_us)
            s->result->back_after_ms = (double)(s->frames[id].decoded_us - outage_end_us) / 1000;
    }
    qsort(latencies, count, sizeof(latencies[0]), compare);
    if (count) {
        s->result->p50_ms = latencies[count / 2];
        s->result->p95_ms = latencies[count * 95 / 100];
        s->result->p99_ms = latencies[count * 99 / 100];
        s->result->max_ms = latencies[count - 1];
    }
    count_shown(s);
    s->result->overhead = (double)s->sent_bytes / (double)s->sender.media_bytes;
    s->result->resent = s->sender.history.resent;
    s->result->nacked = s->sender.nacked;
    s->result->parity = s->sender.parity_packets;
    s->result->recovered = s->receiver.fec.recovered;
    s->result->given_up = s->receiver.buffer.skipped;
}

static void
finish(struct simulation *s)
{
    struct datagram **queues[] = { &s->to_receiver, &s->to_sender };
    for (unsigned i = 0; i < 2; i++) {
        while (*queues[i]) {
            struct datagram *next = (*queues[i])->next;
            free(*queues[i]);
            *queues[i] = next;
        }
    }
    dc_video_sender_finish(&s->sender);
    dc_video_receiver_finish(&s->receiver);
    dc_h264_depacketizer_finish(&s->depacketizer);
}

void
simulation_run(const struct simulation_config *config, struct simulation_result *result)
{
    struct simulation *s = calloc(1, sizeof(*s));
    const struct dc_video_sender_config sender = {
        .video_ssrc = 1, .rtx_ssrc = 2, .fec_ssrc = 3, .video_payload_type = 96, .rtx_payload_type = 98,
        .fec_payload_type = config->no_fec ? 0 : 99, .transport_extension_id = 5, .bitrate_kbps = config->bitrate_kbps,
        .cname = "s",
    };
    const struct dc_video_receiver_config receiver = {
        .own_ssrc = 9, .video_ssrc = 1, .rtx_ssrc = 2, .fec_ssrc = 3, .video_payload_type = 96, .rtx_payload_type = 98,
        .fec_payload_type = 99, .transport_extension_id = 5, .wants_nack = !config->no_nack, .cname = "r",
    };
    struct dc_line_config forward = config->forward, backward = config->backward;
    *result = (struct simulation_result){ .recovered_after_s = -1 };
    s->config = config;
    s->result = result;
    s->random = config->seed;
    forward.delay_us = backward.delay_us = ONE_WAY_US;
    dc_line_init(&s->forward, &forward, config->seed);
    dc_line_init(&s->backward, &backward, config->seed + 1);
    assert(dc_video_sender_init(&s->sender, &sender, &listener, s, START_US));
    assert(dc_video_receiver_init(&s->receiver, &receiver, RECEIVER_CLOCK_US));
    dc_video_receiver_set_round_trip(&s->receiver, 2 * ONE_WAY_US);
    dc_h264_depacketizer_init(&s->depacketizer);
    dc_frame_gate_init(&s->gate);
    int64_t next_frame_us = 0;
    for (; s->now_us < (int64_t)(config->seconds * 1e6); s->now_us += STEP_US) {
        if (s->now_us >= next_frame_us) {
            capture(s);
            next_frame_us += FRAME_US;
        }
        run_sender(s);
        run_receiver(s);
        watch(s);
    }
    measure(s);
    finish(s);
    free(s);
}
