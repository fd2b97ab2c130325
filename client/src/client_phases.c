/* What the session is doing by the clock: waiting, warming up, measuring, ending. */
#define DC_LOG_COMPONENT "client"
#include "client.h"

#include <signal.h>
#include <stdio.h>

#include <common/clock.h>

#include "exit_code.h"

#define FIRST_FRAME_TIMEOUT_US 60000000
#define STATS_TIMEOUT_US 1000000 // how long a phase waits for the instance's numbers
/* The instance asks its worker when it is asked, and answers with what the worker said last: so it is asked twice, with
 * this long for the worker in between. */
#define STATS_SETTLE_US 50000

static void
take_moment(struct dc_client *client, struct dc_report_moment *moment)
{
    moment->at_us = dc_clock_now_us();
    moment->client_cpu_us = dc_clock_process_cpu_us();
    moment->received_bytes = client->player.received_bytes;
    dc_audio_get_stats(&client->audio, &moment->audio);
}

static void
enter(struct dc_client *client, enum dc_client_phase phase, int64_t deadline_us)
{
    client->phase = phase;
    client->phase_deadline_us = deadline_us;
}

static void
end_session(struct dc_client *client, int exit_code)
{
    if (!client->exit_code)
        client->exit_code = exit_code;
    enter(client, DC_CLIENT_DONE, INT64_MAX);
}

/* Asks the instance for its numbers and takes ours at the same moment. */
static void
begin_moment(struct dc_client *client, enum dc_client_phase phase, struct dc_report_moment *moment, int64_t now_us)
{
    take_moment(client, moment);
    dc_player_request_stats(&client->player);
    client->stats_id = 0;
    client->stats_ask_us = now_us + STATS_SETTLE_US;
    enter(client, phase, now_us + STATS_TIMEOUT_US);
}

/* true: the answer is there, or will not come. */
static bool
end_moment(struct dc_client *client, struct dc_report_moment *moment, int64_t now_us)
{
    struct dc_instance_stats stats;
    if (!client->stats_id && now_us >= client->stats_ask_us)
        client->stats_id = dc_player_request_stats(&client->player);
    dc_player_get_stats(&client->player, &stats);
    if (!client->stats_id)
        return false;
    if (stats.id == client->stats_id)
        moment->instance = stats;
    return stats.id == client->stats_id || now_us >= client->phase_deadline_us;
}

static int64_t
end_time_us(const struct dc_client *client)
{
    return client->options->seconds > 0 ? client->first_frame_us + (int64_t)(client->options->seconds * 1e6)
                                        : INT64_MAX;
}

static void
begin_ending(struct dc_client *client, int64_t now_us)
{
    if (client->phase == DC_CLIENT_MEASURING)
        begin_moment(client, DC_CLIENT_ENDING, &client->report.end, now_us);
    else if (client->phase != DC_CLIENT_ENDING)
        end_session(client, DC_EXIT_OK);
}

static void
advance(struct dc_client *client, int64_t now_us)
{
    switch (client->phase) {
    case DC_CLIENT_WAITING:
        if (client->first_frame_us)
            enter(client, DC_CLIENT_WARMUP, client->first_frame_us + (int64_t)(client->options->warmup_s * 1e6));
        else if (now_us - client->started_us > FIRST_FRAME_TIMEOUT_US) {
            fprintf(stderr, "dc-client: no picture came within %d s\n", FIRST_FRAME_TIMEOUT_US / 1000000);
            end_session(client, DC_EXIT_LOST);
        }
        break;
    case DC_CLIENT_WARMUP:
        if (now_us >= client->phase_deadline_us)
            begin_moment(client, DC_CLIENT_BEGINNING, &client->report.begin, now_us);
        break;
    case DC_CLIENT_BEGINNING:
        if (end_moment(client, &client->report.begin, now_us))
            enter(client, DC_CLIENT_MEASURING, end_time_us(client));
        break;
    case DC_CLIENT_MEASURING:
        if (now_us >= client->phase_deadline_us)
            begin_ending(client, now_us);
        break;
    case DC_CLIENT_ENDING:
        if (end_moment(client, &client->report.end, now_us))
            end_session(client, DC_EXIT_OK);
        break;
    case DC_CLIENT_DONE:
        break;
    }
}

/* The session ended by itself: what was measured so far is still reported. */
static void
end_by_peer(struct dc_client *client, enum dc_player_state state)
{
    struct dc_player *player = &client->player;
    if (client->phase == DC_CLIENT_MEASURING)
        take_moment(client, &client->report.end);
    switch (state) {
    case DC_PLAYER_PLAYING:
    case DC_PLAYER_RECONNECTING:
        return;
    case DC_PLAYER_REFUSED:
        fprintf(stderr, "dc-client: refused: %s\n", player->end_text);
        end_session(client, DC_EXIT_REFUSED);
        return;
    case DC_PLAYER_LOST:
        fprintf(stderr, "dc-client: connection lost: %s\n", player->end_text);
        end_session(client, DC_EXIT_LOST);
        return;
    case DC_PLAYER_BYE:
        break;
    }
    if (player->app_exited)
        fprintf(stderr, "dc-client: the application ended with status %d%s%s\n", player->exit_status,
                player->end_text[0] ? ": " : "", player->end_text);
    else
        fprintf(stderr, "dc-client: the instance ended the session: %s\n", player->end_text);
    if (player->app_exited)
        end_session(client, player->exit_status ? DC_EXIT_APPLICATION : DC_EXIT_OK);
    else
        end_session(client, player->exit_status ? DC_EXIT_LOST : DC_EXIT_OK);
}

static void
run_script(struct dc_client *client, int64_t now_us)
{
    const struct dc_input_event *due;
    if (!client->first_frame_us)
        return;
    while ((due = dc_script_pull(&client->script, now_us - client->first_frame_us))) {
        struct dc_input_event event = *due;
        dc_client_send_input(client, &event);
    }
}

static int64_t
next_time_us(const struct dc_client *client)
{
    int64_t next_us = client->phase_deadline_us;
    int64_t script_us = dc_script_next_us(&client->script);
    if (client->phase == DC_CLIENT_WAITING)
        return client->started_us + FIRST_FRAME_TIMEOUT_US + 1000;
    if ((client->phase == DC_CLIENT_BEGINNING || client->phase == DC_CLIENT_ENDING) && !client->stats_id)
        next_us = client->stats_ask_us;
    if (script_us != INT64_MAX && client->first_frame_us + script_us < next_us)
        next_us = client->first_frame_us + script_us;
    int64_t end_us = end_time_us(client);
    return end_us < next_us && client->phase != DC_CLIENT_ENDING ? end_us : next_us;
}

int64_t
dc_client_pump(struct dc_client *client)
{
    int64_t now_us = dc_clock_now_us();
    enum dc_player_state state = dc_player_get_state(&client->player);
    int signal_number = client->player.signal;
    run_script(client, now_us);
    if (state != DC_PLAYER_PLAYING && state != DC_PLAYER_RECONNECTING) {
        end_by_peer(client, state);
    } else if (signal_number || client->user_quit) {
        begin_ending(client, now_us);
        if (signal_number && !client->exit_code)
            client->exit_code = 128 + signal_number;
    }
    enum dc_client_phase before;
    do {
        before = client->phase;
        advance(client, now_us);
    } while (client->phase != before);
    return next_time_us(client);
}
