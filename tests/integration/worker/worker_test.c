/* dc-render as a process: who is admitted, and that what is wrong with one instance stays with it. */
#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <common/clock.h>
#include <gles_opcodes.h>

#include "rig.h"

static const char *dc_render;

static int
set_up(void **state)
{
    struct rig_server *server = calloc(1, sizeof *server);
    rig_server_start(server, dc_render);
    *state = server;
    return 0;
}

static int
tear_down(void **state)
{
    rig_server_stop(*state);
    free(*state);
    return 0;
}

static void
assert_refused(struct rig_link *link, const char *reason)
{
    assert_true(rig_link_wait(link, &link->refused));
    assert_string_equal(link->reason, reason);
    bool never = false;
    rig_link_wait(link, &never);
    assert_true(link->closed);
    rig_link_finish(link);
}

static void
test_admission(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link link;
    char hex[512];
    rig_link_connect(&link, server, "demo", "");
    assert_refused(&link, "no capability");
    rig_link_connect(&link, server, "demo", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011223344");
    assert_refused(&link, "capability was not issued with this server's key");
    rig_capability(server, dc_render, "other", "60", hex);
    rig_link_connect(&link, server, "demo", hex);
    assert_refused(&link, "capability belongs to another instance");
    rig_capability(server, dc_render, "demo", "1", hex);
    sleep(2);
    rig_link_connect(&link, server, "demo", hex);
    assert_refused(&link, "capability has expired");
    rig_capability(server, dc_render, "demo", "60", hex);
    hex[70] = hex[70] == '0' ? '1' : '0'; // a quota
    rig_link_connect(&link, server, "demo", hex);
    assert_refused(&link, "capability was not issued with this server's key");
    assert_int_equal(rig_log_count(server, "refused"), 5);
}

static void
test_replay(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link first, second;
    char hex[512];
    rig_capability(server, dc_render, "demo", "60", hex);
    rig_link_connect(&first, server, "demo", hex);
    assert_true(rig_link_wait(&first, &first.admitted));
    rig_link_connect(&second, server, "demo", hex);
    assert_refused(&second, "capability was used before");
    assert_false(first.closed);
    rig_link_finish(&first);
    assert_int_equal(rig_log_count(server, "capability was used before"), 1);
}

static void
test_replay_after_restart(void **state)
{
    struct rig_server *server = *state;
    struct rig_link link;
    char hex[512];
    rig_capability(server, dc_render, "demo", "60", hex);
    rig_link_connect(&link, server, "demo", hex);
    assert_true(rig_link_wait(&link, &link.admitted));
    rig_link_finish(&link);
    kill(server->pid, SIGKILL); // its socket stays: a stale one must not hinder the next
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    rig_server_spawn(server, dc_render);
    rig_link_connect(&link, server, "demo", hex);
    assert_refused(&link, "capability was used before");
}

static void
test_first_message(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link link;
    char hex[512];
    rig_capability(server, dc_render, "demo", "60", hex);
    // Something else than Admit, and far too much of it.
    rig_link_connect(&link, server, "demo", "");
    assert_refused(&link, "no capability");
    static const uint8_t zeros[2000];
    rig_link_connect(&link, server, "demo", hex);
    assert_true(rig_link_wait(&link, &link.admitted));
    rig_link_send_raw(&link, DC_LINK_CONTROL, "\xff\xff\xff", 3);
    assert_true(rig_link_wait(&link, &link.failed));
    assert_string_equal(link.reason, "malformed control message");
    rig_link_finish(&link);
    rig_capability(server, dc_render, "demo", "60", hex);
    rig_link_connect(&link, server, "demo", hex);
    assert_true(rig_link_wait(&link, &link.admitted));
    rig_link_send_raw(&link, DC_LINK_PCM, zeros, 7);
    assert_true(rig_link_wait(&link, &link.failed));
    rig_link_finish(&link);
}

static void
test_plays(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link link;
    rig_link_start(&link, server, dc_render, "demo");
    for (uint64_t seq = 1; seq <= 20; seq++)
        assert_true(rig_link_play(&link, seq));
    assert_true(link.video_keyframe);
    assert_true(rig_link_wait_count(&link, &link.presents_done, 20));
    assert_int_equal(link.last_frame_id, 20);
    assert_true(rig_link_wait_count(&link, &link.releases, 19));
    // Sound: 50 ms of a ramp make five packets of 10 ms.
    static struct { int64_t time_us; int16_t samples[4800]; } __attribute__((packed)) pcm;
    pcm.time_us = dc_clock_now_us();
    for (int i = 0; i < 4800; i++)
        pcm.samples[i] = (int16_t)(i * 13);
    rig_link_send_raw(&link, DC_LINK_PCM, &pcm, sizeof pcm);
    assert_true(rig_link_wait_count(&link, &link.audio_packets, 5));
    // A key frame on request although nothing moves.
    Dc__Render__EncoderUpdate update = DC__RENDER__ENCODER_UPDATE__INIT;
    Dc__Render__StatsRequest request = DC__RENDER__STATS_REQUEST__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    update.keyframe = true;
    message.body_case = DC__RENDER__TO_WORKER__BODY_ENCODER;
    message.encoder = &update;
    link.video_keyframe = false;
    rig_link_send(&link, &message, NULL, 0);
    assert_true(rig_link_wait(&link, &link.video_keyframe));
    message.body_case = DC__RENDER__TO_WORKER__BODY_STATS_REQUEST;
    message.stats_request = &request;
    rig_link_send(&link, &message, NULL, 0);
    assert_true(rig_link_wait_count(&link, &link.stats, 1));
    rig_link_finish(&link);
    for (int i = 0; i < 300 && rig_log_count(server, "ended with status 0") == 0; i++)
        usleep(10000);
    assert_int_equal(rig_log_count(server, "ended with status 0"), 1);
}

static void
send_words(struct rig_link *link, uint32_t context, const uint32_t *words, size_t count)
{
    struct { struct dc_batch_header header; uint32_t words[16]; } batch = {
        .header = { .size_bytes = (uint32_t)count * 4, .context_id = context, .bulk_end = link->writer->ring.bulk_head },
    };
    memcpy(batch.words, words, count * 4);
    ring_writer_raw(link->writer, &batch, (sizeof batch.header + count * 4 + 7) / 8 * 8);
}

static void
send_header(struct rig_link *link, uint32_t size_bytes, uint64_t bulk_end)
{
    const struct dc_batch_header header = { .size_bytes = size_bytes, .context_id = 1, .bulk_end = bulk_end };
    ring_writer_raw(link->writer, &header, sizeof header);
}

static void bad_unknown(struct rig_link *l) { send_words(l, 1, (uint32_t[]){ 1u << 16 | 1000 }, 1); }
static void bad_opcode_zero(struct rig_link *l) { send_words(l, 1, (uint32_t[]){ 1u << 16 }, 1); }
static void bad_truncated(struct rig_link *l) { send_words(l, 1, (uint32_t[]){ 9u << 16 | DC_OP_Viewport, 1, 2 }, 3); }
static void bad_short(struct rig_link *l) { send_words(l, 1, (uint32_t[]){ 3u << 16 | DC_OP_Viewport, 1, 2 }, 3); }
static void bad_long_form(struct rig_link *l) { send_words(l, 1, (uint32_t[]){ DC_OP_Viewport, 0xffffffff, 2 }, 3); }
static void bad_context(struct rig_link *l) { send_words(l, 77, (uint32_t[]){ 1u << 16 | DC_OP_Flush }, 1); }
static void bad_surface(struct rig_link *l) { dc_enc_dcSwap(&l->writer->encoder, 99, 1); ring_writer_submit(l->writer); }
static void bad_bulk_end(struct rig_link *l) { send_header(l, 0, 1ull << 40); }
static void bad_oversized(struct rig_link *l) { send_header(l, DC_BATCH_MAX_BYTES + 4, 0); }
static void bad_batch_end(struct rig_link *l) { send_header(l, 4096, 0); }
static void bad_header(struct rig_link *l) { ring_writer_raw(l->writer, "\1\2\3\4\5\6\7\10", 8); }
static void
bad_position(struct rig_link *l)
{
    __atomic_store_n(&l->writer->ring.shared->cmd_head, ~0ull / 2, __ATOMIC_RELEASE);
    uint64_t one = 1;
    assert(write(l->writer->ring.cmd_eventfd, &one, sizeof one) == sizeof one);
}
static void
bad_bulk_blob(struct rig_link *l)
{
    // BufferData-like reference to bulk that was never published.
    send_words(l, 1, (uint32_t[]){ 7u << 16 | DC_OP_ShaderSource, 1, 8192, 2, 0, 0, 0 }, 7);
}
static void
bad_surface_size(struct rig_link *l)
{
    dc_enc_dcSurfaceCreate(&l->writer->encoder, 8, 1, 1u << 30, 1u << 30, 0, 0);
    ring_writer_submit(l->writer);
}

static void
test_corrupt_streams(void **state)
{
    static const struct { const char *name; void (*send)(struct rig_link *link); } cases[] = {
        { "unknown command", bad_unknown },         { "opcode zero", bad_opcode_zero },
        { "truncated command", bad_truncated },     { "short command", bad_short },
        { "oversized command", bad_long_form },     { "unknown context", bad_context },
        { "unknown surface", bad_surface },         { "bulk end", bad_bulk_end },
        { "oversized batch", bad_oversized },       { "truncated batch", bad_batch_end },
        { "truncated header", bad_header },         { "ring position", bad_position },
        { "unpublished bulk", bad_bulk_blob },      { "surface size", bad_surface_size },
    };
    const struct rig_server *server = *state;
    struct rig_link good, bad;
    rig_link_start(&good, server, dc_render, "good");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[32], line[64];
        snprintf(name, sizeof name, "bad%zu", i);
        rig_link_start(&bad, server, dc_render, name);
        assert_true(rig_link_play(&bad, 1));
        cases[i].send(&bad);
        if (!rig_link_wait(&bad, &bad.failed))
            fail_msg("%s: the worker goes on", cases[i].name);
        assert_true(bad.ring_failed);
        assert_int_not_equal(strlen(bad.reason), 0);
        bool never = false;
        rig_link_wait(&bad, &never);
        assert_true(bad.closed);
        // One line says all of it.
        snprintf(line, sizeof line, "error renderer: instance %s:", name);
        assert_int_equal(rig_log_count(server, line), 1);
        rig_link_finish(&bad);
        if (!rig_link_play(&good, i + 1))
            fail_msg("%s: the other instance does not play on", cases[i].name);
    }
    rig_link_finish(&good);
}

static void
test_new_link_replaces(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link first, second;
    rig_link_start(&first, server, dc_render, "demo");
    rig_link_start(&second, server, dc_render, "demo");
    bool never = false;
    rig_link_wait(&first, &never);
    assert_true(first.closed);
    assert_true(rig_link_play(&second, 1));
    rig_link_finish(&first);
    rig_link_finish(&second);
}

#ifndef __SANITIZE_ADDRESS__ // its workers have no memory limit
static void
test_memory_quota(void **state)
{
    const struct rig_server *server = *state;
    struct rig_link good, greedy;
    rig_link_start(&good, server, dc_render, "good");
    rig_link_start(&greedy, server, dc_render, "greedy");
    struct dc_encoder *e = &greedy.writer->encoder;
    // Surfaces of the largest size the quota allows, far more of them than the memory that it allows.
    for (uint32_t i = 0; i < 200; i++)
        dc_enc_dcImageCreate(e, 100 + i, 4096, 4096, 0);
    ring_writer_submit(greedy.writer);
    assert_true(rig_link_wait(&greedy, &greedy.failed));
    assert_string_equal(greedy.reason, "out of memory");
    for (uint64_t seq = 1; seq <= 3; seq++)
        assert_true(rig_link_play(&good, seq));
    rig_link_finish(&greedy);
    rig_link_finish(&good);
}
#endif

static void
test_worker_dies_with_server(void **state)
{
    struct rig_server *server = *state;
    struct rig_link link;
    rig_link_start(&link, server, dc_render, "demo");
    assert_true(rig_link_play(&link, 1));
    kill(server->pid, SIGKILL);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    bool never = false;
    rig_link_wait(&link, &never);
    assert_true(link.closed);
    rig_link_finish(&link);
    // tear_down stops a server: a fresh one.
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", server->directory);
    assert_int_equal(system(command), 0);
    rig_server_start(server, dc_render);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_admission),
        TEST(test_replay),
        TEST(test_replay_after_restart),
        TEST(test_first_message),
        TEST(test_plays),
        TEST(test_corrupt_streams),
        TEST(test_new_link_replaces),
#ifndef __SANITIZE_ADDRESS__
        TEST(test_memory_quota),
#endif
        TEST(test_worker_dies_with_server),
    };
    assert(argc == 2);
    dc_render = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
