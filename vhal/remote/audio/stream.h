#ifndef DC_VHAL_REMOTE_AUDIO_STREAM_H
#define DC_VHAL_REMOTE_AUDIO_STREAM_H
/* One PCM stream of a guest, supervisor's side. HAL thread only. The guest is hostile: of the ring only positions are
 * read, once each, and clamped; samples may be anything. */
#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

enum dc_audio_stream_state {
    DC_AUDIO_STREAM_STOPPED,
    DC_AUDIO_STREAM_RUNNING,
    DC_AUDIO_STREAM_PAUSED,
    DC_AUDIO_STREAM_DRAINING,
};

struct dc_audio_stream {
    struct dc_audio_stream *next;
    int fd; // owned
    struct dc_audio_ring *ring; // owned mapping
    enum dc_audio_stream_state state;
    uint64_t read_frames;
    uint64_t event_sent_for; // wake_at_frames of the last EVENT
    bool starved;            // ran dry in the last period: one underrun is counted for the whole stretch
    bool dead;               // to be destroyed by the HAL
};

/* Takes ownership of the connection, even on failure (NULL, logged). Sends the hello. */
struct dc_audio_stream *dc_audio_stream_create(int fd, uint32_t period_frames);
void dc_audio_stream_destroy(struct dc_audio_stream *stream);
/* Handles what the guest sent; sets `dead` at the end of the connection or at nonsense. */
void dc_audio_stream_dispatch(struct dc_audio_stream *stream);
/* Does the stream need the period clock? */
bool dc_audio_stream_is_running(const struct dc_audio_stream *stream);
/* Adds up to `frame_count` frames to `mix` and moves on. true: an underrun began here. */
bool dc_audio_stream_mix(struct dc_audio_stream *stream, int32_t *mix, uint32_t frame_count);

#endif
