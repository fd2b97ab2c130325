#define DC_LOG_COMPONENT "network"
#include <instance/network/server.h>

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>

#include "listener.h"
#include "server_internal.h"

#define DEFAULT_TTL_MS 60000
#define MAX_SESSIONS 16 // with the unauthenticated and the closing ones
#define MAX_EVENTS 16
#define GOODBYE_WAIT_MS 300

static bool
watch(struct dc_network *network, int fd, void *tag)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = tag };
    return epoll_ctl(network->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
watch_session(struct dc_network *network, struct dc_session *session)
{
    uint32_t events = EPOLLIN | (dc_session_wants_write(session) ? EPOLLOUT : 0u);
    struct epoll_event event = { .events = events, .data.ptr = session };
    if (!session->transport || session->transport->impl->fd(session->transport) < 0 || events == session->watched_events)
        return;
    session->watched_events = events;
    epoll_ctl(network->epoll_fd, EPOLL_CTL_MOD, session->transport->impl->fd(session->transport), &event);
}

/* The identity is the same for HTTPS and for DTLS: one fingerprint to compare. */
static bool
start_web(struct dc_network *network)
{
    const struct dc_network_config *config = &network->config;
    network->identity = config->web_certificate ? dc_webrtc_identity_load(config->web_certificate, config->web_key)
                                                : dc_webrtc_identity_create();
    network->web = network->identity ? dc_web_create(network) : NULL;
    return network->web != NULL;
}

struct dc_network *
dc_network_create(const struct dc_network_config *config, const struct dc_network_listener *listener, void *user)
{
    struct dc_network *network = calloc(1, sizeof(*network));
    if (!network)
        return NULL;
    *network = (struct dc_network){ .config = *config, .listener = listener, .user = user, .epoll_fd = -1,
                                    .timer_fd = -1, .listen_fd = config->listen_fd, .timer_us = INT64_MAX };
    network->instance = strdup(config->instance ? config->instance : "");
    if (network->listen_fd < 0)
        network->listen_fd = dc_listener_open(config->host ? config->host : "127.0.0.1", config->port);
    network->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    network->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!network->instance || network->listen_fd < 0 || network->epoll_fd < 0 || network->timer_fd < 0)
        goto fail;
    if (config->web_host && !start_web(network))
        goto fail;
    if (!watch(network, network->listen_fd, &network->listen_fd) || !watch(network, network->timer_fd, &network->timer_fd))
        goto fail;
    return network;
fail:
    dc_network_destroy(network);
    return NULL;
}

/* A goodbye that was just queued deserves a moment, nothing else does. */
static void
wait_for_goodbye(struct dc_session *session)
{
    int64_t until_us = dc_clock_now_us() + GOODBYE_WAIT_MS * 1000;
    while (session->state == DC_SESSION_CLOSING && dc_session_wants_write(session) &&
           session->transport->impl->fd(session->transport) >= 0) {
        struct pollfd fd = { .fd = session->transport->impl->fd(session->transport), .events = POLLOUT };
        int64_t left_us = until_us - dc_clock_now_us();
        if (left_us <= 0 || poll(&fd, 1, (int)(left_us / 1000) + 1) <= 0)
            break;
        dc_session_dispatch(session, false, dc_clock_now_us());
    }
}

static void
close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void
dc_network_destroy(struct dc_network *network)
{
    if (!network)
        return;
    while (network->sessions) {
        struct dc_session *session = network->sessions;
        network->sessions = session->next;
        wait_for_goodbye(session);
        dc_session_destroy(session);
    }
    dc_web_destroy(network->web);
    dc_webrtc_identity_destroy(network->identity);
    close_fd(network->timer_fd);
    close_fd(network->epoll_fd);
    close_fd(network->listen_fd);
    free(network->instance);
    free(network);
}

uint16_t
dc_network_port(const struct dc_network *network)
{
    return dc_listener_port(network->listen_fd);
}

uint16_t
dc_network_web_port(const struct dc_network *network)
{
    return network->web ? dc_web_port(network->web) : 0;
}

void
dc_network_fingerprint(const struct dc_network *network, char text[DC_NETWORK_FINGERPRINT_BYTES])
{
    static_assert(DC_NETWORK_FINGERPRINT_BYTES >= DC_WEBRTC_FINGERPRINT_TEXT_BYTES, "the same text");
    text[0] = '\0';
    if (network->identity)
        dc_webrtc_fingerprint_format(dc_webrtc_identity_fingerprint(network->identity), text);
}

bool
dc_network_issue_token(struct dc_network *network, uint32_t ttl_ms, uint8_t token[16])
{
    int64_t ttl_us = (int64_t)(ttl_ms ? ttl_ms : DEFAULT_TTL_MS) * 1000;
    if (dc_token_issue(&network->tokens, dc_clock_now_us(), ttl_us, token))
        return true;
    dc_error("no token: the kernel gives no random bytes");
    return false;
}

int
dc_network_fd(const struct dc_network *network)
{
    return network->epoll_fd;
}

void
dc_network_add_session(struct dc_network *network, struct dc_session *session)
{
    session->next = network->sessions;
    network->sessions = session;
    network->session_count++;
}

void
dc_network_accept(struct dc_network *network, int fd, bool is_webrtc_only)
{
    if (network->session_count >= MAX_SESSIONS) {
        dc_warn("too many connections: one more closed unheard");
        close(fd);
        return;
    }
    struct dc_transport *transport = dc_transport_tcp_create(fd, DC_MESSAGE_MAX_BYTES);
    struct dc_session *session =
        transport ? dc_session_create(transport, &dc_network_session_host, network, dc_clock_now_us()) : NULL;
    if (!session)
        return;
    session->watched_events = EPOLLIN;
    session->is_webrtc_only = is_webrtc_only;
    dc_network_add_session(network, session);
    if (!watch(network, fd, session))
        session->state = DC_SESSION_CLOSED;
}

static void
accept_client(struct dc_network *network)
{
    int fd = accept4(network->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        dc_network_accept(network, fd, false);
}

/* The player may have gone while others were served, or inside send_packet(). */
static void
release_player(struct dc_network *network)
{
    struct dc_session *player = network->player;
    struct dc_input_event release = { .time_us = dc_clock_now_us(), .kind = DC_INPUT_FOCUS, .focus.active = false };
    if (!player || player->state == DC_SESSION_ADMITTED)
        return;
    network->player = NULL;
    dc_info("client gone: %s (%llu frames sent, %llu dropped)", player->end_reason,
            (unsigned long long)player->media.frames_sent, (unsigned long long)player->media.frames_dropped);
    if (!network->player_is_new) {
        network->listener->handle_input(network->user, &release); // nobody holds its keys any more
        network->listener->handle_connected(network->user, false, 0);
    }
    network->player_is_new = false;
}

static void
announce_player(struct dc_network *network)
{
    if (!network->player || !network->player_is_new)
        return;
    network->player_is_new = false;
    network->listener->handle_connected(network->user, true, network->player->refresh_mhz);
    network->listener->handle_keyframe_request(network->user); // the decoder can start with nothing else
}

static void
reap_sessions(struct dc_network *network)
{
    struct dc_session **link = &network->sessions;
    while (*link) {
        struct dc_session *session = *link;
        if (session->state != DC_SESSION_CLOSED || session == network->player) { // the player is released first
            watch_session(network, session);
            link = &session->next;
            continue;
        }
        *link = session->next;
        network->session_count--;
        if (!session->was_admitted)
            dc_debug("connection closed: %s", session->end_reason);
        dc_session_destroy(session);
    }
}

static void
arm_timer(struct dc_network *network)
{
    int64_t next_us = INT64_MAX;
    struct itimerspec spec = { 0 };
    for (const struct dc_session *s = network->sessions; s; s = s->next)
        next_us = s->deadline_us < next_us ? s->deadline_us : next_us;
    if (network->web) {
        int64_t web_us = dc_web_deadline_us(network->web, dc_clock_now_us());
        next_us = web_us < next_us ? web_us : next_us;
    }
    // A deadline that only moves further away (each message of the player) does not touch the timer until it fires.
    if (next_us >= network->timer_us && network->timer_us != INT64_MAX && next_us != INT64_MAX)
        return;
    if (next_us == network->timer_us)
        return;
    network->timer_us = next_us;
    if (next_us != INT64_MAX) {
        spec.it_value.tv_sec = next_us / 1000000;
        spec.it_value.tv_nsec = next_us % 1000000 * 1000 + 1000;
    }
    timerfd_settime(network->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void
handle_timer(struct dc_network *network)
{
    uint64_t expirations;
    if (read(network->timer_fd, &expirations, sizeof(expirations)) < 0)
        return;
    network->timer_us = INT64_MAX;
    int64_t now_us = dc_clock_now_us();
    for (struct dc_session *s = network->sessions; s; s = s->next)
        dc_session_dispatch(s, false, now_us);
    if (network->web)
        dc_web_handle_timer(network->web, now_us);
}

void
dc_network_dispatch(struct dc_network *network)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(network->epoll_fd, events, MAX_EVENTS, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &network->listen_fd)
            accept_client(network);
        else if (events[i].data.ptr == &network->timer_fd)
            handle_timer(network);
        else if (!network->web || !dc_web_dispatch(network->web, events[i].data.ptr, events[i].events))
            dc_session_dispatch(events[i].data.ptr, events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR),
                                dc_clock_now_us());
    }
    release_player(network);
    announce_player(network);
    reap_sessions(network);
    if (network->web)
        dc_web_settle(network->web);
    arm_timer(network);
}

/* The listener hears of a player's end only in dispatch(): make one come. */
static void
kick(struct dc_network *network)
{
    struct itimerspec now = { .it_value.tv_nsec = 1 };
    network->timer_us = 0;
    timerfd_settime(network->timer_fd, 0, &now, NULL);
}

void
dc_network_send_packet(struct dc_network *network, const struct dc_packet *packet)
{
    if (!network->player || network->player_is_new)
        return;
    dc_session_send_packet(network->player, packet, dc_clock_now_us());
    if (network->player->state == DC_SESSION_CLOSED)
        kick(network);
    else
        watch_session(network, network->player);
    arm_timer(network); // the rest of the frame is paced
}

void
dc_network_send_bye(struct dc_network *network, const char *reason, int exit_status, bool app_exited)
{
    if (!network->player)
        return;
    dc_session_send_bye(network->player, reason, exit_status, app_exited, dc_clock_now_us());
    if (network->player->state != DC_SESSION_CLOSED)
        watch_session(network, network->player);
    kick(network);
}

bool
dc_network_has_client(const struct dc_network *network)
{
    return network->player && network->player->state == DC_SESSION_ADMITTED;
}
