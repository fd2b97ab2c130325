#include "client.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>

#include "compositor.h"

static void
handle_destroyed(struct wl_listener *listener, void *data)
{
    struct dc_client *client = wl_container_of(listener, client, destroyed);
    wl_list_remove(&client->link);
    wl_list_remove(&client->destroyed.link);
    dc_debug("client of process %d is gone", (int)client->pid);
    free(client);
}

void
dc_client_handle_created(struct wl_listener *listener, void *data)
{
    struct dc_display *display = wl_container_of(listener, display, client_created);
    struct wl_client *wl = data;
    struct dc_client *client = calloc(1, sizeof(*client));
    if (!client) {
        wl_client_post_no_memory(wl);
        return;
    }
    client->display = display;
    client->wl = wl;
    wl_client_get_credentials(wl, &client->pid, NULL, NULL);
    client->destroyed.notify = handle_destroyed;
    wl_client_add_destroy_listener(wl, &client->destroyed);
    wl_list_insert(&display->clients, &client->link);
    dc_debug("client of process %d connected", (int)client->pid);
}

struct dc_client *
dc_client_from_wl(struct wl_client *wl)
{
    struct wl_listener *listener = wl_client_get_destroy_listener(wl, handle_destroyed);
    if (!listener)
        return NULL;
    struct dc_client *client = wl_container_of(listener, client, destroyed);
    return client;
}

static void
drop_pending(struct dc_client *client, uint32_t index)
{
    client->pending_count--;
    memmove(&client->pending[index], &client->pending[index + 1],
            (client->pending_count - index) * sizeof(client->pending[0]));
}

static void
make_room(struct dc_client *client)
{
    if (client->pending_count < DC_CLIENT_MAX_PENDING_INPUT)
        return;
    for (uint32_t i = 0; i < client->pending_count; i++) {
        if (!client->pending[i].edge) {
            drop_pending(client, i);
            return;
        }
    }
    drop_pending(client, 0);
}

void
dc_client_input_sent(struct dc_client *client, uint64_t input_id, bool edge)
{
    if (!input_id)
        return;
    wl_client_flush(client->wl);
    dc_trace("input event %llu is written to process %d", (unsigned long long)input_id, (int)client->pid);
    make_room(client);
    client->pending[client->pending_count++] = (struct dc_client_input){ .id = input_id, .edge = edge };
    client->display->listener.handle_input_sent(client->display->user, client->pid, input_id);
}

void
dc_client_note_read(struct dc_client *client)
{
    int unread_bytes = 0;
    uint32_t i = client->pending_count;
    if (i == 0 || client->pending[i - 1].read_us || ioctl(wl_client_get_fd(client->wl), SIOCOUTQ, &unread_bytes) < 0 ||
        unread_bytes != 0)
        return;
    int64_t now_us = dc_clock_now_us();
    while (i-- > 0 && !client->pending[i].read_us)
        client->pending[i].read_us = now_us;
}

void
dc_client_take_input(struct dc_client *client, uint64_t input_id, int64_t begin_us)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < client->pending_count; i++) {
        const struct dc_client_input *input = &client->pending[i];
        if (input->id <= input_id || (input->read_us && input->read_us <= begin_us))
            count = i + 1;
    }
    for (uint32_t i = 0; i < count; i++)
        dc_presenter_add_input(&client->display->presenter, client->pending[i].id, client->pending[i].edge);
    client->pending_count -= count;
    memmove(client->pending, client->pending + count, client->pending_count * sizeof(client->pending[0]));
}

void
dc_client_note_pacing(struct dc_client *client, uint32_t callback_count)
{
    struct dc_display *display = client->display;
    bool paced = callback_count > 0;
    if (client->paced == paced || !display->listener.handle_paced)
        return;
    client->paced = paced;
    display->listener.handle_paced(display->user, client->pid, paced);
}
