#ifndef DC_INSTANCE_LINK_PRIV_H
#define DC_INSTANCE_LINK_PRIV_H
/* What local and TCP links share: configuration, messages that wait for admission, and the end. */
#include <pthread.h>

#include <instance/link/link.h>
#include <protocol/link/channel.h>

struct dc_link_outgoing; // message.h

struct dc_link_impl { // all required
    /* After admission, any thread, link->lock held. 0 or -errno. */
    int (*send)(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds,
                int fd_count);
    int (*get_fd)(const struct dc_link *link);
    void (*dispatch)(struct dc_link *link);
    int (*attach_ring)(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process);
    void (*detach_ring)(struct dc_link *link, uint32_t ring_id);
    void (*get_stats)(const struct dc_link *link, struct dc_link_stats *stats);
    void (*destroy)(struct dc_link *link); // frees the link itself, after dc_link_finish()
};

struct dc_link {
    const struct dc_link_impl *impl;
    const struct dc_link_listener *listener;
    void *user;
    char *address, *instance, *ca_file, *cert_file, *key_file; // owned
    uint8_t *capability;                                       // owned
    size_t capability_bytes;
    bool rings_survive;

    pthread_mutex_t lock; // protects the rest
    bool admitted, closed;
    struct dc_link_outgoing *first, *last; // owned; waiting for admission
    size_t waiting_bytes;
};

/* NULL: bad address or cannot start; logged. */
struct dc_link *dc_local_link_create(const char *path);
/* `wants_rdma`: rings over RDMA where both ends can, else over TCP. */
struct dc_link *dc_tcp_link_create(const char *host_port, bool wants_rdma, const struct dc_link_config *config);
/* Everything is set: begin. */
void dc_local_link_start(struct dc_link *link);
void dc_tcp_link_start(struct dc_link *link);

void dc_link_init(struct dc_link *link, const struct dc_link_impl *impl);
void dc_link_finish(struct dc_link *link);

/* Sends, or queues until admitted. Any thread. */
int dc_link_post(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds,
                 int fd_count);
/* Sends what waited. 0 or -errno. */
int dc_link_set_admitted(struct dc_link *link);
/* No more sends. true: it was open before. */
bool dc_link_set_closed(struct dc_link *link);

/* Admit, sent past the queue. `bulk_token` may be NULL. */
int dc_link_send_admit(struct dc_link *link, struct dc_channel *channel, const uint8_t *bulk_token,
                       size_t bulk_token_bytes);
int dc_link_post_ring_attach(struct dc_link *link, uint32_t ring_id, const struct dc_ring *ring, const char *process,
                             const int *fds, int fd_count);

/* Decodes a message from the render side and calls the listener. false: nonsense. */
bool dc_link_deliver(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes);

#endif
