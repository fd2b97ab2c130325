#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <render.pb-c.h>

#include "presents.h"

static void
push(struct dc_presents *presents, uint64_t id, uint64_t seq_a, uint64_t seq_b, uint64_t input_id)
{
    Dc__Render__Layer a = DC__RENDER__LAYER__INIT, b = DC__RENDER__LAYER__INIT, *layers[] = { &a, &b };
    Dc__Render__Present present = DC__RENDER__PRESENT__INIT;
    a.ring_id = b.ring_id = 1;
    a.surface_id = 10;
    a.seq = seq_a;
    b.surface_id = 20;
    b.seq = seq_b;
    present.present_id = id;
    present.n_layers = seq_b ? 2 : 1;
    present.layers = layers;
    present.n_input_ids = input_id ? 1 : 0;
    present.input_ids = &input_id;
    present.present_us = (int64_t)id * 1000;
    dc_presents_push(presents, &present);
}

static bool
never_late(void *user, uint32_t ring_id, uint32_t surface_id)
{
    return false;
}

static bool
shows_up_to(void *user, const struct dc_image_name *name)
{
    return name->seq <= *(uint64_t *)user;
}

static bool
late_20(void *user, uint32_t ring_id, uint32_t surface_id)
{
    return surface_id == 20;
}

static void
test_release_when_replaced(void **state)
{
    static struct dc_presents p;
    struct dc_image_name out[8];
    dc_presents_init(&p);
    assert_false(dc_presents_take(&p));
    push(&p, 1, 1, 1, 0);
    assert_true(dc_presents_take(&p));
    p.current_answered = true;
    assert_int_equal(dc_presents_collect_releases(&p, never_late, NULL, out, 8), 0);
    push(&p, 2, 2, 1, 0);
    assert_true(dc_presents_take(&p));
    // Surface 20 still shows the same image: only 10's old one goes.
    assert_int_equal(dc_presents_collect_releases(&p, never_late, NULL, out, 8), 1);
    assert_int_equal(out[0].surface_id, 10);
    assert_int_equal(out[0].seq, 1);
    assert_int_equal(dc_presents_collect_releases(&p, never_late, NULL, out, 8), 0);
}

static void
test_late_surface_keeps_its_image(void **state)
{
    static struct dc_presents p;
    struct dc_image_name out[8];
    dc_presents_init(&p);
    push(&p, 1, 1, 1, 0);
    dc_presents_take(&p);
    push(&p, 2, 2, 2, 0);
    dc_presents_take(&p);
    assert_int_equal(dc_presents_collect_releases(&p, late_20, NULL, out, 8), 1);
    assert_int_equal(out[0].surface_id, 10);
    assert_int_equal(dc_presents_collect_releases(&p, never_late, NULL, out, 8), 1);
    assert_int_equal(out[0].surface_id, 20);
    assert_int_equal(out[0].seq, 1);
}

static void
test_superseded(void **state)
{
    static struct dc_presents p;
    struct dc_image_name out[8];
    dc_presents_init(&p);
    push(&p, 1, 1, 0, 101);
    push(&p, 2, 2, 0, 102);
    push(&p, 3, 3, 0, 0);
    assert_true(dc_presents_take(&p));
    assert_int_equal(p.current.present_id, 3);
    assert_int_equal(p.superseded_count, 2);
    assert_int_equal(p.superseded[0].present_id, 1);
    assert_int_equal(p.superseded[1].present_id, 2);
    assert_int_equal(dc_presents_collect_releases(&p, never_late, NULL, out, 8), 2);
    // Nothing shown yet: the ids wait. Shown: all of them, in order, once, with the newest present's times.
    uint64_t seq = 0;
    bool fresh;
    assert_int_equal(dc_presents_take_meta(&p, shows_up_to, &seq, &fresh).input_id_count, 0);
    assert_false(fresh);
    seq = 3;
    struct dc_frame_meta meta = dc_presents_take_meta(&p, shows_up_to, &seq, &fresh);
    assert_true(fresh);
    assert_int_equal(meta.input_id_count, 2);
    assert_int_equal(meta.input_ids[0], 101);
    assert_int_equal(meta.input_ids[1], 102);
    assert_int_equal(meta.times.present_us, 3000);
    assert_int_equal(dc_presents_take_meta(&p, shows_up_to, &seq, &fresh).input_id_count, 0);
    assert_false(fresh);
}

/* Answered too early, they would tell the display that the renderer has nothing to do. */
static void
test_superseded_are_answered_when_their_images_are_there(void **state)
{
    static struct dc_presents p;
    uint64_t ids[8], seq = 0;
    dc_presents_init(&p);
    for (uint64_t id = 1; id <= 4; id++) {
        push(&p, id, id, 0, 0);
        assert_true(dc_presents_take(&p));
    }
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, 8), 0);
    seq = 2;
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, 8), 2);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], 2);
    seq = 3;
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, 8), 1);
    assert_int_equal(ids[0], 3);
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, 8), 0);
}

/* The pointer moves over a picture that is late: what came with the present is there, so it is answered. */
static void
test_superseded_without_a_new_image_is_answered_at_once(void **state)
{
    static struct dc_presents p;
    uint64_t ids[8], seq = 0;
    dc_presents_init(&p);
    push(&p, 1, 1, 0, 0);
    dc_presents_take(&p);
    push(&p, 2, 1, 0, 0);
    dc_presents_take(&p);
    push(&p, 3, 1, 0, 0);
    assert_true(dc_presents_take(&p));
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, 8), 1);
    assert_int_equal(ids[0], 2);
}

static void
test_superseded_are_bounded(void **state)
{
    static struct dc_presents p;
    uint64_t ids[DC_PRESENTS_MAX_SUPERSEDED], seq = 1000;
    dc_presents_init(&p);
    for (uint64_t id = 1; id <= 3 * DC_PRESENTS_MAX_SUPERSEDED; id++) {
        push(&p, id, id, 0, 0);
        dc_presents_take(&p);
    }
    assert_int_equal(dc_presents_collect_superseded(&p, shows_up_to, &seq, ids, DC_PRESENTS_MAX_SUPERSEDED),
                     DC_PRESENTS_MAX_SUPERSEDED);
    assert_int_equal(ids[DC_PRESENTS_MAX_SUPERSEDED - 1], 3 * DC_PRESENTS_MAX_SUPERSEDED - 1);
}

/* The renderer never catches up: each present is replaced before its own image is there. */
static void
test_a_frame_behind_all_the_time(void **state)
{
    static struct dc_presents p;
    dc_presents_init(&p);
    for (uint64_t id = 1; id <= 50; id++) {
        uint64_t seq = id - 1;
        bool fresh;
        push(&p, id, id, 0, 100 + id);
        assert_true(dc_presents_take(&p));
        struct dc_frame_meta meta = dc_presents_take_meta(&p, shows_up_to, &seq, &fresh);
        assert_int_equal(fresh, id > 1);
        assert_int_equal(meta.input_id_count, id > 1);
        if (id > 1) {
            assert_int_equal(meta.input_ids[0], 100 + id - 1);
            assert_int_equal(meta.times.present_us, (id - 1) * 1000);
        }
    }
}

static void
test_what_is_never_shown_is_bounded(void **state)
{
    static struct dc_presents p;
    uint64_t seq = 0;
    bool fresh;
    dc_presents_init(&p);
    for (uint64_t id = 1; id <= 100; id++) {
        push(&p, id, id, 0, id);
        dc_presents_take(&p);
    }
    assert_int_equal(p.owed_count, DC_PRESENTS_MAX_OWED);
    seq = 100;
    struct dc_frame_meta meta = dc_presents_take_meta(&p, shows_up_to, &seq, &fresh);
    assert_int_equal(meta.input_id_count, DC_FRAME_MAX_INPUT_IDS);
    assert_int_equal(meta.times.present_us, 100000);
    assert_int_equal(p.owed_count, 0);
}

static void
test_unanswered_present_is_answered_when_replaced(void **state)
{
    static struct dc_presents p;
    dc_presents_init(&p);
    push(&p, 1, 1, 0, 7);
    dc_presents_take(&p);
    push(&p, 2, 2, 0, 8);
    dc_presents_take(&p);
    assert_int_equal(p.superseded_count, 1);
    assert_int_equal(p.superseded[0].present_id, 1);
    uint64_t seq = 2;
    bool fresh;
    struct dc_frame_meta meta = dc_presents_take_meta(&p, shows_up_to, &seq, &fresh);
    assert_int_equal(meta.input_id_count, 2);
}

static void
test_too_many_layers_and_inputs(void **state)
{
    static struct dc_presents p;
    Dc__Render__Layer layers[40], *pointers[40];
    Dc__Render__Present present = DC__RENDER__PRESENT__INIT;
    uint64_t inputs[40];
    dc_presents_init(&p);
    for (uint32_t i = 0; i < 40; i++) {
        dc__render__layer__init(&layers[i]);
        layers[i].surface_id = i;
        pointers[i] = &layers[i];
        inputs[i] = i;
    }
    present.n_layers = present.n_input_ids = 40;
    present.layers = pointers;
    present.input_ids = inputs;
    dc_presents_push(&p, &present);
    dc_presents_take(&p);
    assert_int_equal(p.current.layer_count, DC_PRESENT_MAX_LAYERS);
    assert_int_equal(p.current.layers[DC_PRESENT_MAX_LAYERS - 1].name.surface_id, 39); // the front ones stay
    uint64_t seq = 0;
    bool fresh;
    assert_int_equal(dc_presents_take_meta(&p, shows_up_to, &seq, &fresh).input_id_count, DC_FRAME_MAX_INPUT_IDS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_release_when_replaced),
        cmocka_unit_test(test_late_surface_keeps_its_image),
        cmocka_unit_test(test_superseded),
        cmocka_unit_test(test_superseded_are_answered_when_their_images_are_there),
        cmocka_unit_test(test_superseded_without_a_new_image_is_answered_at_once),
        cmocka_unit_test(test_superseded_are_bounded),
        cmocka_unit_test(test_unanswered_present_is_answered_when_replaced),
        cmocka_unit_test(test_a_frame_behind_all_the_time),
        cmocka_unit_test(test_what_is_never_shown_is_bounded),
        cmocka_unit_test(test_too_many_layers_and_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
