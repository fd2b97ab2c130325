/* What sessions ask of the server, and through it of the supervisor. */
#define DC_LOG_COMPONENT "network"
#include "server_internal.h"

#include <ctype.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>

#include "admission.h"

static void
describe_client(const char *name, char *out, size_t size_bytes)
{
    size_t n = 0;
    for (; name && *name && n + 1 < size_bytes; name++)
        out[n++] = isprint((unsigned char)*name) ? *name : '?'; // it goes into the log
    out[n] = '\0';
}

/* The same player from elsewhere, or again: the older client is told. */
static void
take_over(struct dc_network *network)
{
    struct dc_session *old = network->player;
    struct dc_input_event release = { .time_us = dc_clock_now_us(), .kind = DC_INPUT_FOCUS, .focus.active = false };
    network->player = NULL;
    dc_info("another client takes over");
    dc_session_send_bye(old, "another client has taken over", 0, false, dc_clock_now_us());
    if (!network->player_is_new) {
        network->listener->handle_input(network->user, &release);
        network->listener->handle_connected(network->user, false, 0);
    }
    network->player_is_new = false;
}

static bool
adopt_transport(void *user, struct dc_session *session, const uint8_t *data, size_t size_bytes)
{
    struct dc_network *network = user;
    return network->web && dc_web_adopt(network->web, session, data, size_bytes);
}

/* Over plain TCP; an offer was looked at when it came. */
static bool
is_resumed(const struct dc_network *network, const Dc__Session__Hello *hello)
{
    return hello->version == DC_SESSION_VERSION && hello->token.len == DC_TOKEN_BYTES &&
           dc_resume_matches(&network->resume, hello->token.data);
}

static bool
admit(void *user, struct dc_session *session, const Dc__Session__Hello *hello, Dc__Session__Refused *refused)
{
    struct dc_network *network = user;
    char client[64];
    bool resumes = session->is_expected || is_resumed(network, hello);
    if (!resumes &&
        !dc_admission_decide(&network->tokens, hello, network->player != NULL, dc_clock_now_us(), refused))
        return false;
    if (!session->is_expected && !dc_resume_renew(&network->resume, !resumes))
        dc_warn("the client gets no resume secret: the kernel gives no random bytes");
    if (network->player)
        take_over(network);
    network->player = session;
    network->player_is_new = true;
    describe_client(hello->client, client, sizeof(client));
    dc_info("client admitted: %s", client);
    return true;
}

static void
fill_welcome(void *user, Dc__Session__Welcome *welcome)
{
    struct dc_network *network = user;
    welcome->instance = network->instance;
    welcome->width = network->config.width;
    welcome->height = network->config.height;
    welcome->refresh_mhz = network->config.refresh_mhz;
    welcome->audio_frame_ms = network->config.audio_frame_ms;
    if (!network->resume.is_valid)
        return;
    welcome->resume.data = network->resume.secret; // packed before it could change
    welcome->resume.len = sizeof(network->resume.secret);
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
handle_refresh(void *user, struct dc_session *session)
{
    struct dc_network *network = user;
    // A player that was admitted a moment ago is announced with it.
    if (session == network->player && !network->player_is_new && network->listener->handle_refresh)
        network->listener->handle_refresh(network->user, session->refresh_mhz);
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
    .adopt_transport = adopt_transport,
    .admit = admit,
    .fill_welcome = fill_welcome,
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_refresh = handle_refresh,
    .handle_display_shift = handle_display_shift,
    .handle_stats_request = handle_stats_request,
};
