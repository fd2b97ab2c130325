/* The client's side: tokens, input, statistics, and timers about whether anybody plays. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <instance/link/link.h>
#include <instance/network/server.h>
#include <session.pb-c.h>
#include <vhal/audio.h>
#include <vhal/display.h>

#include "exit_status.h"
#include "instance.h"

#define TOKEN_TTL_MS (15u * 60 * 1000)

static bool
write_token_file(const char *path, const char *url)
{
    char temporary[4096];
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || dprintf(fd, "%s\n", url) < 0 || rename(temporary, path) < 0) {
        dc_error("%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    return true;
}

static void
format_url(const char *scheme, const char *host, uint16_t port, const char *where, const uint8_t token[16], char *url,
           size_t size_bytes)
{
    bool is_v6 = strchr(host, ':') != NULL;
    int length = snprintf(url, size_bytes, "%s://%s%s%s:%u/%stoken=", scheme, is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                          port, where);
    for (int i = 0; i < 16 && length > 0 && (size_t)length + 3 <= size_bytes; i++)
        length += snprintf(url + length, size_bytes - (size_t)length, "%02x", token[i]);
}

/* One address for browsers and dc-client. Token and fingerprint are behind a #, which goes to nobody. */
static void
announce_web(const struct dc_instance *instance, const uint8_t token[16])
{
    const struct dc_options *options = instance->options;
    char url[500], where[DC_NETWORK_FINGERPRINT_BYTES] = "#", fingerprint[DC_NETWORK_FINGERPRINT_BYTES];
    dc_network_fingerprint(instance->network, fingerprint);
    if (!options->web_is_plain) {
        size_t length = (size_t)snprintf(where, sizeof(where), "#fp=");
        for (const char *c = fingerprint; *c; c++) {
            if (*c != ':')
                where[length++] = *c;
        }
        snprintf(where + length, sizeof(where) - length, "&");
    }
    format_url(options->web_is_plain ? "http" : "https", options->web_host, dc_network_web_port(instance->network), where,
               token, url, sizeof(url));
    printf("web %s\ncertificate sha-256 %s\n", url, fingerprint);
}

static void
handle_token_timer(uv_timer_t *timer)
{
    struct dc_instance *instance = timer->data;
    if (!instance->client_connected)
        dc_player_announce(instance);
}

bool
dc_player_announce(struct dc_instance *instance)
{
    uint8_t token[16];
    char url[400];
    if (!dc_network_issue_token(instance->network, TOKEN_TTL_MS, token))
        return false;
    format_url("dc", instance->options->listen_host, dc_network_port(instance->network), "?", token, url, sizeof(url));
    if (instance->options->token_file && !write_token_file(instance->options->token_file, url))
        return false;
    if (instance->options->web)
        announce_web(instance, token);
    printf("connect %s\n", url);
    fflush(stdout);
    uv_timer_start(&instance->token_timer, handle_token_timer, TOKEN_TTL_MS, 0);
    return true;
}

static void
handle_wait_timer(uv_timer_t *timer)
{
    struct dc_instance *instance = timer->data;
    if (instance->client_connected)
        return;
    const char *what = instance->app.started ? "no client any more" : "no client came";
    dc_error("%s: ending", what);
    dc_instance_stop(instance, DC_EXIT_NO_CLIENT, what);
}

void
dc_player_start_timers(struct dc_instance *instance)
{
    const struct dc_options *options = instance->options;
    uint64_t seconds = options->idle_exit_s;
    if (!instance->app.started && options->wait_client && options->wait_client_s)
        seconds = options->wait_client_s;
    uv_timer_stop(&instance->wait_timer);
    if (seconds && !instance->client_connected)
        uv_timer_start(&instance->wait_timer, handle_wait_timer, seconds * 1000, 0);
}

static void
handle_input(void *user, const struct dc_input_event *event)
{
    struct dc_instance *instance = user;
    dc_hub_handle_input(&instance->hub, event);
}

static void
handle_keyframe_request(void *user)
{
    struct dc_instance *instance = user;
    dc_worker_set_encoder(instance, false, true);
}

/* A slower screen sets the pace; a faster one does not make the instance dearer than it was ordered. */
static void
handle_refresh(void *user, uint32_t refresh_mhz)
{
    struct dc_instance *instance = user;
    uint32_t ordered_mhz = instance->options->refresh_mhz;
    dc_display_set_refresh(instance->display, refresh_mhz && refresh_mhz < ordered_mhz ? refresh_mhz : ordered_mhz);
}

static void
handle_connected(void *user, bool connected, uint32_t refresh_mhz)
{
    struct dc_instance *instance = user;
    instance->client_connected = connected;
    dc_player_start_timers(instance);
    if (!connected) {
        dc_hub_handle_disconnected(&instance->hub, dc_clock_now_us());
        dc_worker_set_encoder(instance, true, false);
        dc_display_set_refresh(instance->display, instance->options->refresh_mhz);
        if (!instance->stopping)
            dc_player_announce(instance);
        return;
    }
    instance->clients++;
    instance->encoder_skips = false;
    dc_worker_tune_encoder(instance, &(struct dc_network_encoder_wish){ .bitrate_kbps = instance->options->bitrate_kbps,
                                                                         .kept_frames = 1 });
    uv_timer_stop(&instance->token_timer);
    handle_refresh(instance, refresh_mhz);
    dc_worker_set_encoder(instance, false, true);
    dc_worker_request_stats(instance);
    dc_display_repaint(instance->display);
    dc_instance_try_start_app(instance);
}

/* What the line wants; it ends with the client. */
static void
handle_encoder(void *user, const struct dc_network_encoder_wish *wish)
{
    dc_worker_tune_encoder(user, wish);
}

static void
handle_display_shift(void *user, int64_t shift_us)
{
    struct dc_instance *instance = user;
    dc_display_shift_phase(instance->display, shift_us);
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
    struct dc_instance *instance = user;
    struct dc_frontend_counters counters;
    struct dc_link_stats link = { .kind = "none" };
    struct dc_audio_hal_stats audio = { 0 };
    dc_frontend_server_get_counters(&instance->frontends, &counters);
    if (instance->link)
        dc_link_get_stats(instance->link, &link);
    if (instance->audio)
        dc_audio_hal_get_stats(instance->audio, &audio);
    stats->time_us = dc_clock_now_us();
    stats->link_kind = (char *)link.kind;
    stats->link_bytes = link.command_bytes;
    stats->link_wire_bytes = dc_stats_wire_bytes(&link);
    stats->frames = counters.frames;
    stats->round_trips = counters.round_trips;
    stats->app_waits = counters.app_waits;
    stats->app_cpu_us = dc_stats_app_cpu_us(instance);
    stats->instance_cpu_us = dc_clock_process_cpu_us();
    stats->worker_cpu_us = instance->worker.cpu_us; // of the last request: the answer to this one serves the next
    stats->frames_encoded = instance->worker.frames_encoded;
    stats->audio_underruns = audio.underruns;
    stats->renderer = instance->gpu;
    stats->app = instance->options->app[0];
    stats->runtime = "none";
    dc_worker_request_stats(instance);
}

const struct dc_network_listener dc_instance_network_listener = {
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_refresh = handle_refresh,
    .handle_encoder = handle_encoder,
    .handle_display_shift = handle_display_shift,
    .handle_connected = handle_connected,
    .handle_stats_request = handle_stats_request,
};
