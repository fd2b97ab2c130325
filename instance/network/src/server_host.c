/* What sessions ask of the server, and through it of the supervisor. */
#define DC_LOG_COMPONENT "network"
#include "server_internal.h"

#include <ctype.h>

#include <common/clock.h>
#include <common/log.h>

#include "admission.h"

static void
describe_client(const char *name, char *out, size_t size_bytes)
{
    size_t n = 0;
    for (; name && *name && n + 1 < size_bytes; name++)
        out[n++] = isprint((unsigned char)*name) ? *name : '?'; // it goes into the log
    out[n] = '\0';
}

static bool
admit(void *user, struct dc_session *session, const Dc__Session__Hello *hello, Dc__Session__Welcome *welcome,
      Dc__Session__Refused *refused)
{
    struct dc_network *network = user;
    char client[64];
    if (!dc_admission_decide(&network->tokens, hello, network->player != NULL, dc_clock_now_us(), refused))
        return false;
    network->player = session;
    network->player_is_new = true;
    welcome->instance = network->instance;
    welcome->width = network->config.width;
    welcome->height = network->config.height;
    welcome->refresh_mhz = network->config.refresh_mhz;
    welcome->audio_frame_ms = network->config.audio_frame_ms;
    describe_client(hello->client, client, sizeof(client));
    dc_info("client admitted: %s", client);
    return true;
}

static void
handle_input(void *user, const struct dc_input_event *event)
{
    struct dc_network *network = user;
    network->listener->handle_input(network->user, event);
}

static void
handle_keyframe_request(void *user)
{
    struct dc_network *network = user;
    network->listener->handle_keyframe_request(network->user);
}

static void
handle_display_shift(void *user, int64_t shift_us)
{
    struct dc_network *network = user;
    if (network->listener->handle_display_shift)
        network->listener->handle_display_shift(network->user, shift_us);
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
    struct dc_network *network = user;
    network->listener->handle_stats_request(network->user, stats);
}

const struct dc_session_host dc_network_session_host = {
    .admit = admit,
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_display_shift = handle_display_shift,
    .handle_stats_request = handle_stats_request,
};
