/* Decoding with hardware where there is none: the session goes on. NV12, which devices give, becomes I420. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hardware.h"

static void
test_software_is_no_device(void **state)
{
    struct dc_hardware hardware;
    dc_hardware_open(&hardware, avcodec_find_decoder(AV_CODEC_ID_H264), DC_DECODER_SOFTWARE);
    assert_null(hardware.name);
    assert_null(hardware.device);
    dc_hardware_close(&hardware);
}

/* Whatever the machine has: a device and its format, or neither. */
static void
test_all_or_nothing(void **state)
{
    for (int kind = DC_DECODER_AUTO; kind <= DC_DECODER_CUDA; kind++) {
        struct dc_hardware hardware;
        dc_hardware_open(&hardware, avcodec_find_decoder(AV_CODEC_ID_H264), (enum dc_decoder_kind)kind);
        assert_int_equal(hardware.name != NULL, hardware.device != NULL);
        dc_hardware_close(&hardware);
        assert_null(hardware.device);
    }
    assert_null(dc_decoder_kind_names[DC_DECODER_CUDA + 1]);
}

static void
test_own_pictures_stay(void **state)
{
    struct dc_hardware none = { .format = AV_PIX_FMT_NONE };
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    assert_true(dc_hardware_download(&none, frame));
    assert_int_equal(frame->format, AV_PIX_FMT_YUV420P);
    av_frame_free(&frame);
}

static void
test_split_chroma(void **state)
{
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_NV12;
    frame->width = 5; // odd: chroma is rounded up
    frame->height = 3;
    frame->pts = 77;
    assert_true(av_frame_get_buffer(frame, 0) >= 0);
    for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 5; x++)
            frame->data[0][y * frame->linesize[0] + x] = (uint8_t)(10 * y + x);
    }
    for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 3; x++) {
            frame->data[1][y * frame->linesize[1] + 2 * x] = (uint8_t)(100 + 10 * y + x);
            frame->data[1][y * frame->linesize[1] + 2 * x + 1] = (uint8_t)(200 + 10 * y + x);
        }
    }
    assert_true(dc_hardware_split_chroma(frame));
    assert_int_equal(frame->format, AV_PIX_FMT_YUV420P);
    assert_int_equal(frame->pts, 77);
    assert_int_equal(frame->data[0][2 * frame->linesize[0] + 4], 24);
    assert_int_equal(frame->data[1][0], 100);
    assert_int_equal(frame->data[1][frame->linesize[1] + 2], 112);
    assert_int_equal(frame->data[2][0], 200);
    assert_int_equal(frame->data[2][frame->linesize[2] + 2], 212);
    av_frame_free(&frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_software_is_no_device), cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_own_pictures_stay), cmocka_unit_test(test_split_chroma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
