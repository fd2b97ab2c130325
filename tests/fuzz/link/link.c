/* Bytes of a link as its two ends parse them: frames in pieces of any size, then each kind of message. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include <protocol/link/packet_wire.h>
#include <protocol/link/replication.h>
#include <render.pb-c.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

struct stream {
    const uint8_t *data;
    size_t size_bytes, at, piece_bytes;
};

static int64_t
stream_send(void *transport, const void *data, size_t size_bytes)
{
    return (int64_t)size_bytes;
}

static int64_t
stream_receive(void *transport, void *data, size_t size_bytes)
{
    struct stream *s = transport;
    size_t n = s->size_bytes - s->at;
    n = n < size_bytes ? n : size_bytes;
    n = n < s->piece_bytes ? n : s->piece_bytes;
    if (n)
        memcpy(data, s->data + s->at, n);
    s->at += n;
    return (int64_t)n;
}

static short
stream_events(void *transport)
{
    return 0;
}

static bool
stream_is_drained(void *transport)
{
    return false;
}

static void
stream_destroy(void *transport)
{
}

static const struct dc_channel_transport transport = {
    .send = stream_send, .receive = stream_receive, .extra_events = stream_events,
    .is_drained = stream_is_drained, .destroy = stream_destroy,
};

static void
parse_control(const struct dc_channel_message *m)
{
    Dc__Render__ToWorker *to = dc__render__to_worker__unpack(NULL, m->size_bytes, m->payload);
    Dc__Render__FromWorker *from = dc__render__from_worker__unpack(NULL, m->size_bytes, m->payload);
    if (to)
        dc__render__to_worker__free_unpacked(to, NULL);
    if (from)
        dc__render__from_worker__free_unpacked(from, NULL);
}

static void
parse_packet(const struct dc_channel_message *m)
{
    struct dc_packet packet;
    if (!dc_packet_unpack(m->payload, m->size_bytes, &packet))
        return;
    // What was understood packs to the same bytes (the reserved one aside).
    struct dc_writer w;
    dc_writer_init(&w);
    dc_packet_pack(&w, &packet);
    assert(w.size_bytes + packet.size_bytes == m->size_bytes);
    assert(memcmp(w.data, m->payload, 3) == 0 && memcmp(w.data + 4, m->payload + 4, w.size_bytes - 4) == 0);
    dc_writer_finish(&w);
}

static bool
handle_message(void *user, struct dc_channel_message *m)
{
    struct dc_replication_data data;
    struct dc_replication_ack ack;
    volatile uint8_t sink = 0;
    parse_control(m);
    parse_packet(m);
    dc_replication_unpack_ack(m, &ack);
    if (dc_replication_unpack_data(m, &data)) {
        assert(data.size_bytes <= DC_REPLICATION_MAX_PIECE_BYTES);
        sink = data.bytes[0];
        sink = data.bytes[data.size_bytes - 1];
    }
    (void)sink;
    return m->type != 0xffff;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const struct dc_channel_listener listener = { .handle_message = handle_message };
    if (size_bytes == 0)
        return 0;
    struct stream s = { .data = data + 1, .size_bytes = size_bytes - 1, .piece_bytes = 1 + data[0] * 17u };
    struct dc_channel *channel =
        dc_channel_create_over(open("/dev/null", O_RDONLY | O_CLOEXEC), &transport, &s, &listener, NULL);
    if (!channel)
        return 0;
    int error = 0;
    while (!error)
        error = dc_channel_process(channel, POLLIN);
    assert(error == -EPIPE || error == -EPROTO || error == -ECANCELED || error == -ENOMEM);
    dc_channel_destroy(channel);
    return 0;
}
