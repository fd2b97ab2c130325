#ifndef DC_INSTANCE_NETWORK_HTTP_DOORMAN_H
#define DC_INSTANCE_NETWORK_HTTP_DOORMAN_H
/*
 * One TCP port for HTTP(S) and for a session's datagrams (RFC 4571), so that one open port of a firewall is enough: the first
 * byte of a connection tells. TLS begins with 22 and HTTP with a letter; a frame with the upper half of its length, which is
 * 16 at most. Who says nothing for ten seconds, or something else, is closed.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sys/socket.h>

#define DC_DOORMAN_MAX_WAITING 32 // the oldest goes first

struct dc_doorman_host { // both required; they take ownership of fd
    void (*take_http)(void *user, int fd, const struct sockaddr *from, socklen_t length);
    void (*take_frames)(void *user, int fd);
};

struct dc_doorman_guest {
    int fd; // owned; < 0: a free place
    int64_t deadline_us;
    struct sockaddr_storage from;
    socklen_t length;
};

struct dc_doorman {
    int listen_fd, epoll_fd; // owned
    const struct dc_doorman_host *host;
    void *user;
    struct dc_doorman_guest guests[DC_DOORMAN_MAX_WAITING];
};

/* Takes ownership of listen_fd, even on failure. false: no epoll set. */
bool dc_doorman_init(struct dc_doorman *doorman, int listen_fd, const struct dc_doorman_host *host, void *user);
void dc_doorman_finish(struct dc_doorman *doorman);
/* doorman->epoll_fd is readable. */
void dc_doorman_dispatch(struct dc_doorman *doorman, int64_t now_us);
int64_t dc_doorman_deadline_us(const struct dc_doorman *doorman); // INT64_MAX: nobody waits
void dc_doorman_handle_timer(struct dc_doorman *doorman, int64_t now_us);

#endif
