#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send_queue.h"

static void
push(struct dc_send_queue *queue, enum dc_send_lane lane, uint8_t tag, bool start, bool end)
{
    struct dc_send_item *item = dc_send_queue_push(queue, lane, &tag, 1, 0);
    assert_non_null(item);
    item->frame_start = start;
    item->frame_end = end;
}

/* Video frames of three packets each: 10 11 12, 20 21 22, 30 31 32. */
static void
push_frames(struct dc_send_queue *queue)
{
    for (uint8_t frame = 1; frame <= 3; frame++) {
        for (uint8_t i = 0; i < 3; i++)
            push(queue, DC_LANE_VIDEO, (uint8_t)(frame * 10 + i), i == 0, i == 2);
    }
}

static void
expect(struct dc_send_queue *queue, const char *tags, unsigned count)
{
    struct dc_send_item *items[32];
    assert_int_equal(dc_send_queue_peek(queue, items, 32), count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(items[i]->data[0], tags[i]);
}

static void
test_order(void **state)
{
    struct dc_send_queue queue;
    dc_send_queue_init(&queue);
    push(&queue, DC_LANE_VIDEO, 3, true, true);
    push(&queue, DC_LANE_AUDIO, 2, false, false);
    push(&queue, DC_LANE_MESSAGES, 1, false, false);
    push(&queue, DC_LANE_AUDIO, 4, false, false);
    expect(&queue, "\1\2\4\3", 4);
    dc_send_queue_pop(&queue, 2);
    expect(&queue, "\4\3", 2);
    dc_send_queue_pop(&queue, 2);
    assert_true(dc_send_queue_is_empty(&queue));
    dc_send_queue_finish(&queue);
}

static void
test_drop_untouched_frames(void **state)
{
    struct dc_send_queue queue;
    dc_send_queue_init(&queue);
    push_frames(&queue);
    push(&queue, DC_LANE_AUDIO, 1, false, false);
    assert_int_equal(dc_send_queue_drop_frames(&queue, NULL, NULL), 3);
    expect(&queue, "\1", 1);
    dc_send_queue_finish(&queue);
}

static void
test_what_has_begun_is_finished(void **state)
{
    for (unsigned sent = 1; sent <= 2; sent++) {
        struct dc_send_queue queue;
        dc_send_queue_init(&queue);
        push_frames(&queue);
        dc_send_queue_pop(&queue, sent);
        assert_int_equal(dc_send_queue_drop_frames(&queue, NULL, NULL), 2);
        expect(&queue, sent == 1 ? "\x0b\x0c" : "\x0c", 3 - sent);
        push(&queue, DC_LANE_VIDEO, 40, true, true); // the queue still works
        dc_send_queue_pop(&queue, 3 - sent);
        expect(&queue, "\x28", 1);
        assert_int_equal(dc_send_queue_drop_frames(&queue, NULL, NULL), 1);
        assert_true(dc_send_queue_is_empty(&queue));
        assert_int_equal(queue.lanes[DC_LANE_VIDEO].size_bytes, 0);
        dc_send_queue_finish(&queue);
    }
}

static void
test_whole_frame_sent(void **state)
{
    struct dc_send_queue queue;
    dc_send_queue_init(&queue);
    push_frames(&queue);
    dc_send_queue_pop(&queue, 3);
    assert_int_equal(dc_send_queue_drop_frames(&queue, NULL, NULL), 2);
    assert_true(dc_send_queue_is_empty(&queue));
    dc_send_queue_finish(&queue);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_drop_untouched_frames),
        cmocka_unit_test(test_what_has_begun_is_finished), cmocka_unit_test(test_whole_frame_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
