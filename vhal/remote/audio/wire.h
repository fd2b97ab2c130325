#ifndef DC_VHAL_REMOTE_AUDIO_WIRE_H
#define DC_VHAL_REMOTE_AUDIO_WIRE_H
/*
 * Between the ALSA plug-in (guest) and the audio HAL (supervisor): one SOCK_SEQPACKET connection to $DROIDCLOUD_AUDIO
 * and one shared ring per PCM stream.
 *
 *      guest                                          supervisor
 *        connect ───────────────────────────────────►  memfd, sealed against shrinking and growing
 *        ◄── dc_audio_hello + the memfd ─────────────
 *        samples → ring, write_frames += n
 *        ── START ──────────────────────────────────►  the period clock runs
 *        ◄── EVENT ──────────────────────────────────  read_frames reached wake_at_frames
 *        ── STOP(serial) ───────────────────────────►  drops what is queued, touches the ring no more
 *        ◄── STOPPED(serial) ────────────────────────
 *
 * Events are messages, not writes to a shared eventfd: the guest could make such a write block (fcntl on the shared
 * description, a full counter), a send with MSG_DONTWAIT it cannot.
 */
#include <stdatomic.h>
#include <stdint.h>

#define DC_AUDIO_MAGIC 0x55414344u // "DCAU"
#define DC_AUDIO_VERSION 1u
#define DC_AUDIO_RATE 48000u
#define DC_AUDIO_CHANNELS 2u
#define DC_AUDIO_CAPACITY_FRAMES 16384u // a power of two
#define DC_AUDIO_FRAME_BYTES (DC_AUDIO_CHANNELS * sizeof(int16_t))

struct dc_audio_hello {
    uint32_t magic, version;
    uint32_t rate, channels;
    uint32_t capacity_frames;
    uint32_t period_frames; // of the supervisor's clock
};

enum dc_audio_op {
    DC_AUDIO_START = 1,
    DC_AUDIO_STOP = 2,
    DC_AUDIO_PAUSE = 3,
    DC_AUDIO_RESUME = 4,
    DC_AUDIO_DRAIN = 5, // plays what is queued, then stops by itself

    DC_AUDIO_EVENT = 16,
    DC_AUDIO_STOPPED = 17,
};

struct dc_audio_message {
    uint32_t op;
    uint32_t serial; // STOP, STOPPED
};

/* Positions count frames since the stream was opened and never go back; the sample of frame n is at n % capacity. */
struct dc_audio_ring {
    _Atomic uint64_t write_frames;   // written by the guest only
    _Atomic uint64_t wake_at_frames; // written by the guest only: send EVENT once read_frames is there
    uint8_t pad0[48];
    _Atomic uint64_t read_frames; // written by the supervisor only, which keeps its own copy and never reads it back
    uint8_t pad1[56];
    int16_t samples[DC_AUDIO_CAPACITY_FRAMES * DC_AUDIO_CHANNELS];
};
_Static_assert(sizeof(struct dc_audio_ring) == 128 + DC_AUDIO_CAPACITY_FRAMES * 4, "shared layout");

#endif
