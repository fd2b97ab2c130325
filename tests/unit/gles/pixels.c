#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <GLES3/gl32.h>

#include <protocol/gles/pixels.h>

static void
test_sizes(void **state)
{
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_RGBA, GL_UNSIGNED_BYTE), 4);
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_RGB, GL_UNSIGNED_SHORT_5_6_5), 2);
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_RGBA, GL_UNSIGNED_SHORT_5_6_5), 0);
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_RGBA_INTEGER, GL_INT), 16);
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_DEPTH_STENCIL, GL_FLOAT_32_UNSIGNED_INT_24_8_REV), 8);
    assert_int_equal(dc_pixels_bytes_per_pixel(GL_DEPTH_STENCIL, GL_UNSIGNED_BYTE), 0);
    assert_int_equal(dc_pixels_bytes_per_pixel(0x1234, GL_UNSIGNED_BYTE), 0);
    assert_int_equal(dc_pixels_size(GL_RGB, GL_FLOAT, 3, 5, 7), 3 * 5 * 7 * 12);
    assert_int_equal(dc_pixels_size(GL_RGB, GL_FLOAT, -3, 5, 7), 0);
    // no wrap: more bytes than 64 bits hold is "unknown"
    assert_int_equal(dc_pixels_size(GL_RGBA, GL_FLOAT, INT32_MAX, INT32_MAX, INT32_MAX), 0);
    assert_int_equal(dc_pixels_size(GL_RGBA, GL_FLOAT, INT32_MAX, INT32_MAX, 1), 0);
    assert_true(dc_pixels_size(GL_RED, GL_UNSIGNED_BYTE, INT32_MAX, 1 << 20, 1) == (uint64_t)INT32_MAX << 20);
}

static void
test_layout(void **state)
{
    // 3 × 2 RGB inside rows of 5 pixels, aligned to 4, one row and two pixels skipped
    struct dc_pixel_store store = { .alignment = 4, .row_length = 5, .skip_pixels = 2, .skip_rows = 1 };
    struct dc_pixels_layout layout;
    assert_true(dc_pixels_layout(&layout, &store, GL_RGB, GL_UNSIGNED_BYTE, 3, 2, 1));
    assert_int_equal(layout.row_stride, 16);
    assert_int_equal(layout.offset, 16 + 6);
    assert_int_equal(layout.end, 22 + 16 + 9);
    assert_false(dc_pixels_is_tight(&layout, 2, 1));
    assert_true(dc_pixels_is_tight(&layout, 1, 1));
    uint8_t app[47], tight[18], back[47];
    for (size_t i = 0; i < sizeof(app); i++)
        app[i] = (uint8_t)i;
    dc_pixels_pack(tight, app, &layout, 2, 1);
    const uint8_t expected[] = { 22, 23, 24, 25, 26, 27, 28, 29, 30, 38, 39, 40, 41, 42, 43, 44, 45, 46 };
    assert_memory_equal(tight, expected, sizeof(expected));
    memset(back, 0xee, sizeof(back));
    dc_pixels_unpack(back, tight, &layout, 2, 1);
    assert_int_equal(back[21], 0xee);
    assert_int_equal(back[31], 0xee);
    assert_memory_equal(back + 38, app + 38, 9);
    // images
    store = (struct dc_pixel_store){ .alignment = 8, .image_height = 3, .skip_images = 1 };
    assert_true(dc_pixels_layout(&layout, &store, GL_RED, GL_UNSIGNED_BYTE, 4, 2, 2));
    assert_int_equal(layout.image_stride, 24);
    assert_int_equal(layout.offset, 24);
    assert_int_equal(layout.end, 24 + 24 + 8 + 4);
    assert_false(dc_pixels_layout(&layout, &store, GL_RED, GL_UNSIGNED_BYTE, INT32_MAX, INT32_MAX, INT32_MAX));
    assert_false(dc_pixels_layout(&layout, &store, GL_RED, 0x1234, 4, 2, 2));
    assert_false(dc_pixels_layout(&layout, &store, GL_RGBA, GL_FLOAT, INT32_MAX, INT32_MAX, 1));
    store = (struct dc_pixel_store){ .alignment = 4, .row_length = INT32_MAX, .skip_rows = INT32_MAX };
    assert_false(dc_pixels_layout(&layout, &store, GL_RGBA, GL_FLOAT, 1, 1, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sizes), cmocka_unit_test(test_layout) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
