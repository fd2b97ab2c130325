#define DC_LOG_COMPONENT "client"
#include "audio.h"

#include <string.h>

#include <opus/opus.h>

#include <common/log.h>
#include <protocol/rtp/opus_payload.h>

#define MS (DC_AUDIO_RATE_HZ / 1000)
#define TARGET_START (15 * MS)
#define TARGET_MIN (10 * MS)
#define TARGET_MAX (150 * MS)
#define TARGET_STEP (5 * MS)
#define SLACK (10 * MS)          // unused for a whole second, before the ring is shortened
#define FADE (2 * MS)            // over which a cut is blended
#define MAX_PACKET_FRAMES 5760   // 120 ms, the longest of Opus
#define MAX_CONCEALED 5          // packets; a longer hole is silence

bool
dc_audio_init(struct dc_audio *audio)
{
    int error;
    memset(audio, 0, sizeof(*audio));
    pthread_mutex_init(&audio->lock, NULL);
    audio->target = TARGET_START;
    audio->opus = opus_decoder_create(DC_AUDIO_RATE_HZ, 2, &error);
    if (!audio->opus)
        dc_error("no Opus decoder: %s", opus_strerror(error));
    return audio->opus != NULL;
}

void
dc_audio_finish(struct dc_audio *audio)
{
    if (audio->opus)
        opus_decoder_destroy(audio->opus);
    pthread_mutex_destroy(&audio->lock);
}

static void
measure(struct dc_audio *audio, const int16_t *samples, uint32_t frame_count)
{
    double energy = 0;
    for (uint32_t i = 0; i < 2 * frame_count; i++)
        energy += (double)samples[i] * samples[i];
    audio->stats.energy += energy / (32768.0 * 32768.0);
    audio->stats.samples += 2 * (uint64_t)frame_count;
}

static void
append(struct dc_audio *audio, const int16_t *samples, uint32_t frame_count)
{
    if (frame_count > DC_AUDIO_RING_FRAMES - audio->count) // nobody pulls: the oldest goes
        audio->count = audio->read = 0;
    for (uint32_t i = 0; i < frame_count; i++) {
        uint32_t at = (audio->read + audio->count++) % DC_AUDIO_RING_FRAMES;
        audio->ring[2 * at] = samples[2 * i];
        audio->ring[2 * at + 1] = samples[2 * i + 1];
    }
}

static void
decode(struct dc_audio *audio, const uint8_t *data, size_t size_bytes, uint32_t frame_count)
{
    int16_t samples[2 * MAX_PACKET_FRAMES];
    int n = opus_decode(audio->opus, data, (opus_int32)size_bytes, samples, (int)frame_count, 0);
    if (n <= 0)
        return;
    measure(audio, samples, (uint32_t)n);
    append(audio, samples, (uint32_t)n);
}

/* The packets before this one are missing: let the decoder invent what they may have been. */
static void
conceal(struct dc_audio *audio, uint32_t missing, uint32_t duration)
{
    audio->stats.lost += missing;
    for (uint32_t i = 0; i < missing && missing <= MAX_CONCEALED; i++)
        decode(audio, NULL, 0, duration);
}

void
dc_audio_restart(struct dc_audio *audio)
{
    pthread_mutex_lock(&audio->lock);
    audio->started = false;
    pthread_mutex_unlock(&audio->lock);
}

void
dc_audio_push(struct dc_audio *audio, const struct dc_rtp_packet *packet)
{
    uint32_t duration = dc_opus_duration(packet->payload, packet->payload_bytes);
    if (!duration || packet->payload_bytes > INT16_MAX)
        return;
    pthread_mutex_lock(&audio->lock);
    uint16_t missing = (uint16_t)(packet->sequence - audio->next_sequence);
    if (audio->started && missing && missing < 0x8000)
        conceal(audio, missing, duration);
    // A pause (DTX) empties the ring too, but then the RTP time has jumped: only a gap in arrivals is an underrun.
    if (audio->ran_dry && audio->started && packet->timestamp == audio->next_timestamp) {
        audio->stats.underruns++;
        audio->target = audio->target + TARGET_STEP < TARGET_MAX ? audio->target + TARGET_STEP : TARGET_MAX;
    }
    audio->ran_dry = false;
    audio->started = true;
    audio->next_sequence = (uint16_t)(packet->sequence + 1);
    audio->next_timestamp = packet->timestamp + duration;
    audio->stats.packets++;
    decode(audio, packet->payload, packet->payload_bytes, duration);
    pthread_mutex_unlock(&audio->lock);
}

/* Cuts `frames` out of the ring and blends over the seam. */
static void
shorten(struct dc_audio *audio, uint32_t frames)
{
    if (audio->count < frames + FADE)
        return;
    for (uint32_t i = 0; i < FADE; i++) {
        uint32_t from = (audio->read + i) % DC_AUDIO_RING_FRAMES;
        uint32_t to = (audio->read + frames + i) % DC_AUDIO_RING_FRAMES;
        for (int c = 0; c < 2; c++) {
            int32_t mix = audio->ring[2 * from + c] * (int32_t)(FADE - i) + audio->ring[2 * to + c] * (int32_t)i;
            audio->ring[2 * to + c] = (int16_t)(mix / FADE);
        }
    }
    audio->read = (audio->read + frames) % DC_AUDIO_RING_FRAMES;
    audio->count -= frames;
}

/* Once a second: what was never needed is too much. */
static void
adapt(struct dc_audio *audio, uint32_t frame_count)
{
    audio->lowest = audio->count < audio->lowest ? audio->count : audio->lowest;
    audio->elapsed += frame_count;
    if (audio->elapsed < DC_AUDIO_RATE_HZ)
        return;
    if (audio->lowest != UINT32_MAX && audio->lowest > SLACK) {
        shorten(audio, audio->lowest - SLACK / 2);
        if (audio->target > TARGET_MIN + TARGET_STEP)
            audio->target -= TARGET_STEP / 5;
    }
    audio->lowest = UINT32_MAX;
    audio->elapsed = 0;
}

static uint32_t
take(struct dc_audio *audio, int16_t *samples, uint32_t frame_count)
{
    uint32_t n = frame_count < audio->count ? frame_count : audio->count;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = (audio->read + i) % DC_AUDIO_RING_FRAMES;
        samples[2 * i] = audio->ring[2 * at];
        samples[2 * i + 1] = audio->ring[2 * at + 1];
    }
    audio->read = (audio->read + n) % DC_AUDIO_RING_FRAMES;
    audio->count -= n;
    return n;
}

void
dc_audio_pull(struct dc_audio *audio, int16_t *samples, uint32_t frame_count)
{
    uint32_t n = 0;
    pthread_mutex_lock(&audio->lock);
    // What is taken at once must be there at once, whatever the target.
    uint32_t enough = audio->target > frame_count ? audio->target : frame_count + TARGET_STEP;
    if (!audio->playing && audio->count >= enough) {
        audio->playing = true;
        audio->lowest = UINT32_MAX;
        audio->elapsed = 0;
    }
    if (audio->playing) {
        n = take(audio, samples, frame_count);
        adapt(audio, frame_count);
    }
    if (audio->playing && n < frame_count) {
        audio->playing = false;
        audio->ran_dry = true;
    }
    audio->stats.buffered_ms = audio->count / MS;
    audio->stats.target_ms = audio->target / MS;
    pthread_mutex_unlock(&audio->lock);
    memset(samples + 2 * n, 0, (size_t)(frame_count - n) * 4);
}

void
dc_audio_get_stats(struct dc_audio *audio, struct dc_audio_stats *stats)
{
    pthread_mutex_lock(&audio->lock);
    *stats = audio->stats;
    pthread_mutex_unlock(&audio->lock);
}
