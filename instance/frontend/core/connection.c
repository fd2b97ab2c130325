#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <instance/journal/journal.h>
#include <protocol/link/frontend_socket.h>

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define MAX_PROFILE_BYTES (16u << 20)
#define CONNECT_TIMEOUT_S 30

static pthread_mutex_t get_lock = PTHREAD_MUTEX_INITIALIZER;
static struct dc_connection *current;     // protected by get_lock
static struct dc_connection *connections; // protected by get_lock

static void
reset_locks(struct dc_connection *c)
{
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->reply_lock, NULL);
    pthread_mutex_init(&c->deliver_lock, NULL);
}

/* In the child of a fork(): the ring belongs to the parent, so here it is lost without a trace in shared memory; the
 * parent's locks are in whatever state its other threads had them. Only async-signal-safe calls. */
static void
forget_in_child(void)
{
    pthread_mutex_init(&get_lock, NULL);
    for (struct dc_connection *c = connections; c; c = c->next) {
        c->lost = true;
        reset_locks(c);
        if (c->socket_fd >= 0)
            close(c->socket_fd); // the supervisor must see the parent's end when the parent goes
        c->socket_fd = -1;
    }
    current = NULL;
}

static bool
socket_address(struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    const char *path = secure_getenv("DROIDCLOUD_FRONTEND");
    const char *runtime_dir = secure_getenv("XDG_RUNTIME_DIR");
    int n;
    if (path && *path)
        n = snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
    else if (runtime_dir && *runtime_dir)
        n = snprintf(address->sun_path, sizeof(address->sun_path), "%s/droidcloud-frontend-0", runtime_dir);
    else
        return false;
    return n > 0 && (size_t)n < sizeof(address->sun_path);
}

static int
connect_socket(char *reason, size_t reason_bytes)
{
    struct sockaddr_un address;
    if (!socket_address(&address)) {
        snprintf(reason, reason_bytes, "neither DROIDCLOUD_FRONTEND nor XDG_RUNTIME_DIR names a usable path");
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        struct timeval timeout = { .tv_sec = CONNECT_TIMEOUT_S };
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
    }
    snprintf(reason, reason_bytes, "%s: %s", address.sun_path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Reads the whole welcome; fds may come with any part of it. */
static bool
receive_welcome(int fd, struct dc_frontend_welcome *welcome, int fds[3])
{
    size_t got = 0;
    int fd_count = 0;
    while (got < sizeof(*welcome)) {
        union {
            struct cmsghdr align;
            char space[CMSG_SPACE(sizeof(int) * 3)];
        } control;
        struct iovec iov = { (char *)welcome + got, sizeof(*welcome) - got };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
        ssize_t n;
        do
            n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                continue;
            size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            const int *received = (const int *)CMSG_DATA(c);
            for (size_t i = 0; i < count; i++) {
                if (fd_count < 3)
                    fds[fd_count++] = received[i];
                else
                    close(received[i]);
            }
        }
        if (n <= 0)
            return false;
        got += n;
    }
    welcome->reason[sizeof(welcome->reason) - 1] = 0;
    return true;
}

static bool
load_profile(struct dc_profile *profile, int fd, uint32_t size_bytes)
{
    struct stat st;
    if (size_bytes == 0 || size_bytes > MAX_PROFILE_BYTES || fstat(fd, &st) != 0 || st.st_size < (off_t)size_bytes)
        return false;
    void *data = mmap(NULL, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return false;
    bool ok = dc_profile_unpack(profile, data, size_bytes);
    munmap(data, size_bytes);
    return ok;
}

static void
destroy(struct dc_connection *c)
{
    if (c->socket_fd >= 0)
        close(c->socket_fd);
    dc_ring_finish(&c->process.ring);
    dc_profile_finish(&c->process.profile);
    dc_journal_destroy(c->journal);
    free(c);
}

static struct dc_connection *
connect_supervisor(char *reason, size_t reason_bytes)
{
    struct dc_connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    int fds[3] = { -1, -1, -1 };
    c->process.ring.memfd = c->process.ring.cmd_eventfd = -1;
    dc_profile_init(&c->process.profile);
    c->push_end = &c->push_first;
    reset_locks(c);

    c->socket_fd = connect_socket(reason, reason_bytes);
    if (c->socket_fd < 0)
        goto fail;
    struct dc_frontend_hello hello = { .magic = DC_FRONTEND_MAGIC, .version = DC_FRONTEND_VERSION };
    struct dc_frontend_welcome welcome;
    if (send(c->socket_fd, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello) ||
        !receive_welcome(c->socket_fd, &welcome, fds)) {
        snprintf(reason, reason_bytes, "the supervisor closed the connection or did not answer");
        goto fail;
    }
    if (welcome.magic != DC_FRONTEND_MAGIC || welcome.version != DC_FRONTEND_VERSION) {
        snprintf(reason, reason_bytes, "the supervisor speaks version %u, we speak %u", welcome.version,
                 DC_FRONTEND_VERSION);
        goto fail;
    }
    if (welcome.error) {
        snprintf(reason, reason_bytes, "refused: %s", welcome.reason[0] ? welcome.reason : strerror(welcome.error));
        goto fail;
    }
    int error = fds[2] < 0 ? -EPROTO : dc_ring_map(&c->process.ring, fds[0], fds[1]);
    if (fds[2] >= 0)
        fds[0] = fds[1] = -1; // the ring's now
    if (error || !load_profile(&c->process.profile, fds[2], welcome.profile_bytes)) {
        snprintf(reason, reason_bytes, "unusable %s from the supervisor", error ? "ring" : "profile");
        goto fail;
    }
    close(fds[2]);
    if (welcome.recover_mib)
        dc_profile_drop_gles1(&c->process.profile); // its state is not in the journal
    c->process.ring_id = welcome.ring_id;
    c->epoch = dc_ring_get_epoch(&c->process.ring);
    if (welcome.recover_mib)
        c->journal = dc_journal_create((uint64_t)welcome.recover_mib << 20);
    c->settle_at_once = secure_getenv("DC_SETTLE_JOURNAL") != NULL;
    c->process.error_mode = welcome.gl_error_mode <= DC_ERROR_ASYNC ? (enum dc_error_mode)welcome.gl_error_mode
                                                                    : DC_ERROR_AUTO;
    return c;
fail:
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    destroy(c);
    return NULL;
}

struct dc_process *
dc_process_get(void)
{
    static bool at_fork, told; // protected by get_lock
    pthread_mutex_lock(&get_lock);
    // A lost connection stays lost for the contexts that have it; a new eglInitialize may find a new worker.
    if (!current || dc_process_is_lost(&current->process)) {
        if (!at_fork)
            at_fork = pthread_atfork(NULL, NULL, forget_in_child) == 0;
        char reason[256] = "out of memory";
        current = connect_supervisor(reason, sizeof(reason));
        if (current) {
            dc_debug("ring %u, %u configs, %s", current->process.ring_id, current->process.profile.config_count,
                     current->process.profile.strings[DC_PROFILE_GL_VERSION]);
            current->next = connections;
            connections = current;
        } else if (!told) {
            told = true;
            dc_error("no droidcloud instance answers (%s): start the application through dc-instance", reason);
        }
    }
    struct dc_connection *c = current;
    pthread_mutex_unlock(&get_lock);
    return c ? &c->process : NULL;
}

bool
dc_process_is_lost(const struct dc_process *process)
{
    struct dc_connection *c = dc_connection_of(process);
    if (__atomic_load_n(&c->lost, __ATOMIC_ACQUIRE))
        return true;
    enum dc_ring_state state = dc_ring_get_state(&process->ring);
    if (state == DC_RING_OPEN || (state == DC_RING_PAUSED && c->journal))
        return false;
    dc_connection_lose(c, "the render worker or the link to it is gone");
    return true;
}

void
dc_connection_lose(struct dc_connection *c, const char *why)
{
    if (!__atomic_exchange_n(&c->lost, true, __ATOMIC_ACQ_REL))
        dc_error("contexts are lost: %s", why);
}

void
dc_connection_check(struct dc_connection *c)
{
    char byte;
    if (c->socket_fd < 0)
        return;
    ssize_t n = recv(c->socket_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        dc_connection_lose(c, "the supervisor is gone");
}

void
dc_process_count_frame(struct dc_process *process)
{
    if (!dc_process_is_lost(process))
        __atomic_add_fetch(&process->ring.shared->frames, 1, __ATOMIC_RELAXED);
}

void
dc_process_count_commands(struct dc_process *process, uint64_t count)
{
    if (!dc_process_is_lost(process))
        __atomic_add_fetch(&process->ring.shared->commands, count, __ATOMIC_RELAXED);
}

uint32_t
dc_process_epoch(const struct dc_process *process)
{
    return dc_ring_get_epoch(&process->ring);
}

uint64_t
dc_process_input_id(const struct dc_process *process)
{
    return __atomic_load_n(&process->ring.shared->input_id, __ATOMIC_ACQUIRE);
}
