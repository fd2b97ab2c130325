#undef NDEBUG
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "picture.h"
#include "screenshot.h"

/* ITU-R BT.709 in floating point, limited range. */
static int
reference(double y, double cb, double cr, int channel)
{
    double luma = (y - 16) * 255 / 219, b = (cb - 128) * 255 / 224, r = (cr - 128) * 255 / 224;
    double rgb[3] = { luma + 1.5748 * r, luma - 0.187324 * b - 0.468124 * r, luma + 1.8556 * b };
    double v = rgb[channel] < 0 ? 0 : rgb[channel] > 255 ? 255 : rgb[channel];
    return (int)lrint(v);
}

static void
test_colours(void **state)
{
    AVFrame *frame = av_frame_alloc();
    uint8_t rgb[2 * 2 * 3];
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = frame->height = 2;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    for (int y = 0; y < 256; y += 15) {
        for (int cb = 0; cb < 256; cb += 15) {
            for (int cr = 0; cr < 256; cr += 15) {
                for (int i = 0; i < 4; i++)
                    frame->data[0][i / 2 * frame->linesize[0] + i % 2] = (uint8_t)y;
                frame->data[1][0] = (uint8_t)cb;
                frame->data[2][0] = (uint8_t)cr;
                dc_picture_to_rgb(frame, rgb);
                for (int i = 0; i < 12; i++)
                    assert_true(abs(rgb[i] - reference(y, cb, cr, i % 3)) <= 1);
            }
        }
    }
    av_frame_free(&frame);
}

static void
test_newest_wins(void **state)
{
    struct dc_picture_slot slot;
    struct dc_picture *a = dc_picture_create(), *b = dc_picture_create();
    dc_picture_slot_init(&slot, 1);
    assert_null(dc_picture_slot_take(&slot));
    assert_null(dc_picture_slot_put(&slot, a));
    assert_ptr_equal(dc_picture_slot_put(&slot, b), a);
    assert_ptr_equal(dc_picture_slot_take(&slot), b);
    assert_null(dc_picture_slot_take(&slot));
    assert_null(dc_picture_slot_put(&slot, a));
    dc_picture_destroy(b);
    dc_picture_slot_finish(&slot); // frees what waits
}

static void
test_a_few_are_kept(void **state)
{
    struct dc_picture_slot slot;
    struct dc_picture *pictures[4];
    dc_picture_slot_init(&slot, 3);
    for (int i = 0; i < 4; i++) {
        pictures[i] = dc_picture_create();
        assert_ptr_equal(dc_picture_slot_put(&slot, pictures[i]), i < 3 ? NULL : pictures[0]);
    }
    dc_picture_destroy(pictures[0]);
    assert_ptr_equal(dc_picture_slot_take(&slot), pictures[1]);
    dc_picture_destroy(pictures[1]);
    dc_picture_slot_finish(&slot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_colours), cmocka_unit_test(test_newest_wins),
                                        cmocka_unit_test(test_a_few_are_kept) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
