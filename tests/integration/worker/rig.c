#undef NDEBUG
#include "rig.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <common/clock.h>
#include <protocol/link/packet_wire.h>

#define TIMEOUT_US 10000000

void
rig_server_spawn(struct rig_server *server, const char *dc_render)
{
    char listen[128];
    snprintf(listen, sizeof listen, "unix:%s", server->socket_path);
    unlink(server->log_path);
    server->pid = fork();
    assert(server->pid >= 0);
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM); // a test that aborts leaves none behind
        assert(freopen(server->log_path, "w", stderr));
        execl(dc_render, dc_render, "--listen", listen, "--key-file", server->key_path,
              server->limit[0] ? server->limit : NULL, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 500; i++) {
        if (access(server->log_path, F_OK) == 0 && rig_log_count(server, "listening on"))
            return;
        usleep(10000);
    }
    assert(!"dc-render does not listen");
}

void
rig_server_start(struct rig_server *server, const char *dc_render)
{
    strcpy(server->directory, "/tmp/dc-worker-test-XXXXXX");
    assert(mkdtemp(server->directory));
    snprintf(server->socket_path, sizeof server->socket_path, "%s/render", server->directory);
    snprintf(server->key_path, sizeof server->key_path, "%s/key", server->directory);
    snprintf(server->log_path, sizeof server->log_path, "%s/log", server->directory);
    rig_server_spawn(server, dc_render);
}

static void
remove_directory(const struct rig_server *server)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", server->directory);
    assert(system(command) == 0);
}

static void
print_log(const struct rig_server *server)
{
    char line[1024];
    FILE *log = fopen(server->log_path, "r");
    while (log && fgets(line, sizeof line, log))
        fputs(line, stderr);
    if (log)
        fclose(log);
}

void
rig_server_abort(struct rig_server *server)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, SIGTERM);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
    print_log(server);
    remove_directory(server);
}

void
rig_server_stop(struct rig_server *server)
{
    int status;
    kill(server->pid, SIGTERM);
    assert(waitpid(server->pid, &status, 0) == server->pid);
    server->pid = 0;
    assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert(access(server->socket_path, F_OK) != 0);
    remove_directory(server);
}

unsigned
rig_log_count(const struct rig_server *server, const char *text)
{
    char line[1024];
    unsigned count = 0;
    FILE *log = fopen(server->log_path, "r");
    assert(log);
    while (fgets(line, sizeof line, log))
        count += strstr(line, text) != NULL;
    fclose(log);
    return count;
}

void
rig_capability(const struct rig_server *server, const char *dc_render, const char *instance, const char *ttl_s,
               char out[512])
{
    char command[512];
    snprintf(command, sizeof command, "%s capability --key-file %s --instance %s --ttl %s --memory-mib %u", dc_render,
             server->key_path, instance, ttl_s, server->memory_mib ? server->memory_mib : 4096);
    FILE *pipe = popen(command, "r");
    assert(pipe && fgets(out, 512, pipe));
    assert(pclose(pipe) == 0);
    out[strcspn(out, "\n")] = '\0';
}

static void
handle_control(struct rig_link *link, const struct dc_channel_message *message)
{
    Dc__Render__FromWorker *m = dc__render__from_worker__unpack(NULL, message->size_bytes, message->payload);
    assert(m);
    switch (m->body_case) {
    case DC__RENDER__FROM_WORKER__BODY_REFUSED:
        link->refused = true;
        snprintf(link->reason, sizeof link->reason, "%s", m->refused->reason);
        break;
    case DC__RENDER__FROM_WORKER__BODY_ADMITTED: link->admitted = true; break;
    case DC__RENDER__FROM_WORKER__BODY_HELLO: link->hello = m->hello->profile.len > 100; break;
    case DC__RENDER__FROM_WORKER__BODY_RELEASE: link->releases++; break;
    case DC__RENDER__FROM_WORKER__BODY_PRESENT_DONE:
        link->presents_done++;
        link->last_frame_id = m->present_done->frame_id;
        break;
    case DC__RENDER__FROM_WORKER__BODY_RING_FAILED:
        link->ring_failed = true;
        link->failed_op = m->ring_failed->opcode;
        break;
    case DC__RENDER__FROM_WORKER__BODY_FAILED:
        link->failed = true;
        snprintf(link->reason, sizeof link->reason, "%s", m->failed->reason);
        break;
    case DC__RENDER__FROM_WORKER__BODY_STATS: link->stats++; break;
    default: break;
    }
    dc__render__from_worker__free_unpacked(m, NULL);
}

static bool
handle_message(void *user, struct dc_channel_message *message)
{
    struct rig_link *link = user;
    struct dc_packet packet;
    if (message->type == DC_LINK_CONTROL) {
        handle_control(link, message);
    } else {
        assert(message->type == DC_LINK_PACKET && dc_packet_unpack(message->payload, message->size_bytes, &packet));
        link->video_packets += packet.kind == DC_PACKET_VIDEO_H264;
        link->audio_packets += packet.kind == DC_PACKET_AUDIO_OPUS;
        link->video_keyframe |= packet.kind == DC_PACKET_VIDEO_H264 && packet.keyframe;
    }
    return true;
}

static const struct dc_channel_listener listener = { .handle_message = handle_message };

void
rig_link_send(struct rig_link *link, const Dc__Render__ToWorker *message, const int *fds, int fd_count)
{
    uint8_t packed[4096];
    size_t size_bytes = dc__render__to_worker__get_packed_size(message);
    assert(size_bytes <= sizeof packed);
    dc__render__to_worker__pack(message, packed);
    dc_channel_send(link->channel, DC_LINK_CONTROL, 0, packed, size_bytes, fds, fd_count);
}

void
rig_link_send_raw(struct rig_link *link, uint16_t type, const void *bytes, size_t size_bytes)
{
    dc_channel_send(link->channel, type, 0, bytes, size_bytes, NULL, 0);
}

void
rig_link_poll(struct rig_link *link)
{
    struct pollfd polled = { .fd = dc_channel_fd(link->channel), .events = dc_channel_events(link->channel) };
    if (link->closed || poll(&polled, 1, 20) <= 0)
        return;
    if (dc_channel_process(link->channel, polled.revents) < 0)
        link->closed = true;
}

bool
rig_link_wait(struct rig_link *link, const bool *flag)
{
    int64_t end_us = dc_clock_now_us() + TIMEOUT_US;
    while (!*flag && !link->closed && dc_clock_now_us() < end_us)
        rig_link_poll(link);
    return *flag;
}

bool
rig_link_wait_count(struct rig_link *link, const unsigned *count, unsigned n)
{
    int64_t end_us = dc_clock_now_us() + TIMEOUT_US;
    while (*count < n && !link->closed && dc_clock_now_us() < end_us)
        rig_link_poll(link);
    return *count >= n;
}

void
rig_link_connect(struct rig_link *link, const struct rig_server *server, const char *instance, const char *hex)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    uint8_t capability[256];
    Dc__Render__Admit admit = DC__RENDER__ADMIT__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    *link = (struct rig_link){ 0 };
    strcpy(address.sun_path, server->socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    link->channel = dc_channel_create(fd, &listener, link);
    for (size_t i = 0; i < strlen(hex) / 2; i++)
        assert(sscanf(hex + 2 * i, "%2hhx", &capability[i]) == 1);
    admit.version = 1;
    admit.instance = (char *)instance;
    admit.capability = (ProtobufCBinaryData){ .len = strlen(hex) / 2, .data = capability };
    message.body_case = DC__RENDER__TO_WORKER__BODY_ADMIT;
    message.admit = &admit;
    rig_link_send(link, &message, NULL, 0);
}

static void
send_start(struct rig_link *link)
{
    Dc__Render__Start start = DC__RENDER__START__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    start.width = 64;
    start.height = 48;
    start.refresh_mhz = 60000;
    start.bitrate_kbps = 1000;
    start.audio_frame_ms = 10;
    message.body_case = DC__RENDER__TO_WORKER__BODY_START;
    message.start = &start;
    rig_link_send(link, &message, NULL, 0);
}

static void
attach_ring(struct rig_link *link)
{
    Dc__Render__RingAttach attach = DC__RENDER__RING_ATTACH__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    struct dc_encoder *e;
    link->writer = calloc(1, sizeof *link->writer);
    assert(link->writer && ring_writer_init(link->writer));
    attach.ring_id = 1;
    attach.process = "test";
    message.body_case = DC__RENDER__TO_WORKER__BODY_RING_ATTACH;
    message.ring_attach = &attach;
    rig_link_send(link, &message, (int[]){ link->writer->ring.memfd, link->writer->ring.cmd_eventfd }, 2);
    e = &link->writer->encoder;
    dc_enc_dcContextCreate(e, 1, 0, 0, 3, 0, 0);
    dc_enc_dcSurfaceCreate(e, 3, 1, 64, 48, 0, 0);
    ring_writer_submit(link->writer);
    link->writer->context = 1;
    dc_enc_dcMakeCurrent(e, 3, 3);
    ring_writer_submit(link->writer);
}

void
rig_link_start(struct rig_link *link, const struct rig_server *server, const char *dc_render, const char *instance)
{
    char hex[512];
    rig_capability(server, dc_render, instance, "60", hex);
    rig_link_connect(link, server, instance, hex);
    assert(rig_link_wait(link, &link->admitted));
    send_start(link);
    assert(rig_link_wait(link, &link->hello));
    attach_ring(link);
}

void
rig_link_finish(struct rig_link *link)
{
    if (link->channel)
        dc_channel_destroy(link->channel);
    if (link->writer)
        ring_writer_finish(link->writer);
    free(link->writer);
    *link = (struct rig_link){ .closed = true };
}

bool
rig_link_play(struct rig_link *link, uint64_t seq)
{
    Dc__Render__Layer layer = DC__RENDER__LAYER__INIT, *layers[] = { &layer };
    Dc__Render__Present present = DC__RENDER__PRESENT__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    struct dc_encoder *e = &link->writer->encoder;
    unsigned before = link->video_packets;
    dc_enc_ClearColor(e, (float)(seq % 2), 0, 0.5f, 1);
    dc_enc_Clear(e, GL_COLOR_BUFFER_BIT);
    dc_enc_dcSwap(e, 3, seq);
    ring_writer_submit(link->writer);
    layer.ring_id = 1;
    layer.surface_id = 3;
    layer.seq = seq;
    layer.width = 64;
    layer.height = 48;
    layer.opaque = layer.y_inverted = true;
    present.present_id = seq;
    present.n_layers = 1;
    present.layers = layers;
    present.present_us = dc_clock_now_us();
    message.body_case = DC__RENDER__TO_WORKER__BODY_PRESENT;
    message.present = &present;
    rig_link_send(link, &message, NULL, 0);
    return rig_link_wait_count(link, &link->video_packets, before + 1);
}
