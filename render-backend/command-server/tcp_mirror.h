#ifndef DC_COMMAND_SERVER_TCP_MIRROR_H
#define DC_COMMAND_SERVER_TCP_MIRROR_H
/*
 * Mirrored rings of a TCP link: what arrives from the supervisor becomes rings that a worker maps, and cannot tell from
 * a local application's. We play the frontend. One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/replication.h>

#include "mirror_ring.h"

struct dc_mirror; // one ring

struct dc_mirrors {
    struct dc_channel *control; // to the supervisor
    struct dc_channel *worker;
    struct dc_channel *bulk; // to the bulk connection's process, once it joined: that writes the bulk (bulk_rings.h)
    int wake_fd; // owned; readable when a ring moved
    struct dc_mirror *first;
    uint32_t count;
};

bool dc_mirrors_init(struct dc_mirrors *mirrors);
void dc_mirrors_finish(struct dc_mirrors *mirrors);

/* Makes the ring and sends RingAttach with its descriptors to the worker. false: logged, the link must end. */
bool dc_mirrors_attach(struct dc_mirrors *mirrors, const Dc__Render__RingAttach *attach);
/* Messages of the supervisor; false: logged, it broke the protocol and the link must end. */
bool dc_mirrors_handle_cmd(struct dc_mirrors *mirrors, const struct dc_channel_message *message);
bool dc_mirrors_handle_ack(struct dc_mirrors *mirrors, const struct dc_channel_message *message);
bool dc_mirrors_handle_state(struct dc_mirrors *mirrors, const struct dc_channel_message *message);
/* The bulk connection's process is there (borrowed): it gets the rings. 0 or -errno. */
int dc_mirrors_join(struct dc_mirrors *mirrors, struct dc_channel *bulk);
/* A message of that process. false: as above. */
bool dc_mirrors_handle_bulk(struct dc_mirrors *mirrors, const struct dc_channel_message *message);
/* When wake_fd is readable, before the pump. */
void dc_mirrors_clear_wake(struct dc_mirrors *mirrors);
/* Before each wait: acks and replies to the supervisor. 0 or -errno. */
int dc_mirrors_pump(struct dc_mirrors *mirrors);

#endif
