/*
 * libasound_module_pcm_droidcloud.so: the guest's default PCM. alsa-lib loads it into the application (droidcloud.conf);
 * it writes 48 kHz s16 stereo into the ring that the supervisor consumes at its clock (../wire.h), and alsa-lib's
 * `plug` converts whatever else the application has.
 *
 * Descriptors to poll: the connection (the supervisor's EVENT, or its end) and an eventfd of ours that is readable
 * exactly while avail_min frames are free, because alsa's contract is level-triggered and messages are not.
 *
 * An underrun is silence: the position stands still and the stream keeps running; no -EPIPE to recover from.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

#include "connection.h"

#define MIN_PERIOD_FRAMES 120
#define MAX_BUFFER_FRAMES 8192 // 171 ms: what programs get that ask for as much as there is

struct plugin {
    snd_pcm_ioplug_t io;
    struct connection connection;
    int ready_fd; // owned
    bool ready;   // ready_fd is readable; protected by connection.lock
    bool started; // the supervisor may be reading the ring
    uint64_t base_frames; // ring position of the PCM's position 0
    snd_pcm_uframes_t boundary, avail_min;
};

static uint64_t
load(const _Atomic uint64_t *position)
{
    return atomic_load((_Atomic uint64_t *)position);
}

static uint64_t
queued_frames(const struct plugin *p)
{
    const uint64_t read_frames = load(&p->connection.ring->read_frames);
    const uint64_t write_frames = load(&p->connection.ring->write_frames);

    return write_frames > read_frames ? write_frames - read_frames : 0;
}

/* Makes ready_fd say whether avail_min frames are free. Returns that. */
static bool
update_ready(struct plugin *p)
{
    const uint64_t one = 1;
    uint64_t value;
    bool ready;

    pthread_mutex_lock(&p->connection.lock);
    ready = queued_frames(p) + p->avail_min <= p->io.buffer_size;
    if (ready && !p->ready)
        (void)!write(p->ready_fd, &one, sizeof(one));
    else if (!ready && p->ready)
        (void)!read(p->ready_fd, &value, sizeof(value));
    p->ready = ready;
    pthread_mutex_unlock(&p->connection.lock);
    return ready;
}

/* Asks for an EVENT once avail_min frames are free. */
static void
update_wake(struct plugin *p)
{
    const uint64_t write_frames = load(&p->connection.ring->write_frames);
    const uint64_t keep = p->io.buffer_size > p->avail_min ? p->io.buffer_size - p->avail_min : 0;

    atomic_store(&p->connection.ring->wake_at_frames, write_frames > keep ? write_frames - keep : 0);
}

static int
plugin_start(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;

    p->started = true;
    return connection_send(&p->connection, DC_AUDIO_START);
}

static int
plugin_stop(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;

    if (!p->started)
        return 0;
    p->started = false;
    return connection_stop(&p->connection);
}

static int
plugin_pause(snd_pcm_ioplug_t *io, int enable)
{
    struct plugin *p = io->private_data;

    return connection_send(&p->connection, enable ? DC_AUDIO_PAUSE : DC_AUDIO_RESUME);
}

static int
plugin_prepare(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    const int error = plugin_stop(io);

    if (error < 0)
        return error;
    p->base_frames = load(&p->connection.ring->read_frames);
    atomic_store(&p->connection.ring->write_frames, p->base_frames);
    update_wake(p);
    update_ready(p);
    return 0;
}

static snd_pcm_sframes_t
plugin_pointer(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;

    if (connection_receive(&p->connection) < 0)
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
    return (snd_pcm_sframes_t)((load(&p->connection.ring->read_frames) - p->base_frames) % p->boundary);
}

/* Where the application's next frame goes. Not simply after the last one: it may have rewound. */
static uint64_t
write_position(const struct plugin *p)
{
    const uint64_t last = load(&p->connection.ring->write_frames);
    snd_pcm_sframes_t moved = (snd_pcm_sframes_t)(p->io.appl_ptr - (last - p->base_frames) % p->boundary);

    if (moved > (snd_pcm_sframes_t)(p->boundary / 2))
        moved -= (snd_pcm_sframes_t)p->boundary;
    else if (moved < -(snd_pcm_sframes_t)(p->boundary / 2))
        moved += (snd_pcm_sframes_t)p->boundary;
    return last + (uint64_t)moved;
}

static snd_pcm_sframes_t
plugin_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset,
                snd_pcm_uframes_t size)
{
    struct plugin *p = io->private_data;
    struct dc_audio_ring *ring = p->connection.ring;
    const uint64_t position = write_position(p);
    const char *from = (const char *)areas->addr + areas->first / 8 + offset * DC_AUDIO_FRAME_BYTES;
    const snd_pcm_uframes_t at = position % DC_AUDIO_CAPACITY_FRAMES;
    const snd_pcm_uframes_t until_end = DC_AUDIO_CAPACITY_FRAMES - at, first = size < until_end ? size : until_end;

    memcpy(ring->samples + at * DC_AUDIO_CHANNELS, from, first * DC_AUDIO_FRAME_BYTES);
    memcpy(ring->samples, from + first * DC_AUDIO_FRAME_BYTES, (size - first) * DC_AUDIO_FRAME_BYTES);
    atomic_store(&ring->write_frames, position + size);
    update_wake(p);
    update_ready(p);
    return (snd_pcm_sframes_t)size;
}

static int
plugin_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay)
{
    struct plugin *p = io->private_data;

    *delay = (snd_pcm_sframes_t)(queued_frames(p) + (p->started ? p->connection.period_frames : 0));
    return 0;
}

static int
plugin_drain(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    uint64_t rounds = queued_frames(p) / (DC_AUDIO_RATE / 100) + 200; // of 10 ms: its length and 2 s

    atomic_store(&p->connection.ring->wake_at_frames, load(&p->connection.ring->write_frames));
    p->started = true;
    if (connection_send(&p->connection, DC_AUDIO_DRAIN) < 0)
        return -ENODEV;
    while (queued_frames(p)) {
        if (io->nonblock)
            return -EAGAIN;
        if (connection_receive(&p->connection) < 0)
            return -ENODEV;
        if (!rounds--)
            return -EIO;
        connection_wait(&p->connection, 10);
    }
    return 0;
}

static int
plugin_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params)
{
    struct plugin *p = io->private_data;
    snd_pcm_uframes_t avail_min = 1;

    snd_pcm_sw_params_get_boundary(params, &p->boundary);
    snd_pcm_sw_params_get_avail_min(params, &avail_min);
    p->avail_min = avail_min < 1 ? 1 : avail_min > io->buffer_size ? io->buffer_size : avail_min;
    update_wake(p);
    update_ready(p);
    return 0;
}

static int
plugin_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params)
{
    struct plugin *p = io->private_data;

    p->avail_min = io->period_size;
    p->boundary = io->buffer_size;
    while (p->boundary * 2 <= (snd_pcm_uframes_t)LONG_MAX - io->buffer_size)
        p->boundary *= 2;
    return 0;
}

static int
plugin_poll_descriptors_count(snd_pcm_ioplug_t *io)
{
    return 2;
}

static int
plugin_poll_descriptors(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int space)
{
    struct plugin *p = io->private_data;

    if (space < 2)
        return 0;
    fds[0] = (struct pollfd){.fd = p->ready_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = p->connection.fd, .events = POLLIN};
    return 2;
}

static int
plugin_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int count, unsigned short *revents)
{
    struct plugin *p = io->private_data;

    if (connection_receive(&p->connection) < 0)
        *revents = POLLERR | POLLHUP;
    else if (io->state == SND_PCM_STATE_PAUSED)
        *revents = 0;
    else
        *revents = update_ready(p) ? POLLOUT : 0;
    return 0;
}

static int
plugin_close(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;

    connection_close(&p->connection);
    close(p->ready_fd);
    free(p);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = plugin_start,
    .stop = plugin_stop,
    .pointer = plugin_pointer,
    .transfer = plugin_transfer,
    .close = plugin_close,
    .hw_params = plugin_hw_params,
    .sw_params = plugin_sw_params,
    .prepare = plugin_prepare,
    .drain = plugin_drain,
    .pause = plugin_pause,
    .poll_descriptors_count = plugin_poll_descriptors_count,
    .poll_descriptors = plugin_poll_descriptors,
    .poll_revents = plugin_poll_revents,
    .delay = plugin_delay,
};

static int
set_constraints(snd_pcm_ioplug_t *io)
{
    static const unsigned int access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
    static const unsigned int format[] = {SND_PCM_FORMAT_S16};
    static const struct {
        int type;
        unsigned int min, max;
    } ranges[] = {
        {SND_PCM_IOPLUG_HW_CHANNELS, DC_AUDIO_CHANNELS, DC_AUDIO_CHANNELS},
        {SND_PCM_IOPLUG_HW_RATE, DC_AUDIO_RATE, DC_AUDIO_RATE},
        {SND_PCM_IOPLUG_HW_PERIOD_BYTES, MIN_PERIOD_FRAMES * DC_AUDIO_FRAME_BYTES,
         MAX_BUFFER_FRAMES / 2 * DC_AUDIO_FRAME_BYTES},
        {SND_PCM_IOPLUG_HW_BUFFER_BYTES, 4 * MIN_PERIOD_FRAMES * DC_AUDIO_FRAME_BYTES,
         MAX_BUFFER_FRAMES * DC_AUDIO_FRAME_BYTES},
        {SND_PCM_IOPLUG_HW_PERIODS, 2, MAX_BUFFER_FRAMES / MIN_PERIOD_FRAMES},
    };
    int error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);

    if (error >= 0)
        error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && error >= 0; i++)
        error = snd_pcm_ioplug_set_param_minmax(io, ranges[i].type, ranges[i].min, ranges[i].max);
    return error;
}

/* `type` and the generic fields are alsa-lib's; there is nothing else to say in the configuration. */
static int
check_config(snd_config_t *conf)
{
    snd_config_iterator_t i, next;

    snd_config_for_each(i, next, conf) {
        const char *id;

        if (snd_config_get_id(snd_config_iterator_entry(i), &id) < 0)
            continue;
        if (strcmp(id, "type") && strcmp(id, "comment") && strcmp(id, "hint")) {
            SNDERR("droidcloud: unknown field %s", id);
            return -EINVAL;
        }
    }
    return 0;
}

#pragma GCC visibility push(default) // what alsa-lib looks up with dlsym
SND_PCM_PLUGIN_DEFINE_FUNC(droidcloud);
SND_PCM_PLUGIN_SYMBOL(droidcloud)
#pragma GCC visibility pop

SND_PCM_PLUGIN_DEFINE_FUNC(droidcloud)
{
    const char *path = getenv("DROIDCLOUD_AUDIO");
    struct plugin *p;
    int error = check_config(conf);

    if (error < 0)
        return error;
    if (stream != SND_PCM_STREAM_PLAYBACK)
        return -ENODEV;
    if (!path) {
        SNDERR("droidcloud: DROIDCLOUD_AUDIO is not set");
        return -ENODEV;
    }
    p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    error = p->ready_fd < 0 ? -errno : connection_open(&p->connection, path);
    if (error < 0) {
        SNDERR("droidcloud: %s: %s", path, strerror(-error));
        goto fail;
    }
    p->io.version = SND_PCM_IOPLUG_VERSION;
    p->io.name = "droidcloud";
    p->io.callback = &callbacks;
    p->io.private_data = p;
    p->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    error = snd_pcm_ioplug_create(&p->io, name, stream, mode);
    if (error < 0)
        goto fail_connection;
    error = set_constraints(&p->io);
    if (error < 0) {
        snd_pcm_ioplug_delete(&p->io); // calls plugin_close
        return error;
    }
    *pcmp = p->io.pcm;
    return 0;
fail_connection:
    connection_close(&p->connection);
fail:
    if (p->ready_fd >= 0)
        close(p->ready_fd);
    free(p);
    return error;
}
