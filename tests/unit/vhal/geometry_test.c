/* Regions, damage and popup placement. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <xdg-shell-server-protocol.h>

#include "region.h"
#include "xdg_positioner.h"

static void
test_region_replays_in_order(void **state)
{
    struct dc_region region = { 0 };
    dc_region_push(&region, &(struct dc_rect){ 0, 0, 100, 100 }, false);
    dc_region_push(&region, &(struct dc_rect){ 10, 10, 20, 20 }, true);
    dc_region_push(&region, &(struct dc_rect){ 15, 15, 1, 1 }, false);
    assert_true(dc_region_contains(&region, 0, 0));
    assert_false(dc_region_contains(&region, 12, 12));
    assert_true(dc_region_contains(&region, 15, 15));
    assert_false(dc_region_contains(&region, 100, 0));
    assert_false(dc_region_covers(&region, 100, 100));
    dc_region_push(&region, &(struct dc_rect){ -5, -5, INT32_MAX, INT32_MAX }, false);
    assert_true(dc_region_covers(&region, 8192, 8192));
}

static void
test_region_with_too_many_operations_is_everything(void **state)
{
    struct dc_region region = { 0 };
    for (int i = 0; i <= DC_REGION_MAX_OPS; i++)
        dc_region_push(&region, &(struct dc_rect){ i, 0, 1, 1 }, false);
    assert_true(dc_region_contains(&region, -50, 9000));
}

static void
test_long_damage_collapses(void **state)
{
    struct dc_damage damage = { 0 };
    for (int i = 0; i <= DC_DAMAGE_MAX_RECTS; i++)
        dc_damage_add(&damage, &(struct dc_rect){ i * 10, i, 5, 5 });
    assert_int_equal(damage.count, 1);
    assert_memory_equal(&damage.rects[0], (&(struct dc_rect){ 0, 0, 165, 21 }), sizeof(struct dc_rect));
    dc_damage_add(&damage, &(struct dc_rect){ 0, 0, 0, 10 });
    assert_int_equal(damage.count, 1);
}

static void
test_intersection_survives_large_numbers(void **state)
{
    struct dc_rect rect = { 0, 0, 100, 100 };
    assert_true(dc_rect_intersect(&rect, &(struct dc_rect){ 50, -10, INT32_MAX, INT32_MAX }));
    assert_memory_equal(&rect, (&(struct dc_rect){ 50, 0, 50, 100 }), sizeof(rect));
    assert_false(dc_rect_intersect(&rect, &(struct dc_rect){ 100, 0, 1, 1 }));
}

static void
test_menu_drops_below_its_button(void **state)
{
    struct dc_positioner p = {
        .width = 100, .height = 200, .anchor_rect = { 10, 20, 50, 30 },
        .anchor = XDG_POSITIONER_ANCHOR_BOTTOM_LEFT, .gravity = XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT,
        .adjustment = XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_FLIP_Y | XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X,
    };
    struct dc_rect bounds = { 0, 0, 1280, 720 }, at;
    dc_positioner_place(&p, &bounds, &at);
    assert_memory_equal(&at, (&(struct dc_rect){ 10, 50, 100, 200 }), sizeof(at));
    p.anchor_rect.y = 600; // no room below: flipped above; and slid left at the right edge
    p.anchor_rect.x = 1250;
    dc_positioner_place(&p, &bounds, &at);
    assert_memory_equal(&at, (&(struct dc_rect){ 1180, 400, 100, 200 }), sizeof(at));
}

static void
test_popup_larger_than_the_output_is_resized(void **state)
{
    struct dc_positioner p = {
        .width = 100, .height = 2000, .anchor_rect = { 0, 0, 10, 10 },
        .anchor = XDG_POSITIONER_ANCHOR_BOTTOM_LEFT, .gravity = XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT,
        .adjustment = XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_RESIZE_Y,
    };
    struct dc_rect bounds = { 0, 0, 1280, 720 }, at;
    dc_positioner_place(&p, &bounds, &at);
    assert_memory_equal(&at, (&(struct dc_rect){ 0, 10, 100, 710 }), sizeof(at));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_region_replays_in_order),
        cmocka_unit_test(test_region_with_too_many_operations_is_everything),
        cmocka_unit_test(test_long_damage_collapses),
        cmocka_unit_test(test_intersection_survives_large_numbers),
        cmocka_unit_test(test_menu_drops_below_its_button),
        cmocka_unit_test(test_popup_larger_than_the_output_is_resized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
