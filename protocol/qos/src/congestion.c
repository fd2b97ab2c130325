#include <protocol/qos/congestion.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/sequence.h>

#define GROUP_US 5000           // packets that leave within it are one group
#define TRAIN_MIN_PACKETS 5
#define STRETCHED_US 2000
#define TRAIN_MIN_US 500        // two steps of the feedback's clock: below it nothing can be told
#define BASE_WINDOW_US 10000000
#define QUEUE_SKIP_US 60000     // skip frames above
#define QUEUE_RESUME_US 30000   // go on below
#define QUEUE_CALM_US 15000     // raise only below
#define QUEUE_LONG_US 250000
#define NARROW_FACTOR 2
#define SILENCE_US 130000       // beyond a round trip, without feedback
#define SILENT_FRAME_US 50000   // one frame so often while nothing is heard
#define LOWER_PAUSE_US 150000
#define CALM_US 300000
#define RAISE_STEP_US 100000
#define PACING_FACTOR 8
#define LOSS_LIMIT 0.10

bool
dc_congestion_init(struct dc_congestion *c, const struct dc_congestion_config *config, int64_t now_us)
{
    *c = (struct dc_congestion){ .config = *config, .target_bps = config->start_bps, .newest_number = 0xffff,
                                 .settled_number = 0xffff, .feedback_us = now_us, .calm_since_us = now_us,
                                 .base_delay_us = { INT64_MAX, INT64_MAX } };
    dc_loss_estimate_init(&c->loss, now_us);
    dc_delay_trend_init(&c->trend);
    c->sent = calloc(DC_CONGESTION_PACKETS, sizeof(*c->sent));
    return c->sent != NULL;
}

void
dc_congestion_finish(struct dc_congestion *c)
{
    free(c->sent);
    c->sent = NULL;
}

uint16_t
dc_congestion_next_number(const struct dc_congestion *c)
{
    return (uint16_t)(c->newest_number + 1);
}

void
dc_congestion_handle_sent(struct dc_congestion *c, size_t size_bytes, int64_t now_us)
{
    int64_t number = ++c->newest_number;
    c->sent[number & (DC_CONGESTION_PACKETS - 1)] = (struct dc_sent_packet){
        .number = number, .send_us = now_us, .bytes_before = c->sent_bytes, .size_bytes = (uint16_t)size_bytes,
    };
    c->sent_bytes += (uint32_t)size_bytes;
}

static struct dc_sent_packet *
find_sent(const struct dc_congestion *c, int64_t number)
{
    struct dc_sent_packet *packet = &c->sent[number & (DC_CONGESTION_PACKETS - 1)];
    return packet->number == number && number > 0 ? packet : NULL;
}

/* The feedback's clock wraps after 12 days. */
static int64_t
unwrap_arrival(struct dc_congestion *c, int64_t arrival_us)
{
    const int64_t period_us = (int64_t)DC_TRANSPORT_REFERENCE_US << 24;
    if (c->has_arrival) {
        int64_t distance = (arrival_us - c->arrival_us) % period_us;
        if (distance > period_us / 2)
            distance -= period_us;
        if (distance < -period_us / 2)
            distance += period_us;
        arrival_us = c->arrival_us + distance;
    }
    return arrival_us;
}

static void
note_delay(struct dc_congestion *c, int64_t delay_us, int64_t now_us)
{
    if (now_us - c->base_since_us > BASE_WINDOW_US) {
        c->base_delay_us[1] = c->base_delay_us[0];
        c->base_delay_us[0] = INT64_MAX;
        c->base_since_us = now_us;
    }
    if (delay_us < c->base_delay_us[0])
        c->base_delay_us[0] = delay_us;
    int64_t base_us = c->base_delay_us[0] < c->base_delay_us[1] ? c->base_delay_us[0] : c->base_delay_us[1];
    c->queue_us = delay_us - base_us;
}

static void
note_received(struct dc_congestion *c, uint32_t size_bytes, int64_t arrival_us)
{
    int64_t passed_us = arrival_us - c->received_since_us;
    if (passed_us > 150000 || passed_us < 0) {
        c->received_bps = passed_us < 400000 && passed_us > 0 ? (uint32_t)(c->received_bytes * 8000000ll / passed_us) : 0;
        c->received_bytes = 0;
        c->received_since_us = arrival_us;
    }
    c->received_bytes += size_bytes;
}

static void
finish_group(struct dc_congestion *c)
{
    const struct dc_packet_group *group = &c->group, *before = &c->group_before;
    if (group->packets >= TRAIN_MIN_PACKETS) {
        int64_t span_us = group->last_arrival_us - group->first_arrival_us;
        if (span_us < TRAIN_MIN_US)
            span_us = TRAIN_MIN_US;
        uint64_t bps = group->bytes * 8000000ull / (uint64_t)span_us;
        int64_t sent_over_us = group->last_send_us - group->first_send_us;
        c->trains_stretched[c->train_count % DC_CONGESTION_TRAINS] = span_us > sent_over_us * 5 / 4 + STRETCHED_US;
        c->trains_bps[c->train_count++ % DC_CONGESTION_TRAINS] = bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps;
    }
    if (before->packets) {
        bool was_overuse = c->trend.state == DC_DELAY_OVERUSE;
        dc_delay_trend_push(&c->trend, group->last_send_us - before->last_send_us,
                            group->last_arrival_us - before->last_arrival_us, group->last_arrival_us);
        c->overuses += c->trend.state == DC_DELAY_OVERUSE && !was_overuse;
    }
    c->group_before = c->group;
    c->group = (struct dc_packet_group){ 0 };
}

static void
add_to_group(struct dc_congestion *c, const struct dc_sent_packet *packet, int64_t arrival_us)
{
    struct dc_packet_group *group = &c->group;
    if (group->packets && packet->send_us < group->first_send_us) // overtaken: of an older group
        return;
    if (group->packets && packet->send_us - group->first_send_us > GROUP_US)
        finish_group(c);
    if (!group->packets) {
        *group = (struct dc_packet_group){ packet->send_us, packet->send_us, arrival_us, arrival_us, 0, 1 };
        return;
    }
    group->last_send_us = packet->send_us;
    if (arrival_us > group->last_arrival_us)
        group->last_arrival_us = arrival_us;
    group->bytes += packet->size_bytes;
    group->packets++;
}

static int
compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The p-th of the last `count` trains, in order of size; 0: fewer were seen. */
static uint32_t
train_bps(const struct dc_congestion *c, unsigned count, unsigned place)
{
    uint32_t sorted[DC_CONGESTION_TRAINS];
    if (c->train_count < count)
        return 0;
    for (unsigned i = 0; i < count; i++)
        sorted[i] = c->trains_bps[(c->train_count - 1 - i) % DC_CONGESTION_TRAINS];
    qsort(sorted, count, sizeof(sorted[0]), compare_u32);
    return sorted[place];
}

/* What the line carries, as far as it can be told; at least the target while nothing is known. */
static uint32_t
line_bps(const struct dc_congestion *c)
{
    uint32_t bps = train_bps(c, 3, 1);
    return bps ? bps : c->target_bps;
}

/* A delay that grows although frames arrive as fast as they leave is not the line's doing: ends that do not get the
 * processor look like that. Only a delay that is long whatever the reason counts then. */
static bool
is_line_narrow(const struct dc_congestion *c)
{
    unsigned stretched = 0, count = c->train_count < 3 ? c->train_count : 3;
    for (unsigned i = 1; i <= count; i++)
        stretched += c->trains_stretched[(c->train_count - i) % DC_CONGESTION_TRAINS];
    bool is_narrow = count < 3 || (stretched >= 2 && line_bps(c) < NARROW_FACTOR * (uint64_t)c->target_bps);
    return is_narrow || c->queue_us > QUEUE_LONG_US;
}

int64_t
dc_congestion_queue_us(const struct dc_congestion *c, int64_t now_us)
{
    uint32_t unseen_bytes = c->sent_bytes - c->acknowledged_sent_bytes;
    int64_t queue_us = c->queue_us + (int64_t)unseen_bytes * 8000000 / line_bps(c) - (now_us - c->acknowledged_send_us);
    return queue_us > 0 && c->has_arrival ? queue_us : 0;
}

static uint32_t
clamp_target(const struct dc_congestion *c, double bps)
{
    return bps < c->config.min_bps ? c->config.min_bps : bps > c->config.max_bps ? c->config.max_bps : (uint32_t)bps;
}

static void
lower(struct dc_congestion *c, double bps, int64_t now_us)
{
    if (bps < c->target_bps)
        c->target_bps = clamp_target(c, bps);
    c->lowered_us = c->calm_since_us = now_us;
}

/* The line is full: what came through is what there is. */
static void
lower_for_delay(struct dc_congestion *c, int64_t now_us)
{
    if (now_us - c->lowered_us < LOWER_PAUSE_US)
        return;
    uint32_t measured_bps = line_bps(c);
    if (c->received_bps && c->received_bps < measured_bps && c->queue_us > QUEUE_CALM_US)
        measured_bps = c->received_bps;
    if (measured_bps > c->target_bps)
        measured_bps = c->target_bps;
    lower(c, 0.85 * measured_bps, now_us);
}

static void
raise_target(struct dc_congestion *c, int64_t now_us)
{
    if (c->queue_us > QUEUE_CALM_US) {
        c->calm_since_us = now_us;
        return;
    }
    if (now_us - c->calm_since_us < CALM_US || now_us - c->raised_us < RAISE_STEP_US)
        return;
    c->raised_us = now_us;
    // Even the slowest of the last frames came through faster than this: room that is known to be there.
    uint32_t room_bps = train_bps(c, 6, 1);
    double slow = c->target_bps * 1.008 + 2000; // 8 % a second
    double fast = c->target_bps * 1.12;
    double limit = 0.8 * room_bps;
    c->target_bps = clamp_target(c, fast < limit ? fast : slow);
}

/* Everything older than what was acknowledged has had its chance, a few packets for overtaking aside. */
static void
settle(struct dc_congestion *c, int64_t newest_acknowledged, int64_t now_us)
{
    const int64_t reordering = 16;
    if (c->settled_number < c->newest_number - DC_CONGESTION_PACKETS)
        c->settled_number = c->newest_number - DC_CONGESTION_PACKETS;
    while (c->settled_number < newest_acknowledged - reordering) {
        const struct dc_sent_packet *packet = find_sent(c, ++c->settled_number);
        if (packet && packet->reported)
            dc_loss_estimate_push(&c->loss, !packet->acknowledged, now_us);
    }
}

static void
handle_arrival(struct dc_congestion *c, struct dc_sent_packet *packet, int64_t arrival_us, int64_t now_us)
{
    packet->acknowledged = true;
    c->has_arrival = true;
    c->arrival_us = arrival_us;
    note_received(c, packet->size_bytes, arrival_us);
    if (packet->send_us < c->acknowledged_send_us)
        return;
    note_delay(c, arrival_us - packet->send_us, now_us);
    c->acknowledged_send_us = packet->send_us;
    c->acknowledged_sent_bytes = packet->bytes_before + packet->size_bytes;
    int64_t round_trip_us = now_us - packet->send_us;
    if (!c->round_trip_us || round_trip_us < c->round_trip_us)
        c->round_trip_us = round_trip_us;
    else
        c->round_trip_us += (round_trip_us - c->round_trip_us) / 4096;
    add_to_group(c, packet, arrival_us);
}

void
dc_congestion_handle_feedback(struct dc_congestion *c, struct dc_transport_feedback *feedback, int64_t now_us)
{
    struct dc_sequence_unwrapper sent = { c->newest_number, true };
    struct dc_transport_status status;
    int64_t newest = 0;
    while (dc_transport_feedback_next(feedback, &status)) {
        int64_t number = dc_sequence_peek(&sent, status.sequence);
        struct dc_sent_packet *packet = find_sent(c, number);
        if (packet)
            packet->reported = true;
        if (!status.received || !packet || packet->acknowledged)
            continue;
        handle_arrival(c, packet, unwrap_arrival(c, status.arrival_us), now_us);
        newest = number;
    }
    if (!newest) // nothing new: a peer cannot keep a silent line alive with repetitions
        return;
    c->feedback_us = now_us;
    settle(c, newest, now_us);
    if (c->trend.state == DC_DELAY_OVERUSE && is_line_narrow(c))
        lower_for_delay(c, now_us);
    else if (dc_loss_estimate_recent(&c->loss) > LOSS_LIMIT) {
        if (now_us - c->lowered_us > 500000) {
            c->lowered_for_loss++;
            lower(c, c->target_bps * (1 - 0.5 * dc_loss_estimate_recent(&c->loss)), now_us);
        }
    } else {
        raise_target(c, now_us);
    }
}

uint32_t
dc_congestion_target_bps(const struct dc_congestion *c)
{
    return c->target_bps;
}

uint32_t
dc_congestion_pacing_bps(const struct dc_congestion *c, int64_t now_us)
{
    bool growing = c->trend.state == DC_DELAY_OVERUSE || dc_congestion_queue_us(c, now_us) > 2 * QUEUE_CALM_US;
    uint64_t bps = (uint64_t)c->target_bps * (growing ? 2 : PACING_FACTOR);
    return bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps;
}

bool
dc_congestion_may_encode(struct dc_congestion *c, int64_t now_us)
{
    // Nothing was heard for long although something is on its way: the line is down. A frame now and then shows when it
    // is back; the rest would only be lost, and with them the references.
    bool waits = c->sent_bytes != c->acknowledged_sent_bytes && c->has_arrival;
    if (waits && now_us - c->feedback_us > SILENCE_US + c->round_trip_us &&
        now_us - c->acknowledged_send_us > SILENCE_US + c->round_trip_us) {
        if (now_us - c->silent_frame_us < SILENT_FRAME_US)
            return false;
        c->silent_frame_us = now_us;
        return true;
    }
    int64_t queue_us = dc_congestion_queue_us(c, now_us);
    if (queue_us > QUEUE_SKIP_US && is_line_narrow(c))
        c->is_draining = true;
    else if (queue_us < QUEUE_RESUME_US)
        c->is_draining = false;
    return !c->is_draining;
}
