/* A worker that checks bytes instead of rendering: the main thread talks, one thread per ring consumes. */
#undef NDEBUG
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <protocol/link/channel.h>
#include <protocol/link/packet_wire.h>
#include "rig.h"

struct worker_ring {
    struct dc_ring ring;
    uint64_t hash;
    pthread_t thread;
    uint32_t ring_id;
};

struct worker {
    struct dc_channel *channel;
    struct worker_ring rings[16];
    int ring_count;
    uint64_t pcm_bytes;
};

static void
reply(struct dc_ring *ring, uint32_t type, uint64_t serial, const void *payload, uint32_t size_bytes)
{
    struct dc_reply_header h = { .size_bytes = size_bytes, .type = type, .serial = serial };
    size_t whole = sizeof(h) + ((size_bytes + 7) & ~7u);
    if (!dc_ring_reply_wait(ring, whole))
        return;
    uint8_t *p = dc_ring_reply_reserve(ring, whole);
    memcpy(p, &h, sizeof(h));
    memcpy(p + sizeof(h), payload, size_bytes);
    dc_ring_reply_publish(ring, whole);
}

static void
reply_big(struct dc_ring *ring, uint32_t serial, uint32_t size_bytes)
{
    uint8_t *data = malloc(size_bytes);
    uint32_t part_bytes = ring->geometry.reply_bytes / 4;
    rig_pattern(data, size_bytes, serial);
    for (uint32_t at = 0; at < size_bytes;) {
        uint32_t n = size_bytes - at < part_bytes ? size_bytes - at : part_bytes;
        reply(ring, at + n == size_bytes ? DC_REPLY_SYNC : DC_REPLY_SYNC_PART, serial, data + at, n);
        at += n;
    }
    free(data);
}

static bool
hash_bulk(struct worker_ring *r, const uint8_t *entry)
{
    uint64_t position, size_bytes;
    memcpy(&position, entry, 8);
    memcpy(&size_bytes, entry + 8, 8);
    const void *view = dc_ring_bulk_view(&r->ring, position, size_bytes);
    if (view)
        r->hash = rig_hash(r->hash, view, size_bytes);
    return view != NULL;
}

static bool
execute(struct worker_ring *r, const uint8_t *p, size_t size_bytes)
{
    uint32_t words[3] = { 0 };
    memcpy(words, p, size_bytes < sizeof(words) ? size_bytes : sizeof(words));
    switch (words[0]) {
    case OP_DATA:
        r->hash = rig_hash(r->hash, p, size_bytes);
        for (uint32_t i = 0; i < words[1]; i++) {
            if (size_bytes < 8 + 16 * (i + 1) || !hash_bulk(r, p + 8 + 16 * i))
                return false;
        }
        return true;
    case OP_SYNC:
        reply(&r->ring, DC_REPLY_SYNC, words[1], &r->hash, sizeof(r->hash));
        return true;
    case OP_BIG:
        reply_big(&r->ring, words[1], words[2]);
        return true;
    case OP_EXIT:
        _exit(0);
    case OP_SLEEP:
        usleep(words[1] * 1000);
        return true;
    default:
        return false;
    }
}

static void *
run_ring(void *user)
{
    struct worker_ring *r = user;
    for (;;) {
        const uint8_t *data;
        size_t size_bytes;
        dc_ring_cmd_wait(&r->ring, -1);
        enum dc_ring_state state = dc_ring_get_state(&r->ring);
        if (state == DC_RING_LOST || dc_ring_cmd_peek(&r->ring, &data, &size_bytes) < 0)
            return NULL;
        if (size_bytes == 0 && state == DC_RING_CLOSED)
            return NULL;
        if (size_bytes == 0)
            continue;
        struct dc_batch_header h;
        bool whole = size_bytes >= sizeof(h);
        if (whole)
            memcpy(&h, data, sizeof(h));
        size_t batch_bytes = whole ? sizeof(h) + ((h.size_bytes + 7ul) & ~7ul) : 0;
        if (!whole || batch_bytes > size_bytes || !dc_ring_bulk_wait(&r->ring, h.bulk_end) ||
            !execute(r, data + sizeof(h), h.size_bytes)) {
            dc_ring_set_state(&r->ring, DC_RING_LOST);
            return NULL;
        }
        dc_ring_cmd_consume(&r->ring, batch_bytes, h.bulk_end);
    }
}

static void
send_control(struct worker *w, const Dc__Render__FromWorker *m)
{
    uint8_t bytes[4096];
    assert(dc__render__from_worker__get_packed_size(m) <= sizeof(bytes));
    dc_channel_send(w->channel, DC_LINK_CONTROL, 0, bytes, dc__render__from_worker__pack(m, bytes), NULL, 0);
}

static void
send_hello(struct worker *w)
{
    Dc__Render__Hello hello = DC__RENDER__HELLO__INIT;
    Dc__Render__FromWorker m = DC__RENDER__FROM_WORKER__INIT;
    m.body_case = DC__RENDER__FROM_WORKER__BODY_HELLO;
    m.hello = &hello;
    hello.gpu = (char *)"none";
    send_control(w, &m);
}

// `id` is also the size of a packet that goes out before.
static void
send_packet_and_stats(struct worker *w, uint64_t id)
{
    uint8_t *data = malloc(id + 1);
    rig_pattern(data, id, (uint32_t)id);
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = true, .meta = { .frame_id = id } };
    struct dc_writer head;
    dc_writer_init(&head);
    dc_packet_pack(&head, &packet);
    assert(dc_channel_send2(w->channel, DC_LINK_PACKET, 0, head.data, head.size_bytes, data, id) == 0);
    dc_writer_finish(&head);
    free(data);
    Dc__Render__Stats stats = DC__RENDER__STATS__INIT;
    Dc__Render__FromWorker m = DC__RENDER__FROM_WORKER__INIT;
    m.body_case = DC__RENDER__FROM_WORKER__BODY_STATS;
    m.stats = &stats;
    stats.id = id;
    stats.audio_packets = w->pcm_bytes;
    send_control(w, &m);
}

static bool
attach(struct worker *w, struct dc_channel_message *message, const Dc__Render__RingAttach *a)
{
    struct worker_ring *r = &w->rings[w->ring_count];
    if (w->ring_count == 16 || dc_ring_map(&r->ring, message->fds[0], message->fds[1]) < 0)
        return false;
    if (message->fds[2] >= 0)
        dc_ring_set_wake_eventfd(&r->ring, message->fds[2]);
    message->fds[0] = message->fds[1] = message->fds[2] = -1;
    r->ring_id = a->ring_id;
    assert(r->ring.geometry.cmd_bytes == a->cmd_bytes && r->ring.geometry.bulk_bytes == a->bulk_bytes);
    w->ring_count++;
    return pthread_create(&r->thread, NULL, run_ring, r) == 0;
}

// What was published is still executed: the hash goes out as a Release, where the test finds it after detaching.
static void
close_ring(struct worker *w, uint32_t ring_id)
{
    for (int i = 0; i < w->ring_count; i++) {
        struct worker_ring *r = &w->rings[i];
        if (r->ring_id != ring_id)
            continue;
        if (dc_ring_get_state(&r->ring) == DC_RING_OPEN)
            dc_ring_set_state(&r->ring, DC_RING_CLOSED);
        pthread_join(r->thread, NULL);
        Dc__Render__Release release = DC__RENDER__RELEASE__INIT;
        Dc__Render__FromWorker m = DC__RENDER__FROM_WORKER__INIT;
        m.body_case = DC__RENDER__FROM_WORKER__BODY_RELEASE;
        m.release = &release;
        release.ring_id = ring_id;
        release.seq = r->hash;
        send_control(w, &m);
    }
}

static bool
handle_message(void *user, struct dc_channel_message *message)
{
    struct worker *w = user;
    if (message->type == DC_LINK_PCM) {
        w->pcm_bytes += message->size_bytes - 8;
        return true;
    }
    Dc__Render__ToWorker *m = NULL;
    if (message->type == DC_LINK_CONTROL)
        m = dc__render__to_worker__unpack(NULL, message->size_bytes, message->payload);
    bool ok = m != NULL;
    switch (m ? m->body_case : DC__RENDER__TO_WORKER__BODY__NOT_SET) {
    case DC__RENDER__TO_WORKER__BODY_START:
        send_hello(w);
        break;
    case DC__RENDER__TO_WORKER__BODY_RING_ATTACH:
        ok = attach(w, message, m->ring_attach);
        break;
    case DC__RENDER__TO_WORKER__BODY_RING_CLOSE:
        close_ring(w, m->ring_close->ring_id);
        break;
    case DC__RENDER__TO_WORKER__BODY_STATS_REQUEST:
        send_packet_and_stats(w, m->stats_request->id);
        break;
    default:
        ok = false;
    }
    if (m)
        dc__render__to_worker__free_unpacked(m, NULL);
    return ok;
}

int
rig_worker_run(int fd)
{
    static const struct dc_channel_listener listener = { .handle_message = handle_message };
    static struct worker w;
    w.channel = dc_channel_create(fd, &listener, &w);
    int error = 0;
    while (!error) {
        struct pollfd p = { .fd = fd, .events = dc_channel_events(w.channel) };
        poll(&p, 1, -1);
        error = dc_channel_process(w.channel, p.revents);
    }
    return 0;
}
