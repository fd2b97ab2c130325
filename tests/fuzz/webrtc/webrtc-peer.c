/*
 * A server's end receives whatever comes. The input is a run of datagrams: flags u8, length u16, bytes. Flag bit 0: from
 * another path; bit 1: the bytes are attributes of a binding request with the right password and fingerprint, so that what
 * lies behind them is reached; bit 2: a second passes before. First of all a valid check opens the path, as in life.
 */
#include <stdlib.h>
#include <string.h>

#include <common/wire.h>
#include <protocol/webrtc/peer.h>

#include "stun.h"

#define PASSWORD "ServerServerServerServer"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

struct sink {
    unsigned closed;
    uint64_t sent_bytes;
};

static void
take(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct sink *sink = user;
    if (size_bytes == 0 || size_bytes > DC_WEBRTC_MAX_DATAGRAM_BYTES)
        abort();
    sink->sent_bytes += size_bytes;
}

static void
handle_closed(void *user, const char *reason)
{
    struct sink *sink = user;
    if (sink->closed++ || !*reason)
        abort();
}

static const struct dc_webrtc_peer_listener listener = { .send = take, .handle_closed = handle_closed };

static struct dc_webrtc_peer *
create(struct sink *sink)
{
    static struct dc_webrtc_identity *identity; // costs more than all the rest
    if (!identity)
        identity = dc_webrtc_identity_create();
    struct dc_webrtc_peer_config config = { .identity = identity, .local_ufrag = "Serv", .remote_ufrag = "Clnt",
                                            .local_password = PASSWORD, .remote_password = "ClientClientClientClient" };
    return dc_webrtc_peer_create(&config, &listener, sink, 0);
}

static void
receive(struct dc_webrtc_peer *peer, unsigned flags, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_webrtc_path path = { .bytes = { 4, flags & 1 } };
    uint8_t *exact = malloc(size_bytes ? size_bytes : 1);
    memcpy(exact, data, size_bytes);
    dc_webrtc_peer_receive(peer, &path, exact, size_bytes, now_us);
    free(exact);
}

static void
receive_check(struct dc_webrtc_peer *peer, unsigned flags, const uint8_t *attributes, size_t size_bytes, int64_t now_us)
{
    uint8_t transaction[DC_STUN_TRANSACTION_BYTES] = { (uint8_t)(now_us >> 8), (uint8_t)now_us };
    struct dc_writer writer;
    dc_writer_init(&writer);
    dc_stun_begin(&writer, DC_STUN_REQUEST, transaction);
    dc_stun_put_username(&writer, "Serv", "Clnt");
    dc_writer_bytes(&writer, attributes, size_bytes < 1200 ? size_bytes & ~3u : 1200);
    dc_stun_end(&writer, PASSWORD);
    receive(peer, flags, writer.data, writer.size_bytes, now_us);
    dc_writer_finish(&writer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const uint8_t nominate[] = { 0, 0x25, 0, 0 };
    struct sink sink = { 0 };
    struct dc_webrtc_peer *peer = create(&sink);
    struct dc_reader r;
    int64_t now_us = 1;
    if (!peer)
        abort();
    receive_check(peer, 0, nominate, sizeof(nominate), now_us);
    dc_reader_init(&r, data, size_bytes);
    while (dc_reader_left(&r) >= 3) {
        unsigned flags = dc_reader_u8(&r);
        size_t datagram_bytes = dc_reader_u16be(&r);
        if (datagram_bytes > dc_reader_left(&r))
            datagram_bytes = dc_reader_left(&r);
        const uint8_t *datagram = dc_reader_bytes(&r, datagram_bytes);
        now_us += flags & 4 ? 1000000 : 1;
        if (flags & 2)
            receive_check(peer, flags, datagram, datagram_bytes, now_us);
        else
            receive(peer, flags, datagram, datagram_bytes, now_us);
        if (dc_webrtc_peer_deadline_us(peer) <= now_us)
            dc_webrtc_peer_handle_timer(peer, now_us);
    }
    if (dc_webrtc_peer_is_connected(peer))
        abort(); // nobody has the certificate
    dc_webrtc_peer_destroy(peer);
    return 0;
}
