#define DC_LOG_COMPONENT "network"
#include "server_web.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>

#include "listener.h"
#include "server_web_internal.h"
#include "udp_socket.h"

#define MAX_TCP_PATHS 16
#define MAX_DATAGRAM_BYTES 2048
#define MAX_DATAGRAMS_AT_ONCE 64 // then others have their turn
#define TRIES 16 // for a port that is free for both TCP and UDP

static bool
watch(struct dc_web *web, int fd, void *tag)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = tag };
    return epoll_ctl(web->network->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
watch_tcp(struct dc_web *web, struct dc_ice_tcp *tcp)
{
    uint32_t events = EPOLLIN | (dc_ice_tcp_is_blocked(tcp) ? EPOLLOUT : 0u);
    struct epoll_event event = { .events = events, .data.ptr = tcp };
    if (tcp->is_closed || events == tcp->watched_events)
        return;
    tcp->watched_events = events;
    epoll_ctl(web->network->epoll_fd, EPOLL_CTL_MOD, tcp->transport->impl->fd(tcp->transport), &event);
}

static struct dc_ice_tcp *
find_tcp(const struct dc_web *web, const struct dc_webrtc_path *path)
{
    struct dc_ice_tcp *tcp = web->tcp_paths;
    while (tcp && !dc_ice_tcp_has_path(tcp, path))
        tcp = tcp->next;
    return tcp;
}

static void
send_datagram(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct dc_web *web = user;
    if (!path->bytes[DC_WEBRTC_PATH_ADDRESS_BYTES]) {
        dc_udp_send(web->udp_fd, web->udp_is_v6, path, datagram, size_bytes);
        return;
    }
    struct dc_ice_tcp *tcp = find_tcp(web, path);
    if (!tcp)
        return;
    dc_ice_tcp_send(tcp, datagram, size_bytes, dc_clock_now_us());
    watch_tcp(web, tcp);
}

static bool
is_blocked(void *user, const struct dc_webrtc_path *path)
{
    const struct dc_ice_tcp *tcp = path->bytes[DC_WEBRTC_PATH_ADDRESS_BYTES] ? find_tcp(user, path) : NULL;
    return tcp && dc_ice_tcp_is_blocked(tcp);
}

static void
handle_connected(void *user, struct dc_peer_link *link)
{
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    hello.version = DC_SESSION_VERSION;
    hello.client = (char *)"WebRTC";
    hello.video = link->has_video;
    hello.audio = link->has_audio;
    dc_session_begin(link->session, &hello, dc_clock_now_us());
}

static void
handle_destroyed(void *user, struct dc_peer_link *link)
{
    struct dc_web *web = user;
    for (struct dc_peer_link **at = &web->links; *at; at = &(*at)->next) {
        if (*at == link) {
            *at = link->next;
            web->link_count--;
            return;
        }
    }
}

static bool
handle_encoder(void *user, struct dc_peer_link *link, const struct dc_network_encoder_wish *wish)
{
    const struct dc_web *web = user;
    struct dc_network *network = web->network;
    if (network->player != link->session || network->player_is_new)
        return false;
    if (network->listener->handle_encoder)
        network->listener->handle_encoder(network->user, wish);
    return true;
}

const struct dc_peer_link_owner dc_web_link_owner = {
    .send = send_datagram,
    .is_blocked = is_blocked,
    .handle_connected = handle_connected,
    .handle_encoder = handle_encoder,
    .handle_destroyed = handle_destroyed,
};

/* STUN says whom it is for, since one address may try one session after another (a page that is loaded again); the rest goes
 * by the path that STUN has proved. */
static struct dc_peer_link *
find_link(const struct dc_web *web, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    char ufrag[DC_WEB_UFRAG_BYTES + 2];
    bool is_check = dc_webrtc_stun_username(datagram, size_bytes, ufrag, sizeof(ufrag));
    for (struct dc_peer_link *link = web->links; link; link = link->next) {
        if (is_check ? strcmp(link->ufrag, ufrag) == 0 : dc_webrtc_peer_has_path(link->peer, path))
            return link;
    }
    return NULL;
}

static void
receive_datagram(struct dc_web *web, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    int64_t now_us = dc_clock_now_us();
    struct dc_peer_link *link = find_link(web, path, datagram, size_bytes);
    if (!link || link->is_closed)
        return;
    dc_webrtc_peer_receive(link->peer, path, datagram, size_bytes, now_us);
    dc_session_dispatch(link->session, link->inbox_bytes > 0 || link->is_closed, now_us);
}

static void
receive_udp(struct dc_web *web)
{
    uint8_t datagram[MAX_DATAGRAM_BYTES];
    struct dc_webrtc_path path;
    for (int i = 0; i < MAX_DATAGRAMS_AT_ONCE; i++) {
        ssize_t size_bytes = dc_udp_receive(web->udp_fd, &path, datagram, sizeof(datagram));
        if (size_bytes < 0)
            return;
        receive_datagram(web, &path, datagram, (size_t)size_bytes);
    }
}

struct frame_user {
    struct dc_web *web;
    struct dc_ice_tcp *tcp;
};

static bool
handle_frame(void *user, const uint8_t *data, size_t size_bytes)
{
    const struct frame_user *frame = user;
    receive_datagram(frame->web, &frame->tcp->path, data, size_bytes);
    return !frame->tcp->is_closed;
}

static void
dispatch_tcp(struct dc_web *web, struct dc_ice_tcp *tcp, uint32_t events)
{
    struct frame_user user = { web, tcp };
    bool was_blocked = dc_ice_tcp_is_blocked(tcp);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        if (tcp->transport->impl->receive(tcp->transport, handle_frame, &user) < 0)
            tcp->is_closed = true;
    }
    if (!tcp->is_closed && (events & EPOLLOUT))
        dc_ice_tcp_flush(tcp);
    for (struct dc_peer_link *link = web->links; link && was_blocked && !dc_ice_tcp_is_blocked(tcp); link = link->next)
        dc_session_dispatch(link->session, false, dc_clock_now_us());
    watch_tcp(web, tcp);
}

bool
dc_web_adopt(struct dc_web *web, struct dc_session *session, const uint8_t *data, size_t size_bytes)
{
    struct dc_webrtc_path nowhere = { .bytes = { 0 } };
    if (!find_link(web, &nowhere, data, size_bytes) || web->tcp_path_count == MAX_TCP_PATHS)
        return false;
    struct dc_ice_tcp *tcp = dc_ice_tcp_create(session->transport, ++web->tcp_numbers);
    session->transport = NULL;
    dc_session_end(session, "it carries a WebRTC session");
    if (!tcp)
        return true;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = tcp };
    epoll_ctl(web->network->epoll_fd, EPOLL_CTL_MOD, tcp->transport->impl->fd(tcp->transport), &event);
    tcp->watched_events = EPOLLIN;
    tcp->next = web->tcp_paths;
    web->tcp_paths = tcp;
    web->tcp_path_count++;
    receive_datagram(web, &tcp->path, data, size_bytes);
    return true;
}

bool
dc_web_dispatch(struct dc_web *web, const void *tag, uint32_t events)
{
    if (tag == &web->udp_fd) {
        receive_udp(web);
        return true;
    }
    if (tag == &web->doorman) {
        dc_doorman_dispatch(&web->doorman, dc_clock_now_us());
        return true;
    }
    if (tag == web->whep) {
        dc_whep_server_dispatch(web->whep);
        return true;
    }
    for (struct dc_ice_tcp *tcp = web->tcp_paths; tcp; tcp = tcp->next) {
        if (tag == tcp) {
            dispatch_tcp(web, tcp, events);
            return true;
        }
    }
    return false;
}

void
dc_web_settle(struct dc_web *web)
{
    struct dc_ice_tcp **at = &web->tcp_paths;
    while (*at) {
        struct dc_ice_tcp *tcp = *at;
        if (!tcp->is_closed) {
            at = &tcp->next;
            continue;
        }
        *at = tcp->next;
        web->tcp_path_count--;
        dc_ice_tcp_destroy(tcp);
    }
}

void
dc_web_handle_timer(struct dc_web *web, int64_t now_us)
{
    dc_doorman_handle_timer(&web->doorman, now_us);
    dc_whep_server_dispatch(web->whep);
    for (struct dc_peer_link *link = web->links; link; link = link->next) {
        if (now_us >= dc_peer_link_deadline_us(link))
            dc_peer_link_handle_timer(link, now_us);
        if (link->is_closed)
            dc_session_dispatch(link->session, true, now_us);
    }
}

int64_t
dc_web_deadline_us(const struct dc_web *web, int64_t now_us)
{
    int64_t next_us = dc_whep_server_deadline_us(web->whep, now_us);
    int64_t guest_us = dc_doorman_deadline_us(&web->doorman);
    next_us = guest_us < next_us ? guest_us : next_us;
    for (const struct dc_peer_link *link = web->links; link; link = link->next) {
        int64_t link_us = link->is_closed ? INT64_MAX : dc_peer_link_deadline_us(link);
        next_us = link_us < next_us ? link_us : next_us;
    }
    return next_us;
}

static void
take_http(void *user, int fd, const struct sockaddr *from, socklen_t length)
{
    struct dc_web *web = user;
    dc_whep_server_add(web->whep, fd, from, length);
}

static void
take_frames(void *user, int fd)
{
    struct dc_web *web = user;
    dc_network_accept(web->network, fd, true);
}

static const struct dc_doorman_host doorman_host = { .take_http = take_http, .take_frames = take_frames };
static const struct dc_whep_host whep_host = { .handle_offer = dc_web_handle_offer, .handle_delete = dc_web_handle_delete };

/* Any free port has to be free twice. */
static int
open_ports(struct dc_web *web, const char *host, uint16_t wanted)
{
    for (int i = 0; i < TRIES; i++) {
        int listen_fd = dc_listener_open(host, wanted);
        if (listen_fd < 0)
            return -1;
        web->port = dc_listener_port(listen_fd);
        web->udp_fd = dc_udp_open(host, web->port);
        if (web->udp_fd >= 0)
            return listen_fd;
        close(listen_fd);
        if (wanted)
            return -1;
    }
    return -1;
}

struct dc_web *
dc_web_create(struct dc_network *network)
{
    struct dc_web *web = calloc(1, sizeof(*web));
    if (!web)
        return NULL;
    *web = (struct dc_web){ .network = network, .udp_fd = -1,
                            .doorman = { .listen_fd = -1, .epoll_fd = -1 }, .is_plain = network->config.web_is_plain };
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING; i++)
        web->doorman.guests[i].fd = -1;
    int listen_fd = open_ports(web, network->config.web_host, network->config.web_port);
    if (listen_fd < 0)
        goto fail;
    web->udp_is_v6 = dc_udp_is_v6(web->udp_fd);
    web->whep = dc_whep_server_create(web->is_plain ? NULL : network->identity, &whep_host, web);
    if (!dc_doorman_init(&web->doorman, listen_fd, &doorman_host, web) || !web->whep ||
        !watch(web, web->doorman.epoll_fd, &web->doorman) || !watch(web, web->udp_fd, &web->udp_fd) ||
        !watch(web, dc_whep_server_fd(web->whep), web->whep))
        goto fail;
    return web;
fail:
    dc_web_destroy(web);
    return NULL;
}

void
dc_web_destroy(struct dc_web *web)
{
    if (!web)
        return;
    while (web->tcp_paths) {
        struct dc_ice_tcp *tcp = web->tcp_paths;
        web->tcp_paths = tcp->next;
        dc_ice_tcp_destroy(tcp);
    }
    dc_doorman_finish(&web->doorman);
    dc_whep_server_destroy(web->whep);
    if (web->udp_fd >= 0)
        close(web->udp_fd);
    free(web);
}

uint16_t
dc_web_port(const struct dc_web *web)
{
    return web->port;
}
