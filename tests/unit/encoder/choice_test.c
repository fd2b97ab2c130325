/* Which encoder is taken, and the path through libavcodec with its libx264 in the place of a GPU's encoder. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <encoder/video/choice.h>

#include "decoder.h"
#include "picture.h"

static const struct dc_video_encoder_place no_gpu = { .drm_node = "" };
static const struct dc_video_encoder_place broken_gpu = { .has_gpu = true, .drm_node = "/dev/null" };

struct sink {
    struct decoder decoder;
    struct picture source;
    double worst_psnr;
    uint32_t packets, keyframes, with_parameters, released;
    uint64_t bytes;
};

static bool
has_parameters(const uint8_t *data, size_t size_bytes)
{
    unsigned found = 0;
    for (size_t i = 0; i + 3 < size_bytes; i++) {
        if (!data[i] && !data[i + 1] && data[i + 2] == 1)
            found |= 1u << (data[i + 3] & 31);
    }
    return (found & 1u << 7) && (found & 1u << 8);
}

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct sink *sink = user;
    struct picture decoded;
    sink->packets++;
    sink->bytes += packet->size_bytes;
    sink->keyframes += packet->keyframe;
    sink->with_parameters += has_parameters(packet->data, packet->size_bytes);
    assert_true(decoder_decode(&sink->decoder, packet->data, packet->size_bytes, &decoded)); // at once
    double psnr = picture_psnr(&sink->source, &decoded);
    sink->worst_psnr = psnr < sink->worst_psnr ? psnr : sink->worst_psnr;
    picture_finish(&decoded);
}

static const struct dc_video_encoder_listener listener = { .handle_packet = handle_packet };

static void
release(struct dc_frame *frame)
{
    ((struct sink *)frame->owner)->released++;
}

static void
encode(const struct dc_video_encoder_impl *impl, struct dc_video_encoder *encoder, struct sink *sink, uint32_t id,
       bool keyframe)
{
    picture_draw(&sink->source, id);
    struct dc_frame frame = picture_frame(&sink->source, id);
    frame.release = release;
    frame.owner = sink;
    assert_true(impl->encode(encoder, &frame, keyframe));
    assert_int_equal(sink->packets, id);
    assert_int_equal(sink->released, id);
}

static void
test_stand_in(void **state)
{
    const struct dc_video_encoder_impl *impl = dc_video_encoder_choose("avcodec-x264", &no_gpu);
    const struct dc_video_encoder_config config = { .width = 640, .height = 360, .refresh_mhz = 60000,
                                                    .bitrate_kbps = 8000, .threads = 2 };
    struct sink sink = { .worst_psnr = 99 };
    assert_ptr_not_equal(impl, &dc_video_encoder_x264);
    decoder_init(&sink.decoder);
    picture_init(&sink.source, 640, 360);
    struct dc_video_encoder *encoder = impl->create(&config, &listener, &sink);
    assert_non_null(encoder);
    for (uint32_t id = 1; id <= 30; id++)
        encode(impl, encoder, &sink, id, id == 20);
    assert_int_equal(sink.keyframes, 2); // the first, and the one that was asked for
    assert_int_equal(sink.with_parameters, 2);
    assert_true(sink.worst_psnr > 30);
    assert_int_equal(sink.decoder.context->has_b_frames, 0);
    assert_int_equal(sink.decoder.context->color_range, AVCOL_RANGE_MPEG);
    assert_int_equal(sink.decoder.context->colorspace, AVCOL_SPC_BT709);
    assert_true(impl->set_bitrate(encoder, 500));
    for (uint32_t id = 31; id <= 60; id++) // the buffer's old contents are used up
        encode(impl, encoder, &sink, id, false);
    uint64_t before = sink.bytes;
    for (uint32_t id = 61; id <= 120; id++)
        encode(impl, encoder, &sink, id, false);
    double kbps = (double)(sink.bytes - before) * 8 / 1000; // one second
    print_message("worst PSNR %.1f dB; %.0f kb/s of 500\n", sink.worst_psnr, kbps);
    assert_true(kbps < 600);
    assert_int_equal(sink.keyframes, 2);
    impl->destroy(encoder);
    picture_finish(&sink.source);
    decoder_finish(&sink.decoder);
}

static void
test_refusals(void **state)
{
    const struct dc_video_encoder_impl *impl = dc_video_encoder_choose("avcodec-x264", &no_gpu);
    struct dc_video_encoder_config config = { .width = 64, .height = 64, .refresh_mhz = 60000, .bitrate_kbps = 1000 };
    struct sink sink = { 0 };
    struct picture source;
    picture_init(&source, 66, 64);
    struct dc_video_encoder *encoder = impl->create(&config, &listener, &sink);
    assert_non_null(encoder);
    struct dc_frame frame = picture_frame(&source, 1);
    frame.release = release;
    frame.owner = &sink;
    assert_false(impl->encode(encoder, &frame, false)); // another size
    frame = picture_frame(&source, 2);
    frame.release = release;
    frame.owner = &sink;
    frame.kind = DC_FRAME_DMABUF;
    assert_false(impl->encode(encoder, &frame, false));
    assert_int_equal(sink.released, 2);
    assert_int_equal(sink.packets, 0);
    impl->destroy(encoder);
    picture_finish(&source);
    config.width = 1u << 20;
    assert_null(impl->create(&config, &listener, &sink));
}

/* What is not there, or does not work, is libx264 in the end, and the reason is known. */
static void
test_choice(void **state)
{
    char why[160] = "";
    assert_ptr_equal(dc_video_encoder_choose(NULL, &no_gpu), &dc_video_encoder_x264);
    assert_ptr_equal(dc_video_encoder_choose("auto", &broken_gpu), &dc_video_encoder_x264);
    assert_ptr_equal(dc_video_encoder_choose("x264", &no_gpu), &dc_video_encoder_x264);
    assert_ptr_equal(dc_video_encoder_choose("nvenc", &no_gpu), &dc_video_encoder_x264);
    assert_ptr_equal(dc_video_encoder_choose("vaapi", &broken_gpu), &dc_video_encoder_x264);
    assert_false(dc_video_encoder_try("nvenc", &no_gpu, why, sizeof why));
    assert_string_equal(why, "there is no GPU");
    why[0] = '\0';
    assert_false(dc_video_encoder_try("vaapi", &broken_gpu, why, sizeof why));
    assert_true(strlen(why) > 5);
    print_message("vaapi: %s\n", why);
    const struct dc_video_encoder_place no_node = { .has_gpu = true, .drm_node = "" };
    assert_false(dc_video_encoder_try("vaapi", &no_node, why, sizeof why));
    assert_string_equal(why, "the GPU has no DRM node");
    assert_false(dc_video_encoder_try("magic", &no_gpu, why, sizeof why));
    for (unsigned i = 0; dc_video_encoder_name(i); i++)
        assert_true(strlen(dc_video_encoder_name(i)) > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_stand_in),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
