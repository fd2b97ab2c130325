/* Where a picture is drawn in a window. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "placement.h"

static void
expect(enum dc_scale scale, struct dc_aspect aspect, int picture_width, int picture_height, int area_width, int area_height,
       struct dc_place want)
{
    struct dc_place got = dc_placement_compute(scale, aspect, picture_width, picture_height, area_width, area_height);
    assert_int_equal(got.x, want.x);
    assert_int_equal(got.y, want.y);
    assert_int_equal(got.width, want.width);
    assert_int_equal(got.height, want.height);
}

static const struct dc_aspect own = { 0 };

static void
test_fit(void **state)
{
    expect(DC_SCALE_FIT, own, 1280, 720, 800, 600, (struct dc_place){ 0, 75, 800, 450 });
    expect(DC_SCALE_FIT, own, 640, 480, 1280, 720, (struct dc_place){ 160, 0, 960, 720 });
    expect(DC_SCALE_FIT, (struct dc_aspect){ 4, 3 }, 1280, 720, 800, 600, (struct dc_place){ 0, 0, 800, 600 });
    expect(DC_SCALE_FIT, (struct dc_aspect){ 9999, 1 }, 8192, 8192, 100, 100, (struct dc_place){ 0, 50, 100, 0 });
}

static void
test_integer(void **state)
{
    expect(DC_SCALE_INTEGER, own, 320, 180, 800, 600, (struct dc_place){ 80, 120, 640, 360 });
    expect(DC_SCALE_INTEGER, own, 800, 600, 800, 600, (struct dc_place){ 0, 0, 800, 600 });
    expect(DC_SCALE_INTEGER, own, 1280, 720, 800, 600, (struct dc_place){ 0, 75, 800, 450 }); // does not fit once
    expect(DC_SCALE_INTEGER, (struct dc_aspect){ 4, 3 }, 320, 180, 800, 600, (struct dc_place){ 40, 30, 720, 540 });
}

static void
test_stretch(void **state)
{
    expect(DC_SCALE_STRETCH, own, 1280, 720, 800, 600, (struct dc_place){ 0, 0, 800, 600 });
}

static void
test_nothing(void **state)
{
    expect(DC_SCALE_FIT, own, 0, 0, 800, 600, (struct dc_place){ 0 });
    expect(DC_SCALE_STRETCH, own, 0, 720, 800, 600, (struct dc_place){ 0 });
    expect(DC_SCALE_INTEGER, own, 320, 180, 0, 0, (struct dc_place){ 0 });
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit), cmocka_unit_test(test_integer), cmocka_unit_test(test_stretch),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
