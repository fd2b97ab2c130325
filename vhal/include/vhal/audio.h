#ifndef DC_VHAL_AUDIO_H
#define DC_VHAL_AUDIO_H
/*
 * The audio HAL, supervisor's side: ALSA PCM plug-in streams of the guest come in over a Unix socket with a shared PCM
 * ring each, are clocked and mixed here (48 kHz stereo s16, underrun is silence and counted, a closed stream wakes
 * nobody) and leave as periods. The guest's side is vhal/remote/audio/alsa (libasound_module_pcm_droidcloud.so); its
 * environment: ALSA_CONFIG_PATH (droidcloud.conf beside it), DROIDCLOUD_ALSA_PLUGIN (the .so), DROIDCLOUD_AUDIO.
 * One thread: that of dispatch().
 */
#include <stdint.h>

struct dc_audio_hal;

struct dc_audio_hal_listener {
    /* Required. One mixed period; only while at least one stream runs, and of digital silence no more than 100 ms at a
     * time (to the encoder a gap in time_us is silence). */
    void (*handle_period)(void *user, int64_t time_us, const int16_t *samples, uint32_t frame_count);
};

struct dc_audio_hal_config {
    const char *socket_path; // also $DROIDCLOUD_AUDIO for the guest
    uint32_t period_ms;      // 5 or 10
};

struct dc_audio_hal_stats {
    uint64_t periods; // of the clock, silent ones included
    uint64_t underruns, streams_opened;
    uint32_t streams_running;
};

struct dc_audio_hal *dc_audio_hal_create(const struct dc_audio_hal_config *config,
                                         const struct dc_audio_hal_listener *listener, void *user);
void dc_audio_hal_destroy(struct dc_audio_hal *hal);
int dc_audio_hal_fd(const struct dc_audio_hal *hal); // an epoll fd: listening socket, streams, period timer
void dc_audio_hal_dispatch(struct dc_audio_hal *hal);
void dc_audio_hal_get_stats(const struct dc_audio_hal *hal, struct dc_audio_hal_stats *stats);

#endif
