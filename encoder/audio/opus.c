/*
 * Opus in its restricted low delay mode (CELT only): frame_ms + 2.5 ms of algorithmic delay.
 *
 * Silence: digital silence, which is what a paused game plays, is not given to the codec after a hang-over that lets it
 * fade out; it costs neither packets nor CPU. RTP time goes on; the client plays silence where nothing came. Opus' own
 * DTX stays off: its detector listens for speech and takes a game's quiet ambience for a pause.
 */
#define DC_LOG_COMPONENT "encoder"
#include <encoder/audio/encoder.h>

#include <stdlib.h>
#include <string.h>

#include <opus.h>

#include <common/log.h>

#define RATE 48000u
#define CHANNELS 2u
#define MAX_PACKET_BYTES 1275u
#define MAX_FRAME_SAMPLES (RATE / 100)
#define HANG_OVER_MS 60u

struct dc_audio_encoder {
    const struct dc_audio_encoder_listener *listener;
    void *user;
    OpusEncoder *codec; // owned
    uint32_t frame_samples, frame_ms;
    bool dtx;
    bool started;
    uint64_t timestamp; // 48 kHz: of pending[0]
    int64_t time_us;    // the same moment on the caller's clock, without its jitter
    uint32_t pending_samples;
    uint32_t silent_ms; // digital silence so far
    int16_t pending[MAX_FRAME_SAMPLES * CHANNELS];
};

struct dc_audio_encoder *
dc_audio_encoder_create(const struct dc_audio_encoder_config *config, const struct dc_audio_encoder_listener *listener,
                        void *user)
{
    struct dc_audio_encoder *e;
    const uint32_t bitrate_kbps = config->bitrate_kbps ? config->bitrate_kbps : 128;
    int error = OPUS_OK;

    if (config->frame_ms != 5 && config->frame_ms != 10) {
        dc_error("opus: frames of %u ms; 5 or 10 are possible", config->frame_ms);
        return NULL;
    }
    e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->listener = listener;
    e->user = user;
    e->frame_ms = config->frame_ms;
    e->frame_samples = RATE / 1000 * config->frame_ms;
    e->dtx = config->dtx;
    e->codec = opus_encoder_create(RATE, CHANNELS, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
    if (!e->codec) {
        dc_error("opus: cannot create an encoder: %s", opus_strerror(error));
        goto fail;
    }
    if (opus_encoder_ctl(e->codec, OPUS_SET_BITRATE((opus_int32)(bitrate_kbps * 1000))) != OPUS_OK) {
        dc_error("opus: refused %u kb/s", bitrate_kbps);
        goto fail;
    }
    // Measured on tones, chords and noise in 5 ms frames: 5 → 10 is 0.5 → 0.8 % of a core and 0.8 dB less error.
    opus_encoder_ctl(e->codec, OPUS_SET_COMPLEXITY(10));
    return e;
fail:
    dc_audio_encoder_destroy(e);
    return NULL;
}

void
dc_audio_encoder_destroy(struct dc_audio_encoder *e)
{
    if (!e)
        return;
    if (e->codec)
        opus_encoder_destroy(e->codec);
    free(e);
}

static bool
is_silent(const struct dc_audio_encoder *e)
{
    for (uint32_t i = 0; i < e->frame_samples * CHANNELS; i++)
        if (e->pending[i])
            return false;
    return true;
}

/* Encodes the full frame in `pending` (or skips it) and moves on. */
static bool
encode_pending(struct dc_audio_encoder *e)
{
    struct dc_packet packet = {
        .kind = DC_PACKET_AUDIO_OPUS,
        .duration = e->frame_samples,
        .timestamp = e->timestamp,
    };
    uint8_t data[MAX_PACKET_BYTES];
    opus_int32 size_bytes = 0;

    e->silent_ms = is_silent(e) ? e->silent_ms + e->frame_ms : 0;
    if (!e->dtx || e->silent_ms <= HANG_OVER_MS) {
        size_bytes = opus_encode(e->codec, e->pending, (int)e->frame_samples, data, sizeof(data));
        if (size_bytes < 0)
            dc_error("opus: %s", opus_strerror(size_bytes));
    } else if (e->silent_ms > 1u << 30) {
        e->silent_ms = 1u << 30;
    }
    e->pending_samples = 0;
    e->timestamp += e->frame_samples;
    e->time_us += (int64_t)e->frame_ms * 1000;
    if (size_bytes > 0) {
        packet.data = data;
        packet.size_bytes = (size_t)size_bytes;
        e->listener->handle_packet(e->user, &packet);
    }
    return size_bytes >= 0;
}

/* The samples that follow start at `time_us`: completes the open frame with silence and lets RTP time go on. */
static bool
skip_gap(struct dc_audio_encoder *e, int64_t time_us)
{
    bool ok = true;

    if (e->pending_samples) {
        memset(e->pending + e->pending_samples * CHANNELS, 0,
               (e->frame_samples - e->pending_samples) * CHANNELS * sizeof(e->pending[0]));
        ok = encode_pending(e);
    }
    if (time_us > e->time_us) {
        e->timestamp += (uint64_t)(time_us - e->time_us) * 48 / 1000;
        e->time_us = time_us;
    }
    return ok;
}

bool
dc_audio_encoder_push(struct dc_audio_encoder *e, int64_t time_us, const int16_t *samples, uint32_t frame_count)
{
    bool ok = true;

    if (!e->started) {
        e->started = true;
        e->time_us = time_us;
        e->timestamp = (uint64_t)(time_us < 0 ? 0 : time_us) * 48 / 1000;
    }
    // Within a frame's length it is the caller's jitter; the count of samples is the better clock.
    const int64_t expected_us = e->time_us + (int64_t)e->pending_samples * 1000 / 48;
    if (time_us - expected_us >= (int64_t)e->frame_ms * 1000)
        ok = skip_gap(e, time_us);

    while (frame_count) {
        const uint32_t space = e->frame_samples - e->pending_samples;
        const uint32_t n = frame_count < space ? frame_count : space;

        memcpy(e->pending + e->pending_samples * CHANNELS, samples, n * CHANNELS * sizeof(samples[0]));
        e->pending_samples += n;
        samples += n * CHANNELS;
        frame_count -= n;
        if (e->pending_samples == e->frame_samples)
            ok = encode_pending(e) && ok;
    }
    return ok;
}
