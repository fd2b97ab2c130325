#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtp.h>

#include "media_sender.h"

struct fixture {
    struct dc_send_queue queue;
    struct dc_media_sender sender;
};

static int
setup(void **state)
{
    static struct fixture f;
    dc_send_queue_init(&f.queue);
    dc_media_sender_init(&f.sender, &f.queue);
    f.sender.wants_video = f.sender.wants_audio = true;
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    dc_send_queue_finish(&((struct fixture *)*state)->queue);
    return 0;
}

static bool
push_video(struct fixture *f, bool keyframe, uint64_t frame_id, uint64_t input_id, int64_t now_us)
{
    static const uint8_t slice[5000] = { 0, 0, 1, 0x41, [4 ... 4999] = 0x55 };
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = keyframe, .data = slice,
                                .size_bytes = sizeof(slice), .meta.frame_id = frame_id };
    packet.meta.input_id_count = input_id ? 1 : 0;
    packet.meta.input_ids[0] = input_id;
    return dc_media_sender_push(&f->sender, &packet, now_us);
}

static void
drain(struct fixture *f)
{
    while (f->queue.lanes[DC_LANE_VIDEO].head)
        dc_send_queue_pop_lane(&f->queue, DC_LANE_VIDEO);
}

static void
test_starts_with_a_key_frame(void **state)
{
    struct fixture *f = *state;
    assert_false(push_video(f, false, 1, 0, 0));
    assert_true(push_video(f, true, 2, 0, 0));
    assert_true(push_video(f, false, 3, 0, 0));
    assert_int_equal(f->sender.frames_dropped, 1);
}

static void
test_slow_client(void **state)
{
    struct fixture *f = *state;
    assert_true(push_video(f, true, 1, 0, 0));
    for (int64_t i = 1; i <= 14; i++)
        assert_true(push_video(f, false, 1 + (uint64_t)i, 0, i * 16667)); // not yet 250 ms: still worth sending
    dc_send_queue_pop(&f->queue, 1);                                     // the first frame has begun
    assert_false(push_video(f, false, 16, 0, 15 * 16667));
    assert_int_equal(f->sender.frames_dropped, 15); // 14 queued and this one
    assert_non_null(f->queue.lanes[DC_LANE_VIDEO].head); // the rest of the first
    assert_false(dc_media_sender_needs_keyframe(&f->sender));
    assert_false(push_video(f, true, 18, 0, 17 * 16667)); // even a key frame must wait until there is room
    drain(f);
    assert_true(dc_media_sender_needs_keyframe(&f->sender));
    assert_false(dc_media_sender_needs_keyframe(&f->sender)); // asked once
    assert_false(push_video(f, false, 19, 0, 18 * 16667));
    assert_true(push_video(f, true, 20, 0, 19 * 16667));
    assert_true(push_video(f, false, 21, 0, 20 * 16667));
}

/* Inputs of frames that were dropped, from the queue or before it, are told by the next frame that leaves. */
static void
test_inputs_survive(void **state)
{
    struct fixture *f = *state;
    struct dc_rtp_packet packet;
    struct dc_frame_extension extension;
    assert_false(push_video(f, false, 1, 11, 0)); // no key frame yet
    assert_true(push_video(f, true, 2, 12, 0));
    dc_send_queue_pop(&f->queue, 1);              // which carries 12 and 11
    assert_true(push_video(f, false, 3, 13, 0));
    assert_false(push_video(f, false, 4, 14, 300000));
    drain(f);
    assert_true(dc_media_sender_needs_keyframe(&f->sender));
    assert_true(push_video(f, true, 5, 15, 310000));
    const struct dc_send_item *first = f->queue.lanes[DC_LANE_VIDEO].head;
    assert_true(dc_rtp_unpack(first->data, first->size_bytes, &packet));
    assert_true(dc_frame_extension_unpack(packet.extension_profile, packet.extension, packet.extension_bytes, &extension));
    assert_int_equal(extension.meta.input_id_count, 3);
    assert_int_equal(extension.meta.input_ids[0], 15);
    assert_int_equal(extension.meta.input_ids[1], 13);
    assert_int_equal(extension.meta.input_ids[2], 14);
}

static void
test_too_much(void **state)
{
    struct fixture *f = *state;
    unsigned sent = 0;
    while (push_video(f, sent == 0, sent + 1, 0, 0))
        sent++;
    assert_true(f->queue.lanes[DC_LANE_VIDEO].size_bytes <= DC_MEDIA_MAX_VIDEO_BYTES + 6000);
    assert_true(sent > 350 && sent < 450);
}

static void
test_audio_is_bounded(void **state)
{
    struct fixture *f = *state;
    static const uint8_t opus[100] = { 0xf4 };
    for (unsigned i = 0; i < 200; i++) {
        struct dc_packet packet = { .kind = DC_PACKET_AUDIO_OPUS, .timestamp = i * 480, .duration = 480, .data = opus,
                                    .size_bytes = sizeof(opus) };
        assert_true(dc_media_sender_push(&f->sender, &packet, 0));
    }
    assert_int_equal(f->queue.lanes[DC_LANE_AUDIO].count, DC_MEDIA_MAX_AUDIO_PACKETS);
    assert_int_equal(f->sender.audio_dropped, 200 - DC_MEDIA_MAX_AUDIO_PACKETS);
}

static void
test_unwanted_media(void **state)
{
    struct fixture *f = *state;
    f->sender.wants_video = false;
    assert_false(push_video(f, true, 1, 0, 0));
    assert_true(dc_send_queue_is_empty(&f->queue));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_starts_with_a_key_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slow_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_inputs_survive, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_much, setup, teardown),
        cmocka_unit_test_setup_teardown(test_audio_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unwanted_media, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
