/* The video encoders, seen from the decoder's end. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <encoder/video/encoder.h>

#include "decoder.h"
#include "picture.h"

struct sink {
    uint8_t *data; // owned; of the last packet
    struct dc_packet packet;
    uint32_t count;
    uint64_t total_bytes;
    uint32_t released;
};

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct sink *sink = user;

    sink->count++;
    sink->total_bytes += packet->size_bytes;
    sink->packet = *packet;
    sink->data = realloc(sink->data, packet->size_bytes);
    assert_non_null(sink->data);
    memcpy(sink->data, packet->data, packet->size_bytes);
}

static const struct dc_video_encoder_listener listener = {.handle_packet = handle_packet};

static void
release(struct dc_frame *frame)
{
    ((struct sink *)frame->owner)->released++;
}

static struct dc_video_encoder *
open_x264(struct sink *sink, uint32_t width, uint32_t height, uint32_t bitrate_kbps)
{
    const struct dc_video_encoder_config config = {.width = width, .height = height, .refresh_mhz = 60000,
                                                   .bitrate_kbps = bitrate_kbps, .threads = 2};
    struct dc_video_encoder *encoder = dc_video_encoder_x264.create(&config, &listener, sink);

    assert_non_null(encoder);
    return encoder;
}

static bool
encode(struct dc_video_encoder *encoder, struct sink *sink, const struct picture *picture, uint64_t id, bool keyframe)
{
    struct dc_frame frame = picture_frame(picture, id);

    frame.release = release;
    frame.owner = sink;
    return dc_video_encoder_x264.encode(encoder, &frame, keyframe);
}

/* Types of the NAL units (Annex B), in order. */
static uint32_t
nal_types(const struct sink *sink, uint8_t *types, uint32_t max)
{
    uint32_t count = 0;

    for (size_t i = 0; i + 3 < sink->packet.size_bytes && count < max; i++)
        if (!sink->data[i] && !sink->data[i + 1] && sink->data[i + 2] == 1)
            types[count++] = sink->data[i + 3] & 31;
    return count;
}

static bool
has_nal(const struct sink *sink, uint8_t type)
{
    uint8_t types[64];
    const uint32_t count = nal_types(sink, types, 64);

    return memchr(types, type, count) != NULL;
}

static void
test_stream(void **state)
{
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    struct dc_video_encoder *encoder = open_x264(&sink, 640, 360, 8000);
    double worst = 99;

    decoder_init(&decoder);
    picture_init(&source, 640, 360);
    for (uint32_t i = 1; i <= 40; i++) {
        picture_draw(&source, i);
        assert_true(encode(encoder, &sink, &source, i, false));
        // One frame in, its own packet out, and a picture from it at once: no delay anywhere.
        assert_int_equal(sink.count, i);
        assert_int_equal(sink.released, i);
        assert_int_equal(sink.packet.kind, DC_PACKET_VIDEO_H264);
        assert_int_equal(sink.packet.meta.frame_id, i);
        assert_int_equal(sink.packet.timestamp, (1000000ull + i * 16667ull) * 9 / 100);
        assert_int_equal(sink.packet.duration, 1500);
        assert_int_equal(sink.packet.keyframe, i == 1);
        assert_int_equal(has_nal(&sink, 7), i == 1); // SPS
        assert_int_equal(has_nal(&sink, 8), i == 1); // PPS
        assert_true(sink.packet.meta.times.convert_us > 0);
        assert_true(sink.packet.meta.times.encode_us >= sink.packet.meta.times.convert_us);
        assert_true(decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded));
        if (i > 3) {
            const double psnr = picture_psnr(&source, &decoded);
            worst = psnr < worst ? psnr : worst;
        }
        picture_finish(&decoded);
    }
    print_message("worst PSNR %.1f dB\n", worst);
    assert_true(worst > 34);
    assert_int_equal(decoder.context->has_b_frames, 0);
    assert_int_equal(decoder.context->profile, FF_PROFILE_H264_CONSTRAINED_BASELINE);
    assert_int_equal(decoder.context->level, 32);
    assert_int_equal(decoder.context->color_range, AVCOL_RANGE_MPEG);
    assert_int_equal(decoder.context->colorspace, AVCOL_SPC_BT709);
    assert_int_equal(decoder.context->color_primaries, AVCOL_PRI_BT709);
    assert_int_equal(decoder.context->color_trc, AVCOL_TRC_BT709);
    picture_finish(&source);
    decoder_finish(&decoder);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

static void
test_colours(void **state)
{
    static const uint8_t colours[][3] = {{255, 0, 0}, {0, 255, 0},     {0, 0, 255}, {255, 255, 255},
                                         {0, 0, 0},   {128, 128, 128}, {255, 128, 0}};
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    struct dc_video_encoder *encoder = open_x264(&sink, 320, 180, 4000);

    decoder_init(&decoder);
    picture_init(&source, 320, 180);
    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
        picture_fill(&source, colours[i][0], colours[i][1], colours[i][2]);
        for (int repeat = 0; repeat < 4; repeat++) {
            assert_true(encode(encoder, &sink, &source, i * 4 + (size_t)repeat + 1, false));
            assert_true(decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded));
            if (repeat < 3)
                picture_finish(&decoded);
        }
        const uint8_t *pixel = decoded.pixels + (90 * 320 + 160) * 4;
        // Quantisation moves blue by up to 12; BT.601 read as 709 would be off by 20 and more.
        for (int c = 0; c < 3; c++)
            assert_in_range(pixel[2 - c] + 14, colours[i][c], colours[i][c] + 28);
        picture_finish(&decoded);
    }
    picture_finish(&source);
    decoder_finish(&decoder);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

static void
test_keyframe_on_demand(void **state)
{
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    struct dc_video_encoder *encoder = open_x264(&sink, 320, 180, 4000);

    picture_init(&source, 320, 180);
    for (uint32_t i = 1; i <= 20; i++) {
        picture_draw(&source, i);
        assert_true(encode(encoder, &sink, &source, i, i == 11));
        assert_int_equal(sink.packet.keyframe, i == 1 || i == 11);
        if (i != 11)
            continue;
        // A client that joins here needs nothing of what came before.
        uint8_t types[64];
        assert_true(nal_types(&sink, types, 64) >= 3);
        assert_int_equal(types[0], 7); // SPS
        assert_int_equal(types[1], 8); // PPS
        decoder_init(&decoder);
        assert_true(decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded));
        assert_true(picture_psnr(&source, &decoded) > 28);
        picture_finish(&decoded);
        decoder_finish(&decoder);
    }
    picture_finish(&source);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

static double
noise_kbps(struct dc_video_encoder *encoder, struct sink *sink, struct picture *source, uint64_t *id)
{
    uint64_t before = 0;

    for (uint32_t i = 0; i < 70; i++) {
        if (i == 10)
            before = sink->total_bytes;
        picture_noise(source, (uint32_t)++*id);
        assert_true(encode(encoder, sink, source, *id, false));
    }
    return (double)(sink->total_bytes - before) * 8 / 1000; // 60 frames: one second
}

static void
test_bitrate(void **state)
{
    struct sink sink = {0};
    struct picture source;
    struct dc_video_encoder *encoder = open_x264(&sink, 320, 180, 4000);
    uint64_t id = 0;

    picture_init(&source, 320, 180);
    const double high = noise_kbps(encoder, &sink, &source, &id);
    assert_true(dc_video_encoder_x264.set_bitrate(encoder, 2000));
    const double low = noise_kbps(encoder, &sink, &source, &id);
    assert_true(dc_video_encoder_x264.set_bitrate(encoder, 6000));
    const double again = noise_kbps(encoder, &sink, &source, &id);
    print_message("kb/s: %.0f of 4000, %.0f of 2000, %.0f of 6000\n", high, low, again);
    // Never above, and not far below: a buffer of half the size left a quarter of the rate unused.
    assert_true(high > 3500 && high < 4200);
    assert_true(low > 1750 && low < 2100);
    assert_true(again > 5250 && again < 6300);
    picture_finish(&source);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

/* Bottom-up rows (what glReadPixels returns), an odd size, and a ready I420 picture. */
static void
test_layouts(void **state)
{
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    struct dc_video_encoder *encoder = open_x264(&sink, 322, 182, 8000);

    decoder_init(&decoder);
    picture_init(&source, 321, 181);
    for (uint32_t i = 1; i <= 10; i++) {
        struct dc_frame frame = picture_frame(&source, i);

        picture_draw(&source, 7);
        frame.planes[0] += (ptrdiff_t)180 * frame.strides[0];
        frame.strides[0] = -frame.strides[0];
        assert_true(dc_video_encoder_x264.encode(encoder, &frame, false));
        assert_true(decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded));
        if (i < 10)
            picture_finish(&decoded);
    }
    assert_int_equal(decoded.width, 322);
    assert_int_equal(decoded.height, 182);
    const uint8_t *top_left = decoded.pixels;
    const uint8_t *bottom_right = decoded.pixels + (181 * 322 + 321) * 4;
    assert_true(top_left[2] > 235 || top_left[2] < 20); // red grows to the right
    assert_true(bottom_right[2] > 235);
    assert_true(top_left[1] > 235);    // green grows downwards in the source, which was flipped
    assert_true(bottom_right[1] < 20);
    picture_finish(&decoded);

    uint8_t *planes = malloc(321 * 181 + 2 * 161 * 91);
    assert_non_null(planes);
    memset(planes, 63, 321 * 181); // red
    memset(planes + 321 * 181, 102, 161 * 91);
    memset(planes + 321 * 181 + 161 * 91, 240, 161 * 91);
    for (uint32_t i = 11; i <= 14; i++) {
        struct dc_frame frame = picture_frame(&source, i);

        frame.kind = DC_FRAME_CPU_I420;
        frame.planes[0] = planes;
        frame.planes[1] = planes + 321 * 181;
        frame.planes[2] = planes + 321 * 181 + 161 * 91;
        frame.strides[0] = 321;
        frame.strides[1] = frame.strides[2] = 161;
        assert_true(dc_video_encoder_x264.encode(encoder, &frame, false));
        assert_true(decoder_decode(&decoder, sink.data, sink.packet.size_bytes, i == 14 ? &decoded : NULL));
    }
    for (uint32_t corner = 0; corner < 2; corner++) {
        const uint8_t *pixel = decoded.pixels + (corner ? 181 * 322 + 321 : 0) * 4;

        assert_true(pixel[2] > 245 && pixel[1] < 10 && pixel[0] < 10);
    }
    picture_finish(&decoded);
    free(planes);
    picture_finish(&source);
    decoder_finish(&decoder);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

static void
test_refusals(void **state)
{
    struct sink sink = {0};
    struct picture source;
    struct dc_video_encoder_config config = {.width = 320, .height = 180, .refresh_mhz = 60000, .bitrate_kbps = 4000};
    struct dc_video_encoder *encoder = open_x264(&sink, 320, 180, 4000);

    picture_init(&source, 640, 180);
    assert_false(encode(encoder, &sink, &source, 1, false)); // another size: refused, yet released
    assert_int_equal(sink.released, 1);
    assert_int_equal(sink.count, 0);
    dc_video_encoder_x264.destroy(encoder);

    config.preset = "no such preset";
    assert_null(dc_video_encoder_x264.create(&config, &listener, &sink));
    config.preset = NULL;
    config.width = 100000;
    assert_null(dc_video_encoder_x264.create(&config, &listener, &sink));
    picture_finish(&source);
}

/*
 * A stream in which every eleventh frame is lost, which the encoder hears three frames later. The decoder gets what came
 * but shows nothing that depends on the lost one. Frame numbers wrap after 32 here, and libavcodec holds back what follows
 * when the very frame is lost at which they wrap: then a key frame is asked for.
 */
static void
test_invalidation(void **state)
{
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    const struct dc_video_encoder_config config = {.width = 640, .height = 360, .refresh_mhz = 60000,
                                                   .bitrate_kbps = 8000, .threads = 2, .kept_frames = 16};
    struct dc_video_encoder *encoder = dc_video_encoder_x264.create(&config, &listener, &sink);
    unsigned losses = 0, keyframes = 0;
    uint64_t lost_id = 0; // 0: everything depends on what is there
    bool wants_keyframe = false;
    double worst = 99;

    assert_non_null(encoder);
    decoder_init(&decoder);
    decoder.context->err_recognition = 0; // numbers are missing, as they are at a client
    picture_init(&source, 640, 360);
    for (uint32_t i = 1; i <= 300; i++) {
        const bool is_lost = i % 11 == 0, is_told = lost_id && i == lost_id + 3;

        if (is_told)
            assert_true(dc_video_encoder_x264.invalidate(encoder, lost_id));
        picture_draw(&source, i);
        assert_true(encode(encoder, &sink, &source, i, wants_keyframe));
        assert_int_equal(sink.packet.keyframe, i == 1 || wants_keyframe);
        assert_int_equal(sink.packet.meta.reference_id, is_told ? lost_id - 1 : 0);
        if (is_told || wants_keyframe)
            lost_id = 0;
        wants_keyframe = false;
        if (is_lost) {
            losses++;
            lost_id = i;
            continue;
        }
        if (!decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded)) {
            wants_keyframe = !lost_id;
            keyframes += wants_keyframe;
            continue;
        }
        if (i > 3 && !lost_id) {
            const double psnr = picture_psnr(&source, &decoded);
            worst = psnr < worst ? psnr : worst;
        }
        picture_finish(&decoded);
    }
    print_message("%u frames lost, %u key frames, worst PSNR %.1f dB\n", losses, keyframes, worst);
    assert_true(worst > 34);
    assert_true(keyframes * 6 < losses);
    assert_int_equal(decoder.context->has_b_frames, 0); // kept frames must not delay the picture
    // What is not kept any more cannot be referred to, and what is to come is not known.
    assert_true(dc_video_encoder_x264.invalidate(encoder, 301));
    assert_false(dc_video_encoder_x264.invalidate(encoder, 250));
    picture_finish(&source);
    decoder_finish(&decoder);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

/* Nobody asks for anything: the picture mends itself within a second, without a large frame. */
static void
test_intra_refresh(void **state)
{
    struct sink sink = {0};
    struct decoder decoder;
    struct picture source, decoded;
    const struct dc_video_encoder_config config = {.width = 640, .height = 360, .refresh_mhz = 60000, .threads = 2,
                                                   .bitrate_kbps = 8000, .intra_refresh = true};
    struct dc_video_encoder *encoder = dc_video_encoder_x264.create(&config, &listener, &sink);
    double psnr = 0;

    assert_non_null(encoder);
    decoder_init(&decoder);
    picture_init(&source, 640, 360);
    for (uint32_t i = 1; i <= 190; i++) {
        picture_draw(&source, i);
        assert_true(encode(encoder, &sink, &source, i, false));
        assert_int_equal(sink.packet.keyframe, i == 1);
        if (i >= 30 && i <= 35)
            continue;
        decoder.context->err_recognition = 0;
        if (!decoder_decode(&decoder, sink.data, sink.packet.size_bytes, &decoded))
            continue;
        psnr = picture_psnr(&source, &decoded);
        picture_finish(&decoded);
    }
    assert_true(psnr > 34);
    picture_finish(&source);
    decoder_finish(&decoder);
    dc_video_encoder_x264.destroy(encoder);
    free(sink.data);
}

/* 720p60 is level 3.2, which keeps five frames; eight are worth level 4. */
static void
test_kept_frames_and_level(void **state)
{
    static const struct {
        uint32_t width, height, kept;
        int level;
    } cases[] = {{1280, 720, 0, 32}, {1280, 720, 4, 32}, {1280, 720, 16, 40}, {1920, 1080, 0, 42}, {1920, 1080, 16, 50}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct dc_video_encoder_config config = {.width = cases[i].width, .height = cases[i].height,
                                                       .refresh_mhz = 60000, .bitrate_kbps = 8000,
                                                       .kept_frames = cases[i].kept};
        struct sink sink = {0};
        struct picture source;
        struct dc_video_encoder *encoder = dc_video_encoder_x264.create(&config, &listener, &sink);

        assert_non_null(encoder);
        picture_init(&source, cases[i].width, cases[i].height);
        assert_true(encode(encoder, &sink, &source, 1, false));
        assert_int_equal(sink.data[7], cases[i].level); // start code, NAL type, profile, constraints, level
        picture_finish(&source);
        dc_video_encoder_x264.destroy(encoder);
        free(sink.data);
    }
}

static void
test_null(void **state)
{
    struct sink sink = {0};
    struct picture source;
    const struct dc_video_encoder_config config = {.width = 16, .height = 16, .refresh_mhz = 60000};
    struct dc_video_encoder *encoder = dc_video_encoder_null.create(&config, &listener, &sink);
    struct dc_frame frame;

    assert_non_null(encoder);
    picture_init(&source, 16, 16);
    frame = picture_frame(&source, 9);
    frame.release = release;
    frame.owner = &sink;
    assert_true(dc_video_encoder_null.set_bitrate(encoder, 1000));
    assert_true(dc_video_encoder_null.encode(encoder, &frame, true));
    assert_int_equal(sink.packet.size_bytes, 1);
    assert_int_equal(sink.packet.meta.frame_id, 9);
    assert_true(sink.packet.keyframe);
    assert_int_equal(sink.released, 1);
    dc_video_encoder_null.destroy(encoder);
    picture_finish(&source);
    free(sink.data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream),   cmocka_unit_test(test_colours),  cmocka_unit_test(test_keyframe_on_demand),
        cmocka_unit_test(test_bitrate),  cmocka_unit_test(test_layouts),  cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_invalidation), cmocka_unit_test(test_intra_refresh),
        cmocka_unit_test(test_kept_frames_and_level), cmocka_unit_test(test_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
