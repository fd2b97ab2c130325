#include "carrier.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include <common/clock.h>
#include <protobuf-c/protobuf-c.h>

bool
dc_carrier_send(struct dc_carrier *carrier, enum dc_channel channel, const void *message)
{
    uint8_t data[DC_MESSAGE_MAX_BYTES];
    if (1 + protobuf_c_message_get_packed_size(message) > sizeof(data))
        return false;
    size_t size_bytes = protobuf_c_message_pack(message, data);
    return carrier->impl->send(carrier, channel, data, size_bytes);
}

int
dc_carrier_wait(struct dc_carrier *carrier, int64_t until_us, const struct dc_attempt *attempt,
                dc_carrier_handle_frame handle, void *user)
{
    struct pollfd fds[DC_CARRIER_MAX_FDS];
    sigset_t none;
    sigemptyset(&none);
    if (attempt && dc_attempt_is_over(attempt)) {
        snprintf(carrier->error, sizeof(carrier->error), "no answer in time");
        return -EINTR;
    }
    if (attempt)
        until_us = dc_attempt_next_us(attempt, until_us);
    unsigned count = carrier->impl->get_fds(carrier, fds);
    int64_t deadline_us = carrier->impl->deadline_us(carrier);
    int64_t left_us = (deadline_us < until_us ? deadline_us : until_us) - dc_clock_now_us();
    if (left_us < 0)
        left_us = 0;
    struct timespec timeout = { .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
    if (ppoll(fds, count, &timeout, attempt && attempt->signals_kill ? &none : NULL) < 0 && errno != EINTR)
        return -errno;
    return carrier->impl->work(carrier, handle, user);
}

static void
drop_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
}

void
dc_carrier_drain(struct dc_carrier *carrier, int timeout_ms)
{
    int64_t until_us = dc_clock_now_us() + timeout_ms * 1000;
    int result = 0;
    while (result >= 0 && carrier->impl->is_pending(carrier) && dc_clock_now_us() < until_us)
        result = dc_carrier_wait(carrier, until_us, NULL, drop_frame, NULL);
}
