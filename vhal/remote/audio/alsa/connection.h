#ifndef DC_VHAL_REMOTE_AUDIO_ALSA_CONNECTION_H
#define DC_VHAL_REMOTE_AUDIO_ALSA_CONNECTION_H
/* The plug-in's end of ../wire.h. Thread-safe where noted: an application may drain on one thread and poll on another. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../wire.h"

struct connection {
    int fd; // owned
    struct dc_audio_ring *ring; // owned mapping
    uint32_t period_frames;
    pthread_mutex_t lock;
    uint32_t stop_serial, stopped_serial; // protected by lock
    bool broken;                          // protected by lock
};

/* 0, or -errno. */
int connection_open(struct connection *c, const char *path);
void connection_close(struct connection *c);
/* 0, or -ENODEV when the supervisor is gone. */
int connection_send(struct connection *c, enum dc_audio_op op);
/* Until the supervisor has dropped what was queued. */
int connection_stop(struct connection *c);
/* Takes what arrived. -ENODEV when the supervisor is gone. Thread-safe. */
int connection_receive(struct connection *c);
/* Until a message arrives, at most timeout_ms. */
void connection_wait(struct connection *c, int timeout_ms);

#endif
