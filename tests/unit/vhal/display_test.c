/* The display HAL against a Wayland client in the same process. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

static void
test_window_of_fixed_size_is_centred(void **state)
{
    struct fixture *f = *state;
    struct window w;
    window_init(&w, f);
    assert_int_equal(w.configures, 1);
    assert_int_equal(w.width, 0); // its own choice
    assert_true(w.activated);
    xdg_toplevel_set_min_size(w.toplevel, 320, 200);
    xdg_toplevel_set_max_size(w.toplevel, 320, 200);
    wl_surface_commit(w.surface); // SDL says it after the first configure
    window_show_shm(&w, 320, 200, 0xff112233);
    assert_int_equal(w.configures, 1);
    assert_true(f->mapped);
    const struct recorded_present *p = last_present(f);
    assert_int_equal(p->layer_count, 1);
    assert_int_equal(p->layers[0].x, 480);
    assert_int_equal(p->layers[0].y, 260);
    assert_int_equal(p->layers[0].width, 320);
    assert_int_equal(p->layers[0].ring_id, 1);
    assert_int_equal(p->layers[0].seq, 1);
    assert_true(p->layers[0].opaque);
    assert_false(p->layers[0].y_inverted);
    assert_int_equal(f->uploads[0].first_pixel, 0xff112233);
    window_finish(&w);
    assert_false(f->mapped);
    assert_int_equal(last_present(f)->layer_count, 0);
}

static void
test_resizable_window_gets_the_output(void **state)
{
    struct fixture *f = *state;
    struct window w, dialog;
    window_init(&w, f);
    window_show_shm(&w, 320, 200, 0);
    assert_int_equal(w.configures, 2);
    assert_int_equal(w.width, 1280);
    assert_int_equal(w.height, 720);
    assert_true(w.maximized);
    window_show_shm(&w, 1280, 720, 0);

    window_init(&dialog, f);
    xdg_toplevel_set_parent(dialog.toplevel, w.toplevel);
    window_show_shm(&dialog, 100, 100, 0);
    assert_false(dialog.maximized);
    assert_true(dialog.activated);
    assert_false(w.activated); // told so
    pump_for(f, 40);
    const struct recorded_present *p = last_present(f);
    assert_int_equal(p->layer_count, 2);
    assert_int_equal(p->layers[1].x, 590); // on top, in the middle
    window_finish(&dialog);
    assert_true(w.activated);
    window_finish(&w);
}

static void
test_opaque_full_screen_hides_what_is_below(void **state)
{
    struct fixture *f = *state;
    struct window below, above;
    window_init(&below, f);
    window_show_shm(&below, 1280, 720, 0);
    window_init(&above, f);
    window_show_shm(&above, 1280, 720, 0);
    pump_for(f, 40);
    assert_int_equal(last_present(f)->layer_count, 1);
    window_finish(&above);
    window_finish(&below);
}

static void
test_only_damage_is_uploaded(void **state)
{
    struct fixture *f = *state;
    struct window w;
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    assert_int_equal(f->upload_count, 1);
    assert_int_equal(f->uploads[0].width, 1280);
    struct wl_buffer *buffer = make_shm_buffer(f, 1280, 720, 5, WL_SHM_FORMAT_XRGB8888);
    wl_surface_attach(w.surface, buffer, 0, 0);
    wl_surface_damage_buffer(w.surface, 10, 20, 30, 40);
    wl_surface_damage(w.surface, 1200, 700, INT32_MAX, INT32_MAX); // clipped
    wl_surface_commit(w.surface);
    pump(f);
    assert_int_equal(f->upload_count, 3);
    assert_memory_equal(&f->uploads[1], (&(struct recorded_upload){ 1, 10, 20, 30, 40, 5 }), sizeof(f->uploads[1]));
    assert_memory_equal(&f->uploads[2], (&(struct recorded_upload){ 1, 1200, 700, 80, 20, 5 }), sizeof(f->uploads[2]));
    assert_int_equal(f->images_created, 1);
    assert_int_equal(f->commits, 2);
    wl_buffer_destroy(buffer);
    window_finish(&w);
}

static void
handle_done(void *data, struct wl_callback *callback, uint32_t time_ms)
{
    ++*(int *)data;
    wl_callback_destroy(callback);
}

static const struct wl_callback_listener done_listener = { handle_done };

static void
test_frame_callbacks_come_at_vsync_and_idle_is_silent(void **state)
{
    struct fixture *f = *state;
    struct window w;
    int done = 0;
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    for (int i = 0; i < 12; i++) {
        int before = done;
        wl_callback_add_listener(wl_surface_frame(w.surface), &done_listener, &done);
        wl_surface_commit(w.surface);
        for (int waited = 0; done == before && waited < 200; waited++)
            pump_for(f, 1);
        assert_int_equal(done, before + 1);
    }
    struct pollfd fd = { .fd = dc_display_fd(f->display), .events = POLLIN };
    pump_for(f, 40);
    assert_int_equal(poll(&fd, 1, 100), 0); // nobody waits: no timer runs
    window_finish(&w);
}

static struct wl_buffer *
make_gpu_buffer(struct fixture *f, uint64_t seq, uint64_t input_id)
{
    return dc_buffer_manager_v1_create_buffer(f->buffers, 7, 3, (uint32_t)(seq >> 32), (uint32_t)seq, 1280, 720,
                                              DC_BUFFER_MANAGER_V1_FORMAT_ARGB, (uint32_t)(input_id >> 32),
                                              (uint32_t)input_id, 0, 1000, 0, 2000);
}

static void
handle_buffer_release(void *data, struct wl_buffer *buffer)
{
    ++*(int *)data;
}

static const struct wl_buffer_listener buffer_listener = { handle_buffer_release };

static void
test_gpu_buffer_becomes_a_layer_and_is_released_by_the_worker(void **state)
{
    struct fixture *f = *state;
    struct window w;
    int released = 0;
    uint64_t seq = 5ull << 32 | 9;
    f->allow_ring = true;
    window_init(&w, f);
    struct wl_buffer *buffer = make_gpu_buffer(f, seq, 0);
    wl_buffer_add_listener(buffer, &buffer_listener, &released);
    window_show(&w, buffer, 1280, 720);
    const struct recorded_present *p = last_present(f);
    assert_int_equal(p->layer_count, 1);
    assert_int_equal(p->layers[0].ring_id, 7);
    assert_int_equal(p->layers[0].surface_id, 3);
    assert_true(p->layers[0].seq == seq);
    assert_true(p->layers[0].y_inverted);
    assert_false(p->layers[0].opaque);
    assert_int_equal(p->first_command_us, 1000);
    assert_int_equal(p->swap_us, 2000);
    assert_int_equal(released, 0);
    dc_display_handle_release(f->display, 7, 3, seq + 1); // another image
    pump(f);
    assert_int_equal(released, 0);
    dc_display_handle_release(f->display, 7, 3, seq);
    dc_display_handle_release(f->display, 7, 3, seq);
    pump(f);
    assert_int_equal(released, 1);
    wl_buffer_destroy(buffer);
    window_finish(&w);
}

static void
test_unlimited_client_is_held_to_the_refresh_rate(void **state)
{
    struct fixture *f = *state;
    struct window w;
    struct wl_buffer *buffers[40];
    int released = 0;
    f->allow_ring = true;
    window_init(&w, f);
    pump_for(f, 60); // full credit
    for (uint64_t i = 0; i < 40; i++) {
        buffers[i] = make_gpu_buffer(f, i + 1, 0);
        wl_buffer_add_listener(buffers[i], &buffer_listener, &released);
        window_show(&w, buffers[i], 1280, 720);
    }
    uint32_t at_once = f->present_count;
    pump_for(f, 60);
    assert_in_range(at_once, 1, 12); // 40 commits take some vsyncs on a slow machine, but not 40
    assert_true(last_present(f)->layers[0].seq == 40); // the newest is shown in the end
    assert_true((uint32_t)released >= 40 - f->present_count); // those that were never shown are free at once
    for (int i = 0; i < 40; i++)
        wl_buffer_destroy(buffers[i]);
    window_finish(&w);
}

static void
test_applications_that_pace_themselves_are_noticed(void **state)
{
    struct fixture *f = *state;
    struct window w;
    int done = 0;
    f->allow_ring = true;
    window_init(&w, f);
    for (uint64_t i = 1; i <= 6; i++) {
        bool with_callback = i == 2 || i == 3;
        if (with_callback)
            wl_callback_add_listener(wl_surface_frame(w.surface), &done_listener, &done);
        struct wl_buffer *buffer = make_gpu_buffer(f, i, 0);
        window_show(&w, buffer, 1280, 720);
        pump_for(f, 40);
        assert_int_equal(f->paced, with_callback);
        wl_buffer_destroy(buffer);
    }
    assert_int_equal(f->paced_calls, 2); // only changes are told
    window_finish(&w);
}

static void
assert_protocol_error(struct fixture *f, const struct wl_interface *interface, uint32_t code)
{
    const struct wl_interface *got;
    uint32_t id;
    pump(f);
    assert_int_equal(wl_display_get_error(f->client), EPROTO);
    assert_int_equal(wl_display_get_protocol_error(f->client, &got, &id), code);
    assert_ptr_equal(got, interface);
}

static void
test_ring_of_another_process_is_refused(void **state)
{
    struct fixture *f = *state;
    struct wl_buffer *buffer = make_gpu_buffer(f, 1, 0);
    assert_protocol_error(f, &dc_buffer_manager_v1_interface, DC_BUFFER_MANAGER_V1_ERROR_BAD_RING);
    wl_buffer_destroy(buffer);
}

static void
test_buffer_before_configure_is_refused(void **state)
{
    struct fixture *f = *state;
    struct wl_surface *surface = wl_compositor_create_surface(f->compositor);
    struct xdg_surface *xdg = xdg_wm_base_get_xdg_surface(f->wm_base, surface);
    xdg_surface_get_toplevel(xdg);
    wl_surface_attach(surface, make_shm_buffer(f, 8, 8, 0, WL_SHM_FORMAT_XRGB8888), 0, 0);
    wl_surface_commit(surface);
    assert_protocol_error(f, &xdg_surface_interface, XDG_SURFACE_ERROR_UNCONFIGURED_BUFFER);
}

static void
test_too_many_surfaces_end_the_client(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 520; i++)
        wl_compositor_create_surface(f->compositor);
    pump(f);
    assert_int_not_equal(wl_display_get_error(f->client), 0);
}

static void
test_subsurface_waits_for_its_parent(void **state)
{
    struct fixture *f = *state;
    struct window w;
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    struct wl_surface *child = wl_compositor_create_surface(f->compositor);
    struct wl_subsurface *sub = wl_subcompositor_get_subsurface(f->subcompositor, child, w.surface);
    wl_subsurface_set_position(sub, 100, 50);
    wl_surface_attach(child, make_shm_buffer(f, 64, 32, 1, WL_SHM_FORMAT_XRGB8888), 0, 0);
    wl_surface_damage(child, 0, 0, 64, 32);
    wl_surface_commit(child);
    pump(f);
    assert_int_equal(last_present(f)->layer_count, 1);
    wl_surface_commit(w.surface);
    pump_for(f, 40);
    const struct recorded_present *p = last_present(f);
    assert_int_equal(p->layer_count, 2);
    assert_int_equal(p->layers[1].x, 100);
    assert_int_equal(p->layers[1].y, 50);
    wl_subsurface_place_below(sub, w.surface);
    wl_surface_commit(w.surface);
    pump_for(f, 40);
    assert_int_equal(last_present(f)->layer_count, 1); // behind an opaque full-screen parent
    wl_subsurface_destroy(sub);
    wl_surface_destroy(child);
    window_finish(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(test_window_of_fixed_size_is_centred),
        TEST(test_resizable_window_gets_the_output),
        TEST(test_opaque_full_screen_hides_what_is_below),
        TEST(test_only_damage_is_uploaded),
        TEST(test_frame_callbacks_come_at_vsync_and_idle_is_silent),
        TEST(test_gpu_buffer_becomes_a_layer_and_is_released_by_the_worker),
        TEST(test_unlimited_client_is_held_to_the_refresh_rate),
        TEST(test_applications_that_pace_themselves_are_noticed),
        TEST(test_ring_of_another_process_is_refused),
        TEST(test_buffer_before_configure_is_refused),
        TEST(test_too_many_surfaces_end_the_client),
        TEST(test_subsurface_waits_for_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
