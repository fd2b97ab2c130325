/* The connection manager's events: addresses and routes of a client, requests to a server, the end of either. */
#include "rdma_priv.h"

#include <errno.h>

#define MAX_REFUSED 16u
#define RETRIES 7

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
    int error = dc_rdma_make_queue_pair(r);
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
    if (!route && rdma_resolve_route(r->id, DC_RDMA_RESOLVE_TIMEOUT_MS) < 0)
        return dc_rdma_fail(r, errno, "RDMA route: %s", strerror(errno));
    if (!route)
        return 0;
    int error = dc_rdma_make_queue_pair(r);
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
