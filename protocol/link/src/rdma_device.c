/* The device behind a local address, and the memory that it may lock. */
#include "rdma_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

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

struct rdma_cm_id *
dc_rdma_open_device(struct rdma_event_channel **events, const struct sockaddr *local, void *context, char *reason,
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
    struct rdma_cm_id *id = dc_rdma_open_device(&events, local, NULL, reason, reason_bytes);
    if (!id)
        return false;
    rdma_destroy_id(id);
    rdma_destroy_event_channel(events);
    return true;
}
