#undef NDEBUG
#include "pair.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <common/clock.h>

void
pair_path(struct dc_webrtc_path *path, const char *address, uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
    assert(inet_pton(AF_INET, address, &in.sin_addr) == 1);
    dc_webrtc_path_set_address(path, (struct sockaddr *)&in);
}

uint32_t
pair_hash(uint32_t hash, const uint8_t *data, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash ^ (uint32_t)size_bytes;
}

static unsigned
next_random(struct pair *pair)
{
    pair->seed = pair->seed * 1103515245u + 12345u;
    return pair->seed >> 8;
}

static void
end_send(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct pair_end *from = user;
    struct pair *pair = from->pair;
    struct pair_end *to = from == &pair->client ? &pair->server : &pair->client;
    assert(size_bytes <= sizeof(pair->flying[0].data));
    from->sent_datagrams++;
    if (size_bytes > from->max_datagram_bytes)
        from->max_datagram_bytes = size_bytes;
    bool is_there = memcmp(path, &to->path, sizeof(*path)) == 0;
    if (!is_there || pair->is_cut || next_random(pair) % 100 < pair->loss_percent || pair->flying_count == PAIR_MAX_FLYING)
        return;
    struct flying *flying = &pair->flying[pair->flying_count++];
    flying->due_us = dc_clock_now_us() + pair->delay_us + (pair->jitter_us ? next_random(pair) % pair->jitter_us : 0);
    flying->to = to;
    flying->path = from->path;
    flying->size_bytes = size_bytes;
    memcpy(flying->data, datagram, size_bytes);
}

static void
end_connected(void *user)
{
    struct pair_end *end = user;
    assert(!end->is_connected);
    end->is_connected = true;
}

static void
end_rtp(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    struct pair_end *end = user;
    end->rtp_packets++;
    memcpy(end->last_rtp, packet, size_bytes);
    end->last_rtp_bytes = size_bytes;
}

static void
end_rtcp(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    struct pair_end *end = user;
    end->rtcp_packets++;
    memcpy(end->last_rtcp, packet, size_bytes);
    end->last_rtcp_bytes = size_bytes;
}

static void
end_channel(void *user, uint16_t stream, const char *label)
{
    struct pair_end *end = user;
    assert(end->channels < 64);
    end->channel_streams[end->channels] = stream;
    snprintf(end->channel_labels[end->channels++], sizeof(end->channel_labels[0]), "%s", label);
}

static void
end_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct pair_end *end = user;
    end->messages++;
    end->message_bytes += size_bytes;
    end->message_hash = pair_hash(end->message_hash, data, size_bytes);
    end->was_text = is_text;
    end->last_stream = stream;
    if (end->echoes)
        dc_webrtc_peer_send_message(end->peer, stream, is_text, data, size_bytes);
}

static void
end_closed(void *user, const char *reason)
{
    struct pair_end *end = user;
    end->closed++;
    snprintf(end->reason, sizeof(end->reason), "%s", reason);
}

static const struct dc_webrtc_peer_listener listener = {
    .send = end_send,
    .handle_connected = end_connected,
    .handle_rtp = end_rtp,
    .handle_rtcp = end_rtcp,
    .handle_channel = end_channel,
    .handle_message = end_message,
    .handle_closed = end_closed,
};

static void
init_end(struct pair *pair, struct pair_end *end, bool is_client, const uint8_t *fingerprint,
         const struct pair_options *options)
{
    struct dc_webrtc_peer_config config = {
        .is_client = is_client,
        .identity = end->identity,
        .local_ufrag = is_client ? "Clnt" : "Serv",
        .local_password = is_client ? "ClientClientClientClient" : "ServerServerServerServer",
        .remote_ufrag = is_client ? "Serv" : "Clnt",
        .remote_password = is_client ? "ServerServerServerServer" : "ClientClientClientClient",
        .path = pair->server.path,
        .sctp_max_message_bytes = options->sctp_max_message_bytes,
    };
    if (is_client && options->wrong_password)
        config.remote_password = options->wrong_password;
    memcpy(config.remote_fingerprint, fingerprint, sizeof(config.remote_fingerprint));
    end->pair = pair;
    end->peer = dc_webrtc_peer_create(&config, &listener, end, dc_clock_now_us());
    assert(end->peer);
}

struct pair *
pair_create(const struct pair_options *options)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    assert(pair);
    pair->seed = options->seed;
    pair->loss_percent = options->loss_percent;
    pair->delay_us = options->delay_us;
    pair->jitter_us = options->jitter_us;
    pair_path(&pair->client.path, "192.0.2.1", 1000);
    pair_path(&pair->server.path, "192.0.2.2", 2000);
    pair->client.identity = dc_webrtc_identity_create();
    pair->server.identity = dc_webrtc_identity_create();
    init_end(pair, &pair->server, false,
             options->wrong_client_fingerprint ? options->wrong_client_fingerprint
                                               : dc_webrtc_identity_fingerprint(pair->client.identity), options);
    init_end(pair, &pair->client, true,
             options->wrong_server_fingerprint ? options->wrong_server_fingerprint
                                               : dc_webrtc_identity_fingerprint(pair->server.identity), options);
    return pair;
}

void
pair_destroy(struct pair *pair)
{
    dc_webrtc_peer_destroy(pair->client.peer);
    dc_webrtc_peer_destroy(pair->server.peer);
    dc_webrtc_identity_destroy(pair->client.identity);
    dc_webrtc_identity_destroy(pair->server.identity);
    free(pair);
}

static void
deliver(struct pair *pair)
{
    for (unsigned i = 0; i < pair->flying_count;) {
        int64_t now_us = dc_clock_now_us();
        if (pair->flying[i].due_us > now_us) {
            i++;
            continue;
        }
        static struct flying flying; // large
        flying = pair->flying[i];
        memmove(&pair->flying[i], &pair->flying[i + 1], (--pair->flying_count - i) * sizeof(flying));
        uint8_t *exact = malloc(flying.size_bytes); // so that sanitizers see overruns
        memcpy(exact, flying.data, flying.size_bytes);
        if (flying.to->peer)
            dc_webrtc_peer_receive(flying.to->peer, &flying.path, exact, flying.size_bytes, now_us);
        free(exact);
    }
}

static void
run_timers(struct pair_end *end)
{
    int64_t now_us = dc_clock_now_us();
    if (end->peer && dc_webrtc_peer_deadline_us(end->peer) <= now_us)
        dc_webrtc_peer_handle_timer(end->peer, now_us);
}

bool
pair_run(struct pair *pair, bool (*done)(struct pair *pair), int64_t timeout_us)
{
    int64_t end_us = dc_clock_now_us() + timeout_us;
    while (!done(pair)) {
        struct timespec pause = { .tv_nsec = 200000 };
        if (dc_clock_now_us() > end_us)
            return done(pair);
        deliver(pair);
        run_timers(&pair->client);
        run_timers(&pair->server);
        if (pair->flying_count == 0 || pair->delay_us)
            nanosleep(&pause, NULL);
    }
    return true;
}

bool
pair_connected(struct pair *pair)
{
    return pair->client.is_connected && pair->server.is_connected;
}
