/* The fast converter against the plain one, bit by bit, and against BT.709's own numbers. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "convert.h"
#include "picture.h"

#define GUARD 0xa5

struct nv12_buffer {
    struct dc_nv12 planes;
    uint8_t *data;
    size_t size_bytes;
};

static void
nv12_init(struct nv12_buffer *b, uint32_t width, uint32_t height)
{
    const int32_t stride = (int32_t)width + 5; // unaligned, and 5 bytes that nobody may touch

    b->size_bytes = (size_t)stride * (height + height / 2);
    b->data = malloc(b->size_bytes);
    assert_non_null(b->data);
    memset(b->data, GUARD, b->size_bytes);
    b->planes = (struct dc_nv12){.y = b->data, .uv = b->data + (size_t)stride * height, .y_stride = stride,
                                 .uv_stride = stride, .width = width, .height = height};
}

static void
assert_guards(const struct nv12_buffer *b)
{
    for (uint32_t row = 0; row < b->planes.height * 3 / 2; row++)
        for (int i = 0; i < 5; i++)
            assert_int_equal(b->data[(size_t)row * (size_t)b->planes.y_stride + b->planes.width + (size_t)i], GUARD);
}

static void
compare_fast(uint32_t width, uint32_t height, enum dc_frame_kind kind, bool bottom_up)
{
    const uint32_t even_width = (width + 1) & ~1u, even_height = (height + 1) & ~1u;
    struct picture picture;
    struct nv12_buffer fast, plain;
    struct dc_frame frame;

    picture_init(&picture, width, height);
    picture_noise(&picture, width * 31 + height);
    nv12_init(&fast, even_width, even_height);
    nv12_init(&plain, even_width, even_height);
    frame = picture_frame(&picture, 1);
    frame.kind = kind;
    if (bottom_up) {
        frame.planes[0] += (ptrdiff_t)(height - 1) * frame.strides[0];
        frame.strides[0] = -frame.strides[0];
    }
    dc_convert_to_nv12(&frame, &fast.planes);
    dc_convert_to_nv12_reference(&frame, &plain.planes);
    assert_memory_equal(fast.data, plain.data, fast.size_bytes);
    assert_guards(&fast);
    free(fast.data);
    free(plain.data);
    picture_finish(&picture);
}

static void
test_fast_equals_plain(void **state)
{
    static const uint32_t sizes[][2] = {{2, 2},   {1, 1},  {8, 2},   {9, 3},   {15, 7},  {16, 16},
                                        {17, 17}, {31, 5}, {64, 48}, {101, 7}, {640, 6}, {1279, 3}};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (int variant = 0; variant < 4; variant++)
            compare_fast(sizes[i][0], sizes[i][1], variant & 1 ? DC_FRAME_CPU_RGBX : DC_FRAME_CPU_BGRX, variant & 2);
}

/* ITU-R BT.709-6 §3.4 quantised to 8 bits: D_Y = 219 E_Y + 16, D_C = 224 E_C + 128. */
static void
test_bt709_values(void **state)
{
    static const struct {
        uint8_t red, green, blue, y, u, v;
    } colours[] = {
        {0, 0, 0, 16, 128, 128},     {255, 255, 255, 235, 128, 128}, {128, 128, 128, 126, 128, 128},
        {255, 0, 0, 63, 102, 240},   {0, 255, 0, 173, 42, 26},       {0, 0, 255, 32, 240, 118},
        {255, 255, 0, 219, 16, 138}, {0, 255, 255, 188, 154, 16},    {255, 0, 255, 78, 214, 230},
    };

    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++) {
        struct picture picture;
        struct nv12_buffer out;
        struct dc_frame frame;

        picture_init(&picture, 16, 2);
        picture_fill(&picture, colours[i].red, colours[i].green, colours[i].blue);
        nv12_init(&out, 16, 2);
        frame = picture_frame(&picture, 1);
        dc_convert_to_nv12(&frame, &out.planes);
        assert_int_equal(out.planes.y[9], colours[i].y);
        assert_int_equal(out.planes.uv[8], colours[i].u);
        assert_int_equal(out.planes.uv[9], colours[i].v);
        free(out.data);
        picture_finish(&picture);
    }
}

/* An odd last column and row are repeated, not invented and not read past. */
static void
test_odd_edge(void **state)
{
    struct picture picture;
    struct nv12_buffer out;
    struct dc_frame frame;

    picture_init(&picture, 3, 3);
    picture_fill(&picture, 255, 255, 255);
    nv12_init(&out, 4, 4);
    frame = picture_frame(&picture, 1);
    dc_convert_to_nv12(&frame, &out.planes);
    for (uint32_t y = 0; y < 4; y++)
        for (uint32_t x = 0; x < 4; x++)
            assert_int_equal(out.planes.y[y * (uint32_t)out.planes.y_stride + x], 235);
    assert_guards(&out);
    free(out.data);
    picture_finish(&picture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_equals_plain),
        cmocka_unit_test(test_bt709_values),
        cmocka_unit_test(test_odd_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
