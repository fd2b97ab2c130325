#undef NDEBUG
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <common/clock.h>

#include "video_pipe.h"

/* An encoder that waits for a go before each frame. */
struct dc_video_encoder {
    struct dc_video_encoder_config config;
    const struct dc_video_encoder_listener *listener;
    void *user;
};

static sem_t go, encoded, taken;
static unsigned encoders, released;
static struct dc_frame_meta last;
static bool last_keyframe, references_left;
static uint64_t last_lost_id;
static uint32_t last_bitrate_kbps;

static struct dc_video_encoder *
slow_create(const struct dc_video_encoder_config *config, const struct dc_video_encoder_listener *listener, void *user)
{
    struct dc_video_encoder *e = calloc(1, sizeof *e);
    *e = (struct dc_video_encoder){ *config, listener, user };
    encoders++;
    return e;
}

static void
slow_destroy(struct dc_video_encoder *e)
{
    free(e);
}

static bool
slow_encode(struct dc_video_encoder *e, struct dc_frame *frame, bool keyframe)
{
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = keyframe, .data = (const uint8_t *)"x",
                                .size_bytes = 1, .meta = frame->meta };
    sem_post(&taken);
    sem_wait(&go);
    frame->release(frame);
    e->listener->handle_packet(e->user, &packet);
    return true;
}

static bool
slow_set_bitrate(struct dc_video_encoder *e, uint32_t bitrate_kbps)
{
    last_bitrate_kbps = bitrate_kbps;
    return true;
}

static bool
slow_invalidate(struct dc_video_encoder *e, uint64_t first_lost_id)
{
    last_lost_id = first_lost_id;
    return references_left;
}

static const struct dc_video_encoder_impl slow = { "slow", slow_create, slow_destroy, slow_encode, slow_set_bitrate,
                                                   slow_invalidate };

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    last = packet->meta;
    last_keyframe = packet->keyframe;
    sem_post(&encoded);
}

static void
handle_failed(void *user, const char *reason)
{
    fail_msg("%s", reason);
}

static void
release(struct dc_frame *frame)
{
    __atomic_add_fetch(&released, 1, __ATOMIC_RELAXED);
}

static struct dc_frame
frame_of(uint32_t width, uint64_t input_id)
{
    return (struct dc_frame){ .width = width, .height = 16, .release = release,
                              .meta = { .input_id_count = 1, .input_ids = { input_id } } };
}

static const struct dc_video_pipe_listener listener = { handle_packet, handle_failed };

static void
test_newest_wins_and_inherits(void **state)
{
    const struct dc_video_pipe_config config = { .impl = &slow, .refresh_mhz = 60000, .bitrate_kbps = 1000 };
    struct dc_frame frames[4] = { frame_of(16, 1), frame_of(16, 2), frame_of(16, 3), frame_of(32, 4) };
    struct dc_video_pipe_stats stats;
    sem_init(&go, 0, 0);
    sem_init(&encoded, 0, 0);
    sem_init(&taken, 0, 0);
    struct dc_video_pipe *pipe = dc_video_pipe_create(&config, &listener, NULL);
    assert_non_null(pipe);
    assert_int_equal(dc_video_pipe_push(pipe, &frames[0]), 1);
    sem_post(&go);
    sem_wait(&encoded);
    assert_true(last_keyframe); // the first always is one
    assert_int_equal(last.frame_id, 1);
    // One that waits in the encoder, then two that wait for it: the second takes the first's place and id.
    assert_int_equal(dc_video_pipe_push(pipe, &frames[1]), 2);
    sem_wait(&taken);
    sem_wait(&taken);
    uint64_t third = dc_video_pipe_push(pipe, &frames[2]);
    dc_video_pipe_request_keyframe(pipe);
    dc_video_pipe_set_bitrate(pipe, 2000);
    uint64_t fourth = dc_video_pipe_push(pipe, &frames[3]);
    assert_int_equal(third, fourth);
    sem_post(&go);
    sem_wait(&encoded);
    assert_false(last_keyframe);
    sem_post(&go);
    sem_wait(&encoded);
    assert_true(last_keyframe);
    assert_int_equal(last.frame_id, fourth);
    assert_int_equal(last.input_id_count, 2);
    assert_int_equal(last.input_ids[0], 3);
    assert_int_equal(last.input_ids[1], 4);
    assert_int_equal(encoders, 2); // another size
    dc_video_pipe_get_stats(pipe, &stats);
    assert_int_equal(stats.superseded, 1);
    assert_int_equal(stats.frames, 3);
    dc_video_pipe_destroy(pipe);
    assert_int_equal(released, 4);
}

static void
encode_one(struct dc_video_pipe *pipe, struct dc_frame *frame)
{
    *frame = frame_of(16, 1);
    dc_video_pipe_push(pipe, frame);
    sem_post(&go);
    sem_wait(&encoded);
}

static void
test_losses(void **state)
{
    static const struct dc_video_pipe_config config = { .impl = &slow, .refresh_mhz = 60000, .bitrate_kbps = 1000 };
    struct dc_frame frame;
    struct dc_video_pipe_stats stats;
    sem_init(&go, 0, 0);
    sem_init(&encoded, 0, 0);
    sem_init(&taken, 0, 0);
    encoders = 0;
    struct dc_video_pipe *pipe = dc_video_pipe_create(&config, &listener, NULL);
    encode_one(pipe, &frame);
    encode_one(pipe, &frame);
    references_left = true;
    dc_video_pipe_invalidate(pipe, 2);
    dc_video_pipe_invalidate(pipe, 1); // the older one counts
    dc_video_pipe_invalidate(pipe, 2);
    encode_one(pipe, &frame);
    assert_int_equal(last_lost_id, 1);
    assert_false(last_keyframe);
    references_left = false; // a key frame is due, but the last one was less than a quarter of a second ago
    dc_video_pipe_invalidate(pipe, 3);
    encode_one(pipe, &frame);
    assert_false(last_keyframe);
    usleep(260000);
    dc_video_pipe_invalidate(pipe, 3);
    encode_one(pipe, &frame);
    assert_true(last_keyframe);
    encode_one(pipe, &frame);
    assert_false(last_keyframe); // a loss is told once
    assert_int_equal(encoders, 1);
    dc_video_pipe_set_resilience(pipe, 8, false);
    dc_video_pipe_set_resilience(pipe, 8, false);
    encode_one(pipe, &frame);
    encode_one(pipe, &frame);
    assert_int_equal(encoders, 2);
    dc_video_pipe_get_stats(pipe, &stats);
    assert_int_equal(stats.invalidated, 3);
    dc_video_pipe_destroy(pipe);
}

/* Every second refresh: what comes too early gives way to what comes after it, and is shown late if nothing does. */
static void
test_rate_divisor(void **state)
{
    static const struct dc_video_pipe_config config = { .impl = &slow, .refresh_mhz = 10000, .bitrate_kbps = 1000 };
    struct dc_frame frames[4] = { frame_of(16, 1), frame_of(16, 2), frame_of(16, 3), frame_of(16, 4) };
    struct dc_video_pipe_stats stats;
    sem_init(&go, 0, 0);
    sem_init(&encoded, 0, 0);
    sem_init(&taken, 0, 0);
    struct dc_video_pipe *pipe = dc_video_pipe_create(&config, &listener, NULL);
    dc_video_pipe_set_rate_divisor(pipe, 2);
    int64_t began_us = dc_clock_now_us(); // the first one is taken after this
    dc_video_pipe_push(pipe, &frames[0]);
    sem_post(&go);
    sem_wait(&encoded);
    sem_wait(&taken);
    dc_video_pipe_push(pipe, &frames[1]);
    dc_video_pipe_push(pipe, &frames[2]);
    sem_wait(&taken); // though nothing follows
    assert_true(dc_clock_now_us() - began_us >= 225000); // two refreshes and a quarter
    sem_post(&go);
    sem_wait(&encoded);
    assert_int_equal(last.frame_id, 2);
    assert_int_equal(last.input_id_count, 2); // the first of them is not forgotten
    assert_int_equal(last.input_ids[0], 2);
    assert_int_equal(last.input_ids[1], 3);
    began_us = dc_clock_now_us();
    dc_video_pipe_set_rate_divisor(pipe, 1);
    dc_video_pipe_push(pipe, &frames[3]);
    sem_post(&go);
    sem_wait(&encoded);
    assert_true(dc_clock_now_us() - began_us < 200000);
    assert_int_equal(last_bitrate_kbps, 1000); // as many bits a second as before
    dc_video_pipe_get_stats(pipe, &stats);
    assert_int_equal(stats.superseded, 1);
    dc_video_pipe_destroy(pipe);
}

/* Fewer frames share the bits of a second: the encoder, which counts in frames of the full rate, is told more of them. */
static void
test_rate_divisor_keeps_the_bit_rate(void **state)
{
    static const struct dc_video_pipe_config config = { .impl = &slow, .refresh_mhz = 60000, .bitrate_kbps = 1000 };
    struct dc_frame frame;
    sem_init(&go, 0, 0);
    sem_init(&encoded, 0, 0);
    sem_init(&taken, 0, 0);
    encoders = 0;
    struct dc_video_pipe *pipe = dc_video_pipe_create(&config, &listener, NULL);
    encode_one(pipe, &frame);
    dc_video_pipe_set_rate_divisor(pipe, 2);
    encode_one(pipe, &frame);
    assert_int_equal(last_bitrate_kbps, 2000);
    assert_int_equal(encoders, 1); // no key frame when the line is narrow
    assert_false(last_keyframe);
    dc_video_pipe_destroy(pipe);
}

static unsigned breaks_after; // pictures

static bool
break_encode(struct dc_video_encoder *e, struct dc_frame *frame, bool keyframe)
{
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = keyframe, .data = (const uint8_t *)"x",
                                .size_bytes = 1, .meta = frame->meta };
    frame->release(frame);
    if (breaks_after-- == 0)
        return false;
    e->listener->handle_packet(e->user, &packet);
    return true;
}

static const struct dc_video_encoder_impl breaks = { "breaks", slow_create, slow_destroy, break_encode, slow_set_bitrate,
                                                     NULL };

/* A GPU's encoder breaks in the middle of a session: libx264 goes on, with a key frame. */
static void
test_falls_back(void **state)
{
    static uint8_t pixels[64 * 64 * 4];
    const struct dc_video_pipe_config config = { .impl = &breaks, .may_fall_back = true, .refresh_mhz = 60000,
                                                 .bitrate_kbps = 1000 };
    struct dc_frame frames[3];
    sem_init(&encoded, 0, 0);
    breaks_after = 1;
    released = 0;
    struct dc_video_pipe *pipe = dc_video_pipe_create(&config, &listener, NULL);
    assert_non_null(pipe);
    for (unsigned i = 0; i < 3; i++) {
        frames[i] = frame_of(64, i + 1);
        frames[i].height = 64;
        frames[i].kind = DC_FRAME_CPU_BGRX;
        frames[i].planes[0] = pixels;
        frames[i].strides[0] = 64 * 4;
        frames[i].acquire_fence_fd = -1;
        dc_video_pipe_push(pipe, &frames[i]);
        if (i != 1)
            sem_wait(&encoded);
        while (__atomic_load_n(&released, __ATOMIC_RELAXED) <= i) // the second one makes no packet
            sched_yield();
    }
    assert_int_equal(last.frame_id, 3);
    assert_true(last_keyframe);
    dc_video_pipe_destroy(pipe);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_newest_wins_and_inherits), cmocka_unit_test(test_losses),
                                        cmocka_unit_test(test_rate_divisor),
                                        cmocka_unit_test(test_rate_divisor_keeps_the_bit_rate),
                                        cmocka_unit_test(test_falls_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
