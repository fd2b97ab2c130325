#include "sctp_library.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <common/clock.h>

#define MAX_CATCH_UP_MS 60000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dc_sctp *associations; // protected by lock, as all below
static uint64_t last_id;
static int64_t timers_us; // up to when usrsctp's timers ran

static struct dc_sctp *
find(uint64_t id)
{
    for (struct dc_sctp *sctp = associations; sctp; sctp = sctp->next) {
        if (sctp->id == id)
            return sctp;
    }
    return NULL;
}

/* Takes ownership of `data`. */
static void
push(struct dc_sctp *sctp, const struct dc_sctp_item *values)
{
    struct dc_sctp_item *item = malloc(sizeof(*item));
    if (!item || !values->data || sctp->queued_bytes + values->size_bytes > DC_SCTP_MAX_QUEUED_BYTES) {
        sctp->dropped_packets++;
        free(values->data);
        free(item);
        return;
    }
    *item = *values;
    if (sctp->last)
        sctp->last->next = item;
    else
        sctp->first = item;
    sctp->last = item;
    sctp->queued_bytes += item->size_bytes;
}

struct dc_sctp_item *
dc_sctp_library_pull(struct dc_sctp *sctp)
{
    struct dc_sctp_item *item = sctp->first;
    if (!item)
        return NULL;
    sctp->first = item->next;
    if (!sctp->first)
        sctp->last = NULL;
    sctp->queued_bytes -= item->size_bytes;
    return item;
}

void
dc_sctp_item_destroy(struct dc_sctp_item *item)
{
    free(item->data);
    free(item);
}

/* Callbacks of usrsctp; the lock is held. */
static int
send_packet(void *address, void *data, size_t size_bytes, uint8_t tos, uint8_t dont_fragment)
{
    struct dc_sctp *sctp = find((uint64_t)(uintptr_t)address);
    struct dc_sctp_item item = { .kind = DC_SCTP_PACKET, .size_bytes = size_bytes };
    if (!sctp)
        return -1;
    item.data = malloc(size_bytes ? size_bytes : 1);
    if (item.data)
        memcpy(item.data, data, size_bytes);
    push(sctp, &item);
    return 0;
}

int
dc_sctp_library_receive(struct socket *socket, union sctp_sockstore address, void *data, size_t size_bytes,
                        struct sctp_rcvinfo info, int flags, void *user)
{
    struct dc_sctp *sctp = find((uint64_t)(uintptr_t)user);
    const union sctp_notification *notification = data;
    struct dc_sctp_item item = {
        .kind = flags & MSG_NOTIFICATION ? DC_SCTP_NOTIFICATION : DC_SCTP_MESSAGE,
        .is_end = flags & MSG_EOR,
        .stream = info.rcv_sid,
        .ppid = ntohl(info.rcv_ppid),
        .data = data,
        .size_bytes = size_bytes,
    };
    if (sctp && data && item.kind == DC_SCTP_NOTIFICATION && size_bytes >= sizeof(notification->sn_header) &&
        notification->sn_header.sn_type == SCTP_SENDER_DRY_EVENT) {
        sctp->is_dry = true;
        sctp->unsent_bytes = 0;
    }
    if (sctp && data)
        push(sctp, &item);
    else
        free(data);
    return 1;
}

/* usrsctp counts less than nothing for the smallest messages; SENDER_DRY tells when all is gone. */
int
dc_sctp_library_acknowledge(struct socket *socket, uint32_t free_bytes, void *user)
{
    struct dc_sctp *sctp = find((uint64_t)(uintptr_t)user);
    if (sctp)
        sctp->unsent_bytes = free_bytes < DC_SCTP_SEND_BUFFER_BYTES ? DC_SCTP_SEND_BUFFER_BYTES - free_bytes : 0;
    return 1;
}

/* notes: "tuned". Reliable messages of a few hundred bytes are to arrive soon after a loss; nothing here carries video. */
static void
start_usrsctp(void)
{
    usrsctp_init_nothreads(0, send_packet, NULL);
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_pr_enable(1);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_nrsack_enable(0);
    usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    usrsctp_sysctl_set_sctp_initial_cwnd(32);
    usrsctp_sysctl_set_sctp_max_burst_default(0);
    usrsctp_sysctl_set_sctp_blackhole(2); // no answers to packets of no association
    timers_us = dc_clock_now_us();
}

void
dc_sctp_library_lock(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_usrsctp);
    pthread_mutex_lock(&lock);
    int64_t now_us = dc_clock_now_us(), elapsed_ms = (now_us - timers_us) / 1000;
    if (elapsed_ms <= 0)
        return;
    timers_us += elapsed_ms * 1000;
    usrsctp_handle_timers((uint32_t)(elapsed_ms < MAX_CATCH_UP_MS ? elapsed_ms : MAX_CATCH_UP_MS));
}

void
dc_sctp_library_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void
dc_sctp_library_add(struct dc_sctp *sctp)
{
    sctp->id = ++last_id;
    sctp->next = associations;
    associations = sctp;
}

void
dc_sctp_library_remove(struct dc_sctp *sctp)
{
    for (struct dc_sctp **link = &associations; *link; link = &(*link)->next) {
        if (*link == sctp) {
            *link = sctp->next;
            return;
        }
    }
}
