#include "instance.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <instance/link/link.h>
#include <instance/network/server.h>
#include <vhal/audio.h>
#include <vhal/display.h>
#include <vhal/seat_sink.h>

#include "exit_status.h"

#define TERMINATE_GRACE_MS 2000

static void
handle_watch(uv_poll_t *poll, int status, int events)
{
    struct dc_watch *watch = (struct dc_watch *)poll;
    watch->dispatch(poll->data);
}

static void
watch_start(struct dc_instance *instance, struct dc_watch *watch, int fd,
            void (*dispatch)(struct dc_instance *instance))
{
    uv_poll_init(&instance->loop, &watch->poll, fd);
    watch->poll.data = instance;
    watch->dispatch = dispatch;
    watch->active = true;
    uv_poll_start(&watch->poll, UV_READABLE, handle_watch);
}

static void
watch_stop(struct dc_watch *watch)
{
    if (!watch->active)
        return;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, NULL);
    watch->active = false;
}

static void
dispatch_link(struct dc_instance *instance)
{
    dc_link_dispatch(instance->link);
    if (instance->link_closed)
        watch_stop(&instance->link_watch);
}

static void
dispatch_network(struct dc_instance *instance)
{
    dc_network_dispatch(instance->network);
}

static void
dispatch_display(struct dc_instance *instance)
{
    dc_display_dispatch(instance->display);
}

static void
dispatch_audio(struct dc_instance *instance)
{
    dc_audio_hal_dispatch(instance->audio);
}

static void
handle_audio_period(void *user, int64_t time_us, const int16_t *samples, uint32_t frame_count)
{
    struct dc_instance *instance = user;
    // Nobody listens: the worker need not encode.
    if (instance->worker_ready && !instance->link_closed && instance->client_connected)
        dc_link_send_pcm(instance->link, time_us, samples, frame_count);
}

static void
end_loop(struct dc_instance *instance)
{
    uv_stop(&instance->loop);
}

static void
handle_kill_timer(uv_timer_t *timer)
{
    struct dc_instance *instance = timer->data;
    dc_warn("the application does not end: killed");
    dc_app_terminate(&instance->app, SIGKILL);
}

void
dc_instance_stop(struct dc_instance *instance, int exit_status, const char *reason)
{
    if (instance->stopping)
        return;
    instance->stopping = true;
    instance->exit_status = exit_status;
    snprintf(instance->reason, sizeof(instance->reason), "%s", reason);
    dc_debug("ending with status %d: %s", exit_status, reason);
    if (instance->network)
        dc_network_send_bye(instance->network, reason, exit_status, instance->app.exited);
    if (!instance->app.pid) {
        end_loop(instance);
        return;
    }
    dc_app_terminate(&instance->app, SIGTERM);
    uv_timer_start(&instance->kill_timer, handle_kill_timer, TERMINATE_GRACE_MS, 0);
}

void
dc_instance_try_start_app(struct dc_instance *instance)
{
    if (instance->app.started || instance->stopping || !instance->worker_ready)
        return;
    if (instance->options->wait_client && !instance->client_connected)
        return;
    int status = dc_app_start(&instance->app, instance->options->app, &instance->runtime, instance->wayland_display,
                              &instance->paths);
    if (status) {
        char reason[128];
        snprintf(reason, sizeof(reason), "%.100s cannot be started", instance->options->app[0]);
        dc_instance_stop(instance, status, reason);
    }
    dc_player_start_timers(instance);
}

static void
handle_app_exit(struct dc_instance *instance)
{
    int status = instance->app.exit_status;
    char reason[128];
    if (status > 128)
        snprintf(reason, sizeof(reason), "the application was ended by signal %d (%s)", status - 128,
                 strsignal(status - 128));
    else
        snprintf(reason, sizeof(reason), "the application exited with status %d", status);
    if (instance->stopping) {
        end_loop(instance);
        return;
    }
    if (status)
        dc_warn("%s", reason);
    else
        dc_info("%s", reason);
    dc_instance_stop(instance, status, reason);
}

static void
handle_child(struct dc_instance *instance)
{
    int wait_status;
    pid_t pid;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
        if (dc_app_handle_exit(&instance->app, pid, wait_status))
            handle_app_exit(instance);
        else if (pid == instance->render.pid)
            instance->render.pid = 0; // the link says what that means
    }
}

static void
handle_signal(uv_signal_t *handle, int signal_number)
{
    struct dc_instance *instance = handle->data;
    if (signal_number == SIGCHLD) {
        handle_child(instance);
        return;
    }
    char reason[64];
    snprintf(reason, sizeof(reason), "dc-instance was ended (%s)", strsignal(signal_number));
    dc_info("%s", reason);
    if (instance->stopping)
        dc_app_terminate(&instance->app, SIGKILL); // asked twice
    dc_instance_stop(instance, 128 + signal_number, reason);
}

static void
start_signals(struct dc_instance *instance)
{
    static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        uv_signal_init(&instance->loop, &instance->signals[i]);
        instance->signals[i].data = instance;
        uv_signal_start(&instance->signals[i], handle_signal, numbers[i]);
    }
}

static bool
start_display(struct dc_instance *instance)
{
    struct dc_display_config config = {
        .width = instance->options->width,
        .height = instance->options->height,
        .refresh_mhz = instance->options->refresh_mhz,
        .socket_name = "wayland-dc-0",
    };
    // libwayland looks for the directory there, and so will the application.
    setenv("XDG_RUNTIME_DIR", instance->runtime.path, 1);
    instance->display = dc_display_create(&config, &dc_instance_display_listener, instance);
    if (!instance->display)
        return false;
    snprintf(instance->wayland_display, sizeof(instance->wayland_display), "%s",
             dc_display_socket_name(instance->display));
    dc_hub_init(&instance->hub, config.width, config.height);
    dc_seat_sink_add(&instance->hub, instance->display);
    watch_start(instance, &instance->display_watch, dc_display_fd(instance->display), dispatch_display);
    return true;
}

static bool
start_audio(struct dc_instance *instance)
{
    static const struct dc_audio_hal_listener listener = { .handle_period = handle_audio_period };
    char path[108];
    dc_runtime_dir_join(&instance->runtime, "droidcloud-audio-0", path);
    struct dc_audio_hal_config config = { .socket_path = path, .period_ms = instance->options->audio_frame_ms };
    instance->audio = dc_audio_hal_create(&config, &listener, instance);
    if (!instance->audio)
        return false;
    watch_start(instance, &instance->audio_watch, dc_audio_hal_fd(instance->audio), dispatch_audio);
    return true;
}

static bool
start_network(struct dc_instance *instance)
{
    const struct dc_options *options = instance->options;
    struct dc_network_config config = {
        .host = options->listen_host,
        .port = options->listen_port,
        .listen_fd = -1,
        .instance = options->name,
        .width = options->width,
        .height = options->height,
        .refresh_mhz = options->refresh_mhz,
        .audio_frame_ms = options->audio_frame_ms,
        .bitrate_kbps = options->bitrate_kbps,
        .web_host = options->web ? options->web_host : NULL,
        .web_port = options->web_port,
        .web_is_plain = options->web_is_plain,
        .web_certificate = options->web_certificate,
        .web_key = options->web_key,
    };
    if (options->no_client)
        return true;
    if (!dc_options_is_loopback(options->listen_host))
        dc_warn("listening on %s: dc:// sessions are not encrypted yet, use them in trusted networks only",
                options->listen_host);
    instance->network = dc_network_create(&config, &dc_instance_network_listener, instance);
    if (!instance->network)
        return false;
    watch_start(instance, &instance->network_watch, dc_network_fd(instance->network), dispatch_network);
    return true;
}

bool
dc_instance_start_link(struct dc_instance *instance)
{
    const struct dc_options *options = instance->options;
    struct dc_link_config config = {
        .address = options->link,
        .instance = options->name,
        .capability = options->capability,
        .capability_bytes = options->capability_bytes,
        .ca_file = options->tls_ca,
        .cert_file = options->tls_cert,
        .key_file = options->tls_key,
        .rings_survive = options->recover_tries > 0,
    };
    instance->link = dc_link_create(&config, &dc_instance_link_listener, instance);
    if (!instance->link || !dc_worker_start(instance))
        return false;
    watch_start(instance, &instance->link_watch, dc_link_fd(instance->link), dispatch_link);
    return true;
}

static uint32_t
recover_mib(const struct dc_options *options)
{
    return options->recover_tries ? options->recover_mib : 0;
}

/* 0, or an exit status. Each part logs why it cannot. */
static int
start(struct dc_instance *instance)
{
    char path[108];
    if (!dc_paths_find(&instance->paths))
        return DC_EXIT_SYSTEM;
    if (!instance->paths.egl_vendor[0])
        dc_warn("droidcloud.json is not beside dc-instance: the application will render by itself");
    if (!dc_runtime_dir_create(&instance->runtime, instance->options->name))
        return DC_EXIT_SYSTEM;
    if (!instance->options->link) {
        int status = dc_render_server_start(&instance->render, instance->options, &instance->runtime, &instance->paths);
        if (status)
            return status;
    } else if (instance->options->capability_bytes == 0 && !dc_render_server_ask_capability(instance->options)) {
        return DC_EXIT_NO_RENDER;
    }
    dc_runtime_dir_join(&instance->runtime, "droidcloud-frontend-0", path);
    if (!dc_frontend_server_init(&instance->frontends, &instance->loop, path, instance->options->gl_error_mode,
                                 recover_mib(instance->options)) ||
        !start_display(instance) || !start_audio(instance) || !start_network(instance))
        return DC_EXIT_SYSTEM;
    return dc_instance_start_link(instance) ? 0 : DC_EXIT_NO_RENDER;
}

static void
close_handle(uv_handle_t *handle, void *user)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void
finish(struct dc_instance *instance)
{
    if (instance->app.pid)
        dc_app_terminate(&instance->app, SIGKILL);
    dc_app_kill_descendants(instance->render.pid);
    dc_report_write(instance);
    watch_stop(&instance->network_watch);
    watch_stop(&instance->display_watch);
    watch_stop(&instance->audio_watch);
    watch_stop(&instance->link_watch);
    dc_network_destroy(instance->network);
    dc_display_destroy(instance->display); // may still write to the image ring
    if (instance->audio)
        dc_audio_hal_destroy(instance->audio);
    dc_frontend_server_finish(&instance->frontends);
    dc_image_writer_finish(&instance->images);
    if (instance->link)
        dc_link_destroy(instance->link);
    dc_render_server_stop(&instance->render);
    uv_walk(&instance->loop, close_handle, NULL);
    uv_run(&instance->loop, UV_RUN_DEFAULT);
    uv_loop_close(&instance->loop);
    dc_app_kill_descendants(0);
    dc_runtime_dir_remove(&instance->runtime);
}

int
dc_instance_run(struct dc_options *options)
{
    struct dc_instance *instance = calloc(1, sizeof(*instance));
    if (!instance)
        return DC_EXIT_INTERNAL;
    if (uv_loop_init(&instance->loop) != 0) {
        free(instance);
        return DC_EXIT_INTERNAL;
    }
    instance->options = options;
    instance->start_us = dc_clock_now_us();
    dc_app_prepare();
    dc_image_writer_init(&instance->images, recover_mib(options));
    dc_recovery_init(instance);
    uv_timer_t *timers[] = { &instance->kill_timer, &instance->wait_timer, &instance->token_timer,
                             &instance->steady_timer };
    for (int i = 0; i < 4; i++) {
        uv_timer_init(&instance->loop, timers[i]);
        timers[i]->data = instance;
    }
    start_signals(instance);
    int status = start(instance);
    if (status) {
        instance->stopping = true;
        instance->exit_status = status;
    } else {
        dc_player_start_timers(instance);
        dc_report_start(instance);
        uv_run(&instance->loop, UV_RUN_DEFAULT);
    }
    finish(instance);
    status = instance->exit_status;
    free(instance);
    return status;
}
