/* Making and ending a connection: device, queues, the connection manager's events. */
#include "rdma_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>

#define RESOLVE_TIMEOUT_MS 2000
#define MAX_REFUSED 16u
#define RETRIES 7

int
dc_rdma_fail(struct dc_rdma *r, int error, const char *format, ...)
{
    if (r->state != FAILED) {
        va_list args;
        va_start(args, format);
        vsnprintf(r->error, sizeof(r->error), format, args);
        va_end(args);
        r->state = FAILED;
    }
    return error < 0 ? error : -error;
}

const char *
dc_rdma_error(const struct dc_rdma *r)
{
    return r->error[0] ? r->error : "RDMA connection ended";
}

void
dc_rdma_raise_memory_limit(uint64_t size_bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur >= size_bytes)
        return;
    rlim_t hard = limit.rlim_max < size_bytes ? size_bytes : limit.rlim_max;
    struct rlimit wanted = { .rlim_cur = size_bytes, .rlim_max = hard };
    if (setrlimit(RLIMIT_MEMLOCK, &wanted) == 0)
        return;
    limit.rlim_cur = limit.rlim_max < size_bytes ? limit.rlim_max : size_bytes;
    setrlimit(RLIMIT_MEMLOCK, &limit);
}

static void
name_address(const struct sockaddr *address, char *name, size_t size_bytes)
{
    socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(address, length, name, (socklen_t)size_bytes, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(name, size_bytes, "?");
}

static bool
set_port(struct sockaddr_storage *to, const struct sockaddr *from, uint16_t port)
{
    if (from->sa_family == AF_INET) {
        memcpy(to, from, sizeof(struct sockaddr_in));
        ((struct sockaddr_in *)to)->sin_port = htons(port);
    } else if (from->sa_family == AF_INET6) {
        memcpy(to, from, sizeof(struct sockaddr_in6));
        ((struct sockaddr_in6 *)to)->sin6_port = htons(port);
    } else {
        return false;
    }
    return true;
}

/* An event channel that never blocks, and an id bound to the device of `local`: that opens the device. */
static struct rdma_cm_id *
open_device(struct rdma_event_channel **events, const struct sockaddr *local, void *context, char *reason,
            size_t reason_bytes)
{
    struct rdma_cm_id *id = NULL;
    struct sockaddr_storage any_port;
    char name[64];
    name_address(local, name, sizeof(name));
    *events = set_port(&any_port, local, 0) ? rdma_create_event_channel() : NULL;
    if (!*events) {
        snprintf(reason, reason_bytes, "there is no RDMA device");
        return NULL;
    }
    int flags = fcntl((*events)->fd, F_GETFL);
    if (fcntl((*events)->fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl((*events)->fd, F_SETFD, FD_CLOEXEC) < 0 ||
        rdma_create_id(*events, &id, context, RDMA_PS_TCP) < 0) {
        snprintf(reason, reason_bytes, "RDMA connection manager: %s", strerror(errno));
        id = NULL;
    } else if (rdma_bind_addr(id, (struct sockaddr *)&any_port) < 0 || !id->verbs) {
        snprintf(reason, reason_bytes, "no RDMA device has the address %s", name);
        rdma_destroy_id(id);
        id = NULL;
    }
    if (!id) {
        rdma_destroy_event_channel(*events);
        *events = NULL;
    }
    return id;
}

bool
dc_rdma_has_device(const struct sockaddr *local, char *reason, size_t reason_bytes)
{
    struct rdma_event_channel *events;
    struct rdma_cm_id *id = open_device(&events, local, NULL, reason, reason_bytes);
    if (!id)
        return false;
    rdma_destroy_id(id);
    rdma_destroy_event_channel(events);
    return true;
}

/* Mailbox, outbox and queues; all that will need the device's files. */
static int
make_queues(struct dc_rdma *r, struct ibv_context *verbs)
{
    size_t half_bytes = DC_RDMA_BELLS * sizeof(struct record);
    struct record *box = mmap(NULL, 2 * half_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (box == MAP_FAILED)
        return dc_rdma_fail(r, errno, "RDMA mailbox: %s", strerror(errno));
    r->mailbox = box;
    r->outbox = box + DC_RDMA_BELLS;
    r->pd = ibv_alloc_pd(verbs);
    r->completions = r->pd ? ibv_create_comp_channel(verbs) : NULL;
    r->send_cq = r->completions ? ibv_create_cq(verbs, SEND_DEPTH, NULL, r->completions, 0) : NULL;
    r->receive_cq = r->send_cq ? ibv_create_cq(verbs, DC_RDMA_BELLS, NULL, r->completions, 0) : NULL;
    if (!r->receive_cq || fcntl(r->completions->fd, F_SETFL, fcntl(r->completions->fd, F_GETFL) | O_NONBLOCK) < 0)
        return dc_rdma_fail(r, errno, "RDMA queues: %s", strerror(errno));
    int error = dc_rdma_register(r, &r->mailbox_memory, (uint8_t *)r->mailbox, half_bytes, true);
    if (!error)
        error = dc_rdma_register(r, &r->outbox_memory, (uint8_t *)r->outbox, half_bytes, false);
    if (error)
        return dc_rdma_fail(r, error, "RDMA memory cannot be registered: %s", strerror(-error));
    if (ibv_req_notify_cq(r->receive_cq, 0))
        return dc_rdma_fail(r, EIO, "RDMA completions cannot be awaited");
    return 0;
}

static int
make_queue_pair(struct dc_rdma *r)
{
    struct ibv_qp_init_attr attr = {
        .send_cq = r->send_cq, .recv_cq = r->receive_cq, .qp_type = IBV_QPT_RC, .sq_sig_all = 1,
        .cap = { .max_send_wr = SEND_DEPTH, .max_recv_wr = DC_RDMA_BELLS, .max_send_sge = 1, .max_recv_sge = 1 },
    };
    if (rdma_create_qp(r->id, r->pd, &attr) < 0)
        return dc_rdma_fail(r, errno, "RDMA queue pair: %s", strerror(errno));
    r->qp = r->id->qp;
    return dc_rdma_post_receives(r);
}

static struct dc_rdma *
create(const struct dc_rdma_listener *listener, void *user)
{
    struct dc_rdma *r = calloc(1, sizeof(*r));
    if (r) {
        r->listener = listener;
        r->user = user;
    }
    return r;
}

static struct dc_rdma *
give_up(struct dc_rdma *r, char *reason, size_t reason_bytes)
{
    if (!reason[0])
        snprintf(reason, reason_bytes, "%s", r ? dc_rdma_error(r) : "out of memory");
    dc_rdma_destroy(r);
    return NULL;
}

struct dc_rdma *
dc_rdma_listen(const struct sockaddr *local, const struct dc_rdma_listener *listener, void *user, char *reason,
               size_t reason_bytes)
{
    struct dc_rdma *r = create(listener, user);
    reason[0] = '\0';
    if (!r || !(r->listening = open_device(&r->events, local, r, reason, reason_bytes)))
        return give_up(r, reason, reason_bytes);
    if (getrandom(r->token, sizeof(r->token), 0) != (ssize_t)sizeof(r->token) || rdma_listen(r->listening, 4) < 0)
        dc_rdma_fail(r, errno, "RDMA listen: %s", strerror(errno));
    return r->state != FAILED && make_queues(r, r->listening->verbs) == 0 ? r : give_up(r, reason, reason_bytes);
}

struct dc_rdma *
dc_rdma_connect(const struct sockaddr *local, const struct sockaddr *peer, const uint8_t *token,
                const struct dc_rdma_listener *listener, void *user, char *reason, size_t reason_bytes)
{
    struct dc_rdma *r = create(listener, user);
    reason[0] = '\0';
    if (!r || !(r->id = open_device(&r->events, local, r, reason, reason_bytes)))
        return give_up(r, reason, reason_bytes);
    memcpy(r->token, token, sizeof(r->token));
    if (rdma_resolve_addr(r->id, NULL, (struct sockaddr *)peer, RESOLVE_TIMEOUT_MS) < 0)
        dc_rdma_fail(r, errno, "RDMA address: %s", strerror(errno));
    return r->state != FAILED && make_queues(r, r->id->verbs) == 0 ? r : give_up(r, reason, reason_bytes);
}

static struct rdma_conn_param
connection_parameters(const struct dc_rdma *r, bool is_client)
{
    // No remote reads and no atomics, in either direction.
    struct rdma_conn_param param = { .retry_count = RETRIES, .rnr_retry_count = RETRIES };
    if (is_client) {
        param.private_data = r->token;
        param.private_data_len = sizeof(r->token);
    }
    return param;
}

// Equal or not, in a time that does not tell where they differ.
static bool
token_fits(const struct dc_rdma *r, const struct rdma_conn_param *conn)
{
    const uint8_t *shown = conn->private_data;
    uint8_t difference = 0;
    if (!shown || conn->private_data_len < sizeof(r->token))
        return false;
    for (size_t i = 0; i < sizeof(r->token); i++)
        difference |= shown[i] ^ r->token[i];
    return difference == 0;
}

static int
accept_connection(struct dc_rdma *r, struct rdma_cm_id *id)
{
    struct rdma_conn_param param = connection_parameters(r, false);
    r->id = id;
    int error = make_queue_pair(r);
    if (!error && rdma_accept(id, &param) < 0)
        error = dc_rdma_fail(r, errno, "RDMA accept: %s", strerror(errno));
    return error;
}

static int
handle_request(struct dc_rdma *r, struct rdma_cm_id *id, bool fits)
{
    if (fits && !r->id)
        return accept_connection(r, id);
    rdma_reject(id, NULL, 0);
    rdma_destroy_id(id);
    if (++r->refused < MAX_REFUSED)
        return 0;
    return dc_rdma_fail(r, EACCES, "too many RDMA connections without the right token");
}

static int
handle_established(struct dc_rdma *r)
{
    r->state = CONNECTED;
    // Strangers have nobody to ask any more.
    if (r->listening)
        rdma_destroy_id(r->listening);
    r->listening = NULL;
    return 0;
}

static int
handle_resolved(struct dc_rdma *r, bool route)
{
    struct rdma_conn_param param = connection_parameters(r, true);
    if (!route && rdma_resolve_route(r->id, RESOLVE_TIMEOUT_MS) < 0)
        return dc_rdma_fail(r, errno, "RDMA route: %s", strerror(errno));
    if (!route)
        return 0;
    int error = make_queue_pair(r);
    if (!error && rdma_connect(r->id, &param) < 0)
        error = dc_rdma_fail(r, errno, "RDMA connect: %s", strerror(errno));
    return error;
}

static int
handle_end(struct dc_rdma *r, enum rdma_cm_event_type type, int status)
{
    switch (type) {
    case RDMA_CM_EVENT_DEVICE_REMOVAL: return dc_rdma_fail(r, ENODEV, "the RDMA device was removed");
    case RDMA_CM_EVENT_DISCONNECTED: return dc_rdma_fail(r, EPIPE, "the other side closed the RDMA connection");
    case RDMA_CM_EVENT_REJECTED: return dc_rdma_fail(r, ECONNREFUSED, "the RDMA connection was refused (%d)", status);
    case RDMA_CM_EVENT_UNREACHABLE: return dc_rdma_fail(r, EHOSTUNREACH, "the other side is not reachable over RDMA");
    case RDMA_CM_EVENT_ADDR_ERROR:
    case RDMA_CM_EVENT_ROUTE_ERROR: return dc_rdma_fail(r, EHOSTUNREACH, "no RDMA route to the other side");
    default: return dc_rdma_fail(r, ECONNABORTED, "RDMA connection: %s (%d)", rdma_event_str(type), status);
    }
}

static int
handle_event(struct dc_rdma *r)
{
    struct rdma_cm_event *event;
    if (rdma_get_cm_event(r->events, &event) < 0)
        return errno == EAGAIN || errno == EINTR ? -EAGAIN : dc_rdma_fail(r, errno, "RDMA events: %s", strerror(errno));
    enum rdma_cm_event_type type = event->event;
    struct rdma_cm_id *id = event->id;
    int status = event->status;
    bool fits = type == RDMA_CM_EVENT_CONNECT_REQUEST && token_fits(r, &event->param.conn);
    rdma_ack_cm_event(event); // before the id can be destroyed
    switch (type) {
    case RDMA_CM_EVENT_CONNECT_REQUEST: return handle_request(r, id, fits);
    case RDMA_CM_EVENT_ADDR_RESOLVED: return handle_resolved(r, false);
    case RDMA_CM_EVENT_ROUTE_RESOLVED: return handle_resolved(r, true);
    case RDMA_CM_EVENT_ESTABLISHED: return handle_established(r);
    case RDMA_CM_EVENT_TIMEWAIT_EXIT:
    case RDMA_CM_EVENT_ADDR_CHANGE: return 0;
    default: return handle_end(r, type, status);
    }
}

int
dc_rdma_process(struct dc_rdma *r)
{
    bool any;
    int error = 0;
    while (!error && r->state != FAILED)
        error = handle_event(r);
    if (r->state == FAILED)
        return error && error != -EAGAIN ? error : -ECONNABORTED;
    return r->qp ? dc_rdma_poll(r, &any) : 0;
}

void
dc_rdma_disconnect(struct dc_rdma *r)
{
    if (!r)
        return;
    if (r->qp) {
        if (r->state == CONNECTED)
            rdma_disconnect(r->id);
        rdma_destroy_qp(r->id);
        r->qp = NULL;
    }
    dc_rdma_fail(r, EPIPE, "ended here");
}

void
dc_rdma_destroy(struct dc_rdma *r)
{
    if (!r)
        return;
    dc_rdma_disconnect(r);
    dc_rdma_unregister(&r->mailbox_memory);
    dc_rdma_unregister(&r->outbox_memory);
    if (r->send_cq)
        ibv_destroy_cq(r->send_cq);
    if (r->receive_cq)
        ibv_destroy_cq(r->receive_cq);
    if (r->completions)
        ibv_destroy_comp_channel(r->completions);
    if (r->pd)
        ibv_dealloc_pd(r->pd);
    if (r->id)
        rdma_destroy_id(r->id);
    if (r->listening)
        rdma_destroy_id(r->listening);
    if (r->events)
        rdma_destroy_event_channel(r->events);
    if (r->mailbox)
        munmap(r->mailbox, 2 * DC_RDMA_BELLS * sizeof(struct record));
    free(r);
}

uint16_t
dc_rdma_get_port(const struct dc_rdma *r)
{
    return ntohs(rdma_get_src_port(r->listening));
}

const uint8_t *
dc_rdma_get_token(const struct dc_rdma *r)
{
    return r->token;
}

bool
dc_rdma_is_connected(const struct dc_rdma *r)
{
    return r->state == CONNECTED;
}

bool
dc_rdma_has_peer(const struct dc_rdma *r)
{
    return r->qp && r->state != FAILED;
}

struct dc_rdma_region
dc_rdma_get_mailbox(const struct dc_rdma *r)
{
    return r->mailbox_memory.region;
}

void
dc_rdma_set_peer_mailbox(struct dc_rdma *r, struct dc_rdma_region mailbox)
{
    r->peer_mailbox = mailbox;
    r->has_peer_mailbox = true;
}

void
dc_rdma_get_fds(const struct dc_rdma *r, int fds[2])
{
    fds[0] = r->events->fd;
    fds[1] = r->completions->fd;
}
