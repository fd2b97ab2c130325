#define DC_LOG_COMPONENT "http"
#include "doorman.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <common/log.h>

#define PATIENCE_US 10000000
#define TLS_HANDSHAKE 22
#define MAX_FRAME_FIRST_BYTE 16
#define MAX_AT_ONCE 16

bool
dc_doorman_init(struct dc_doorman *doorman, int listen_fd, const struct dc_doorman_host *host, void *user)
{
    *doorman = (struct dc_doorman){ .listen_fd = listen_fd, .host = host, .user = user };
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING; i++)
        doorman->guests[i].fd = -1;
    doorman->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    if (doorman->epoll_fd >= 0 && epoll_ctl(doorman->epoll_fd, EPOLL_CTL_ADD, listen_fd, &event) == 0)
        return true;
    dc_doorman_finish(doorman);
    return false;
}

static void
close_guest(struct dc_doorman_guest *guest)
{
    if (guest->fd >= 0)
        close(guest->fd);
    guest->fd = -1;
}

void
dc_doorman_finish(struct dc_doorman *doorman)
{
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING; i++)
        close_guest(&doorman->guests[i]);
    if (doorman->epoll_fd >= 0)
        close(doorman->epoll_fd);
    if (doorman->listen_fd >= 0)
        close(doorman->listen_fd);
    doorman->epoll_fd = doorman->listen_fd = -1;
}

static void
accept_guest(struct dc_doorman *doorman, int64_t now_us)
{
    struct dc_doorman_guest *place = &doorman->guests[0];
    struct dc_doorman_guest guest = { .deadline_us = now_us + PATIENCE_US, .length = sizeof(guest.from) };
    guest.fd = accept4(doorman->listen_fd, (struct sockaddr *)&guest.from, &guest.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (guest.fd < 0)
        return;
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING && place->fd >= 0; i++) {
        if (doorman->guests[i].fd < 0 || doorman->guests[i].deadline_us < place->deadline_us)
            place = &doorman->guests[i];
    }
    close_guest(place);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = place };
    *place = guest;
    if (epoll_ctl(doorman->epoll_fd, EPOLL_CTL_ADD, guest.fd, &event) < 0)
        close_guest(place);
}

static void
show_in(struct dc_doorman *doorman, struct dc_doorman_guest *guest)
{
    uint8_t first;
    int fd = guest->fd;
    ssize_t n = fd >= 0 ? recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) : -1;
    if (fd < 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    bool is_http = n == 1 && (first == TLS_HANDSHAKE || (first >= 'A' && first <= 'Z'));
    if (!is_http && (n != 1 || first > MAX_FRAME_FIRST_BYTE)) {
        close_guest(guest);
        return;
    }
    epoll_ctl(doorman->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    guest->fd = -1;
    if (is_http)
        doorman->host->take_http(doorman->user, fd, (struct sockaddr *)&guest->from, guest->length);
    else
        doorman->host->take_frames(doorman->user, fd);
}

void
dc_doorman_dispatch(struct dc_doorman *doorman, int64_t now_us)
{
    struct epoll_event events[MAX_AT_ONCE];
    int count = epoll_wait(doorman->epoll_fd, events, MAX_AT_ONCE, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            show_in(doorman, events[i].data.ptr);
    }
    for (int i = 0; i < count; i++) { // last: it may give a place away that an event above names
        if (!events[i].data.ptr)
            accept_guest(doorman, now_us);
    }
}

int64_t
dc_doorman_deadline_us(const struct dc_doorman *doorman)
{
    int64_t deadline_us = INT64_MAX;
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING; i++) {
        if (doorman->guests[i].fd >= 0 && doorman->guests[i].deadline_us < deadline_us)
            deadline_us = doorman->guests[i].deadline_us;
    }
    return deadline_us;
}

void
dc_doorman_handle_timer(struct dc_doorman *doorman, int64_t now_us)
{
    for (int i = 0; i < DC_DOORMAN_MAX_WAITING; i++) {
        if (doorman->guests[i].fd >= 0 && doorman->guests[i].deadline_us <= now_us) {
            dc_debug("a connection that says nothing is closed");
            close_guest(&doorman->guests[i]);
        }
    }
}
