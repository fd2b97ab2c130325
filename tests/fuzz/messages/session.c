/*
 * A client's messages to a session, over a transport that only hands them on: the input is a run of u16-length-prefixed
 * datagrams, channel byte first. The first byte of the input says whether the client is already admitted. The same
 * datagrams go through what dc-client reads from an instance.
 */
#include <stdlib.h>
#include <string.h>

#include <common/wire.h>

#include "messages.h"
#include "player.h"
#include "session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

struct replayed {
    struct dc_transport base;
    struct dc_reader reader;
    size_t sent_bytes;
};

static void
destroy(struct dc_transport *transport)
{
}

static int
get_fd(const struct dc_transport *transport)
{
    return -1;
}

static int
send(struct dc_transport *transport, const struct dc_datagram *datagrams, unsigned count)
{
    struct replayed *replayed = (struct replayed *)transport;
    for (unsigned i = 0; i < count; i++)
        replayed->sent_bytes += datagrams[i].size_bytes;
    return (int)count;
}

static bool
is_pending(const struct dc_transport *transport)
{
    return false;
}

static int
receive(struct dc_transport *transport, dc_transport_handle_datagram handle, void *user)
{
    struct dc_reader *r = &((struct replayed *)transport)->reader;
    while (dc_reader_left(r) > 2) {
        size_t size_bytes = dc_reader_u16be(r);
        if (size_bytes > dc_reader_left(r))
            size_bytes = dc_reader_left(r);
        const uint8_t *datagram = dc_reader_bytes(r, size_bytes);
        struct dc_instance_stats stats;
        if (size_bytes > 1)
            dc_messages_unpack_stats(datagram + 1, size_bytes - 1, &stats);
        if (size_bytes && !handle(user, datagram, size_bytes))
            return 0;
    }
    return 0;
}

static const struct dc_transport_impl impl = {
    .name = "replayed", .destroy = destroy, .fd = get_fd, .send = send, .is_pending = is_pending, .receive = receive,
    .shutdown = destroy,
};

static bool
admit(void *user, struct dc_session *session, const Dc__Session__Hello *hello, Dc__Session__Refused *refused)
{
    refused->text = (char *)"no";
    return hello->version == 1;
}

static void
fill_welcome(void *user, Dc__Session__Welcome *welcome)
{
}

static void
handle_refresh(void *user, struct dc_session *session)
{
}

static void
handle_input(void *user, const struct dc_input_event *event)
{
    if (event->id == 0 || event->kind > DC_INPUT_FOCUS)
        abort();
    if ((event->kind == DC_INPUT_KEY || event->kind == DC_INPUT_POINTER_BUTTON) && event->key.evdev_code > 0x2ff)
        abort();
    if (event->kind == DC_INPUT_TOUCH && event->touch.kind > DC_TOUCH_CANCEL)
        abort();
}

static void
handle_keyframe_request(void *user)
{
}

static void
handle_display_shift(void *user, int64_t shift_us)
{
    if (shift_us > 500000 || shift_us < -500000)
        abort();
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
}

static const struct dc_session_host host = {
    .admit = admit, .fill_welcome = fill_welcome, .handle_refresh = handle_refresh, .handle_input = handle_input, .handle_keyframe_request = handle_keyframe_request,
    .handle_display_shift = handle_display_shift,
    .handle_stats_request = handle_stats_request,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct replayed replayed = { .base.impl = &impl };
    if (size_bytes == 0)
        return 0;
    setenv("DC_LOG", "error", 1); // refusals are expected
    dc_reader_init(&replayed.reader, data + 1, size_bytes - 1);
    struct dc_session *session = dc_session_create(&replayed.base, &host, NULL, 0);
    session->is_expected = data[0] & 2; // by an offer
    if (data[0] & 1) {
        session->state = DC_SESSION_ADMITTED;
        session->deadline_us = INT64_MAX;
    }
    dc_session_dispatch(session, true, 1);
    if (session->state == DC_SESSION_UNAUTHENTICATED && session->received_bytes > 4096)
        abort();
    dc_session_destroy(session);
    return 0;
}
