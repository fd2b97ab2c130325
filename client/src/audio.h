#ifndef DC_CLIENT_AUDIO_H
#define DC_CLIENT_AUDIO_H
/*
 * Opus packets → PCM in time for the sound card: decodes what arrives into a ring, conceals what was lost, and keeps the
 * ring as short as the arrivals allow: an underrun lengthens it by 5 ms, a second in which it was never needed shortens
 * it. Never touches the picture's time. Thread-safe; 48 kHz stereo s16.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <protocol/rtp/rtp.h>

#define DC_AUDIO_RATE_HZ 48000
#define DC_AUDIO_RING_FRAMES 24000 // half a second

struct OpusDecoder;

struct dc_audio_stats {
    uint64_t packets, lost, underruns;
    double energy;    // Σ of squares of samples in −1 … 1
    uint64_t samples; // that energy sums over
    uint32_t buffered_ms, target_ms;
};

struct dc_audio {
    pthread_mutex_t lock;
    struct OpusDecoder *opus; // owned; protected by lock, as all below
    int16_t ring[DC_AUDIO_RING_FRAMES * 2];
    uint32_t read, count;     // frames
    uint32_t target;          // frames to hold before playing
    uint32_t lowest, elapsed; // of the current second: how much was never needed
    bool playing;             // false: filling up to the target
    bool ran_dry;             // the last pull wanted more than there was
    bool started;
    uint16_t next_sequence;
    uint32_t next_timestamp;
    struct dc_audio_stats stats;
};

bool dc_audio_init(struct dc_audio *audio);
void dc_audio_finish(struct dc_audio *audio);
/* Packets of another sequence follow. */
void dc_audio_restart(struct dc_audio *audio);
void dc_audio_push(struct dc_audio *audio, const struct dc_rtp_packet *packet);
/* Always fills `frame_count` frames, with silence where there is nothing. */
void dc_audio_pull(struct dc_audio *audio, int16_t *samples, uint32_t frame_count);
void dc_audio_get_stats(struct dc_audio *audio, struct dc_audio_stats *stats);

#endif
