#define DC_LOG_COMPONENT "audio"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/log.h>

#define MESSAGES_PER_DISPATCH 16
#define NO_EVENT UINT64_MAX

static int
create_ring(struct dc_audio_ring **ring)
{
    const int fd = memfd_create("dc-audio", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    *ring = NULL;
    if (fd < 0)
        return -1;
    // Sealed before the guest sees it: nobody can take the pages away under the supervisor's mapping (SIGBUS).
    if (ftruncate(fd, sizeof(**ring)) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        goto fail;
    *ring = mmap(NULL, sizeof(**ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*ring != MAP_FAILED)
        return fd;
    *ring = NULL;
fail:
    close(fd);
    return -1;
}

static bool
send_hello(int fd, int memfd, uint32_t period_frames)
{
    struct dc_audio_hello hello = {
        .magic = DC_AUDIO_MAGIC,
        .version = DC_AUDIO_VERSION,
        .rate = DC_AUDIO_RATE,
        .channels = DC_AUDIO_CHANNELS,
        .capacity_frames = DC_AUDIO_CAPACITY_FRAMES,
        .period_frames = period_frames,
    };
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &memfd, sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(hello);
}

struct dc_audio_stream *
dc_audio_stream_create(int fd, uint32_t period_frames)
{
    struct dc_audio_stream *stream = calloc(1, sizeof(*stream));
    int memfd = -1;

    if (!stream) {
        close(fd);
        return NULL;
    }
    *stream = (struct dc_audio_stream){.fd = fd, .event_sent_for = NO_EVENT};
    memfd = create_ring(&stream->ring);
    if (memfd < 0) {
        dc_error("cannot make a PCM ring: %s", strerror(errno));
        goto fail;
    }
    if (!send_hello(fd, memfd, period_frames)) {
        dc_warn("a PCM stream went away while it was opened");
        goto fail;
    }
    close(memfd);
    return stream;
fail:
    if (memfd >= 0)
        close(memfd);
    dc_audio_stream_destroy(stream);
    return NULL;
}

void
dc_audio_stream_destroy(struct dc_audio_stream *stream)
{
    if (!stream)
        return;
    if (stream->ring)
        munmap(stream->ring, sizeof(*stream->ring));
    close(stream->fd);
    free(stream);
}

/* A full socket loses the message: a guest that reads nothing harms itself only. */
static void
send_message(struct dc_audio_stream *stream, enum dc_audio_op op, uint32_t serial)
{
    const struct dc_audio_message message = {.op = op, .serial = serial};

    (void)!send(stream->fd, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Frames that wait. A position that makes no sense (behind, or further than the ring is long) counts as nothing. */
static uint64_t
queued_frames(const struct dc_audio_stream *stream)
{
    const uint64_t write_frames = atomic_load_explicit(&stream->ring->write_frames, memory_order_acquire);
    const uint64_t queued = write_frames - stream->read_frames;

    return queued <= DC_AUDIO_CAPACITY_FRAMES ? queued : 0;
}

static void
advance(struct dc_audio_stream *stream, uint64_t frames)
{
    stream->read_frames += frames;
    atomic_store(&stream->ring->read_frames, stream->read_frames);
}

static void
handle_message(struct dc_audio_stream *stream, const struct dc_audio_message *message)
{
    switch (message->op) {
    case DC_AUDIO_START:
    case DC_AUDIO_RESUME:
        stream->state = DC_AUDIO_STREAM_RUNNING;
        stream->starved = false;
        break;
    case DC_AUDIO_PAUSE:
        stream->state = DC_AUDIO_STREAM_PAUSED;
        break;
    case DC_AUDIO_DRAIN:
        stream->state = DC_AUDIO_STREAM_DRAINING;
        break;
    case DC_AUDIO_STOP:
        stream->state = DC_AUDIO_STREAM_STOPPED;
        stream->event_sent_for = NO_EVENT;
        advance(stream, queued_frames(stream));
        send_message(stream, DC_AUDIO_STOPPED, message->serial);
        break;
    default:
        dc_error("a PCM stream sent an unknown message (%u): closed", message->op);
        stream->dead = true;
    }
}

void
dc_audio_stream_dispatch(struct dc_audio_stream *stream)
{
    for (int i = 0; i < MESSAGES_PER_DISPATCH && !stream->dead; i++) {
        struct dc_audio_message message;
        const ssize_t n = recv(stream->fd, &message, sizeof(message), MSG_DONTWAIT | MSG_TRUNC);

        if (n == sizeof(message)) {
            handle_message(stream, &message);
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else {
            if (n > 0)
                dc_error("a PCM stream sent a message of %zd bytes: closed", n);
            stream->dead = true;
        }
    }
}

bool
dc_audio_stream_is_running(const struct dc_audio_stream *stream)
{
    return !stream->dead &&
           (stream->state == DC_AUDIO_STREAM_RUNNING || stream->state == DC_AUDIO_STREAM_DRAINING);
}

static void
mix_frames(const struct dc_audio_stream *stream, int32_t *mix, uint32_t frame_count)
{
    const int16_t *samples = stream->ring->samples;

    for (uint32_t i = 0; i < frame_count; i++) {
        const size_t at = (size_t)((stream->read_frames + i) % DC_AUDIO_CAPACITY_FRAMES) * DC_AUDIO_CHANNELS;

        mix[2 * i] += samples[at];
        mix[2 * i + 1] += samples[at + 1];
    }
}

bool
dc_audio_stream_mix(struct dc_audio_stream *stream, int32_t *mix, uint32_t frame_count)
{
    const uint64_t queued = queued_frames(stream);
    const uint32_t n = queued < frame_count ? (uint32_t)queued : frame_count;
    const bool short_now = n < frame_count && stream->state == DC_AUDIO_STREAM_RUNNING;
    const bool underrun = short_now && !stream->starved;

    mix_frames(stream, mix, n);
    advance(stream, n);
    stream->starved = short_now;
    if (stream->state == DC_AUDIO_STREAM_DRAINING && queued_frames(stream) == 0)
        stream->state = DC_AUDIO_STREAM_STOPPED;

    // Sequentially consistent on both sides: either the guest sees the new position, or we see its new wish.
    const uint64_t wake_at = atomic_load(&stream->ring->wake_at_frames);
    if (stream->read_frames >= wake_at && stream->event_sent_for != wake_at) {
        stream->event_sent_for = wake_at;
        send_message(stream, DC_AUDIO_EVENT, 0);
    }
    return underrun;
}
