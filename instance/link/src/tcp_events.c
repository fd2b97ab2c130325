/* From the link's thread to the caller's. */
#define DC_LOG_COMPONENT "link"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/log.h>
#include "tcp_priv.h"

#define MAX_EVENT_BYTES (64u << 20)

bool
dc_tcp_push_event(struct tcp_link *t, uint16_t type, const void *data, size_t size_bytes)
{
    struct tcp_event *event = malloc(sizeof(*event) + size_bytes);
    if (!event)
        return false;
    *event = (struct tcp_event){ .type = type, .size_bytes = size_bytes };
    if (size_bytes)
        memcpy(event->data, data, size_bytes);
    pthread_mutex_lock(&t->event_lock);
    bool was_empty = !t->first_event, fits = t->event_bytes + size_bytes <= MAX_EVENT_BYTES || type == 0;
    if (fits) {
        if (t->last_event)
            t->last_event->next = event;
        else
            t->first_event = event;
        t->last_event = event;
        t->event_bytes += size_bytes;
    }
    pthread_mutex_unlock(&t->event_lock);
    if (!fits)
        free(event);
    if (fits && was_empty) {
        uint64_t one = 1;
        ssize_t n = write(t->event_fd, &one, sizeof(one));
        (void)n;
    }
    return fits;
}

static struct tcp_event *
take_events(struct tcp_link *t)
{
    pthread_mutex_lock(&t->event_lock);
    struct tcp_event *events = t->first_event;
    t->first_event = t->last_event = NULL;
    t->event_bytes = 0;
    pthread_mutex_unlock(&t->event_lock);
    return events;
}

static void
handle_nonsense(struct tcp_link *t, uint16_t type)
{
    pthread_mutex_lock(&t->event_lock);
    if (!t->nonsense[0])
        snprintf(t->nonsense, sizeof(t->nonsense), "worker sent a malformed message of type %u", type);
    pthread_mutex_unlock(&t->event_lock);
    uint64_t one = 1;
    ssize_t n = write(t->stop_fd, &one, sizeof(one));
    (void)n;
}

void
dc_tcp_dispatch_events(struct tcp_link *t)
{
    uint64_t count;
    ssize_t n = read(t->event_fd, &count, sizeof(count));
    (void)n;
    bool nonsense = false;
    for (struct tcp_event *event = take_events(t), *next; event; event = next) {
        next = event->next;
        if (event->type == 0)
            t->base.listener->handle_closed(t->base.user, (const char *)event->data);
        else if (!nonsense && !dc_link_deliver(&t->base, event->type, event->data, event->size_bytes)) {
            nonsense = true;
            handle_nonsense(t, event->type);
        }
        free(event);
    }
}

void
dc_tcp_drop_events(struct tcp_link *t)
{
    for (struct tcp_event *event = take_events(t), *next; event; event = next) {
        next = event->next;
        free(event);
    }
}
