/* egl/'s windows against a compositor that shows nothing: buffers, pacing, sizes, damage, input. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <wayland-client.h>
#include <wayland-egl.h>

#include <common/clock.h>
#include <egl/context.h>
#include <egl/display.h>
#include <egl/entries.h>
#include <egl/thread.h>
#include <gles_encode.h>

#include "fake_compositor.h"
#include "fake_supervisor.h"

static struct fake_supervisor supervisor;
static struct fake_compositor compositor;
static struct wl_display *client;
static struct wl_compositor *wl_compositor;
static struct wl_surface *wl_surface;
static struct wl_egl_window *window;
static EGLDisplay display;
static EGLConfig config;
static EGLContext context;
static EGLSurface surface;

static void
handle_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    if (strcmp(interface, "wl_compositor") == 0)
        wl_compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
}

static void
handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = { handle_global, handle_global_remove };

static int
setup(void **state)
{
    const EGLint attribs[] = { EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_ALPHA_SIZE, 8, EGL_DEPTH_SIZE, 24, EGL_NONE };
    const EGLint es2[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_NONE };
    int fd;
    EGLint count;
    fake_supervisor_start(&supervisor);
    fake_compositor_start(&compositor, &fd);
    client = wl_display_connect_to_fd(fd);
    struct wl_registry *registry = wl_display_get_registry(client);
    wl_registry_add_listener(registry, &registry_listener, NULL);
    wl_display_roundtrip(client);
    wl_registry_destroy(registry);
    wl_surface = wl_compositor_create_surface(wl_compositor);
    window = wl_egl_window_create(wl_surface, 320, 200);

    display = dc_display_get(EGL_PLATFORM_WAYLAND_KHR, client, NULL);
    assert_true(dc_eglInitialize(display, NULL, NULL));
    assert_true(dc_eglChooseConfig(display, attribs, &config, 1, &count) && count == 1);
    context = dc_eglCreateContext(display, config, EGL_NO_CONTEXT, es2);
    surface = dc_eglCreateWindowSurface(display, config, (EGLNativeWindowType)window, NULL);
    assert_non_null(surface);
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    return 0;
}

static int
teardown(void **state)
{
    dc_eglReleaseThread();
    dc_eglTerminate(display);
    if (window)
        wl_egl_window_destroy(window);
    wl_surface_destroy(wl_surface);
    wl_compositor_destroy(wl_compositor);
    wl_display_disconnect(client);
    fake_compositor_stop(&compositor);
    fake_supervisor_stop(&supervisor);
    return 0;
}

static void
draw(void)
{
    dc_enc_Clear(&dc_current->encoder, 1);
}

static struct fake_compositor
look(void)
{
    wl_display_roundtrip(client);
    pthread_mutex_lock(&compositor.lock);
    struct fake_compositor copy = compositor;
    pthread_mutex_unlock(&compositor.lock);
    return copy;
}

static EGLint
query(EGLint attribute)
{
    EGLint value = -1;
    assert_true(dc_eglQuerySurface(display, surface, attribute, &value));
    return value;
}

static void
a_swap_names_its_image(void **state)
{
    int64_t before_us = dc_clock_now_us();
    draw();
    int64_t drawn_us = dc_clock_now_us();
    assert_true(dc_eglSwapBuffers(display, surface));
    struct fake_compositor seen = look();
    assert_int_equal(seen.commits, 1);
    assert_int_equal(seen.attached.ring_id, 7);
    assert_int_equal(seen.attached.seq, 1);
    assert_int_equal(seen.attached.width, 320);
    assert_int_equal(seen.attached.height, 200);
    assert_int_equal(seen.attached.format, 1); // the config has alpha
    assert_true((int64_t)seen.attached.first_us >= before_us && (int64_t)seen.attached.first_us <= drawn_us);
    assert_true((int64_t)seen.attached.swap_us >= drawn_us);
    struct fake_command command;
    assert_true(fake_supervisor_find(&supervisor, DC_OP_dcSwap, 0, &command));
    assert_int_equal(command.words[0], seen.attached.surface_id);
    assert_int_equal(command.words[1], 1);
    int width = 0, height = 0;
    wl_egl_window_get_attached_size(window, &width, &height);
    assert_int_equal(width, 320);
}

static void
released_buffers_are_destroyed(void **state)
{
    for (int i = 0; i < 20; i++)
        assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().commits, 20);
    assert_true(look().buffers_alive <= 3);
}

static void *
answer_soon(void *user)
{
    usleep(30000);
    fake_compositor_answer_frames(&compositor, true);
    return NULL;
}

static void
interval_1_waits_for_the_frame_callback_and_0_does_not(void **state)
{
    pthread_t thread;
    fake_compositor_answer_frames(&compositor, false);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_true(dc_eglSwapInterval(display, 0));
    int64_t start_us = dc_clock_now_us();
    pthread_create(&thread, NULL, answer_soon, NULL);
    assert_true(dc_eglSwapBuffers(display, surface)); // the previous swap asked for a callback
    assert_true(dc_clock_now_us() - start_us >= 30000);
    pthread_join(thread, NULL);
    fake_compositor_answer_frames(&compositor, false);
    for (int i = 0; i < 10; i++)
        assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().frames_asked, 1);
    assert_int_equal(dc_current->process->ring.shared->round_trips, 0);
}

static void
a_new_size_counts_from_the_next_frame_on(void **state)
{
    struct fake_command command;
    wl_egl_window_resize(window, 400, 300, 0, 0); // nothing drawn yet: at once
    assert_int_equal(query(EGL_WIDTH), 400);
    draw();
    wl_egl_window_resize(window, 500, 350, 0, 0); // too late for this frame
    assert_int_equal(query(EGL_WIDTH), 400);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().attached.width, 400);
    assert_int_equal(query(EGL_HEIGHT), 300); // as Mesa: what is on the screen, until the next frame begins
    dc_enc_Enable(&dc_current->encoder, 1);
    assert_int_equal(query(EGL_HEIGHT), 350);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().attached.height, 350);
    assert_int_equal(fake_supervisor_count(&supervisor, DC_OP_dcSurfaceResize), 2);
    assert_true(fake_supervisor_find(&supervisor, DC_OP_dcSurfaceResize, 1, &command));
    assert_int_equal(command.words[1], 500);
}

static void
a_size_between_state_and_drawing_counts_at_once(void **state)
{
    dc_enc_Enable(&dc_current->encoder, 1);
    wl_egl_window_resize(window, 640, 480, 0, 0);
    draw();
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().attached.width, 640);
}

static void
damage_counts_from_the_top(void **state)
{
    const EGLint rect[] = { 10, 20, 30, 40 };
    assert_true(dc_eglSwapBuffersWithDamage(display, surface, rect, 1));
    const int32_t wanted[] = { 10, 200 - 20 - 40, 30, 40 };
    struct fake_compositor seen = look();
    assert_memory_equal(seen.damage, wanted, sizeof(wanted));
    assert_false(dc_eglSwapBuffersWithDamage(display, surface, NULL, 1));
    assert_int_equal(dc_egl_take_error(), EGL_BAD_PARAMETER);
}

/* What the supervisor does when it sends an event: the id first, then the bytes. */
static void
send_input(uint64_t id, bool bytes)
{
    __atomic_store_n(&supervisor.ring.shared->input_id, id, __ATOMIC_RELEASE);
    if (!bytes)
        return;
    struct wl_callback *callback = wl_display_sync(client); // its answer lies unread in the socket
    wl_callback_destroy(callback);
    wl_display_flush(client);
    usleep(20000);
}

static void
a_frame_carries_the_input_that_was_read_before_it(void **state)
{
    assert_true(dc_eglSwapInterval(display, 0)); // swaps read nothing from the socket
    assert_true(dc_eglSwapBuffers(display, surface));
    look();
    send_input(5, false);
    draw();
    send_input(6, true); // after the first command
    assert_true(dc_eglSwapBuffers(display, surface));
    pthread_mutex_lock(&compositor.lock);
    pthread_mutex_unlock(&compositor.lock);
    draw(); // 6 is written but not read
    wl_display_roundtrip(client);
    assert_int_equal(look().attached.input_id, 5);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().attached.input_id, 5);
    draw(); // now it is
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(look().attached.input_id, 6);
}

static void
one_surface_for_a_window(void **state)
{
    assert_null(dc_eglCreateWindowSurface(display, config, (EGLNativeWindowType)window, NULL));
    assert_int_equal(dc_egl_take_error(), EGL_BAD_ALLOC);
    assert_null(dc_eglCreateWindowSurface(display, config, 0, NULL));
    assert_int_equal(dc_egl_take_error(), EGL_BAD_NATIVE_WINDOW);
    assert_true(dc_eglDestroySurface(display, surface)); // still current, but the window is free
    EGLSurface second = dc_eglCreateWindowSurface(display, config, (EGLNativeWindowType)window, NULL);
    assert_non_null(second);
    assert_true(dc_eglMakeCurrent(display, second, second, context));
    assert_true(dc_eglSwapBuffers(display, second));
    assert_int_equal(look().commits, 1);
}

static void
a_window_that_is_gone_cannot_be_swapped(void **state)
{
    assert_true(dc_eglSwapBuffers(display, surface));
    wl_egl_window_destroy(window);
    window = NULL;
    assert_false(dc_eglSwapBuffers(display, surface));
    assert_int_equal(dc_egl_take_error(), EGL_BAD_NATIVE_WINDOW);
}

static void
buffer_age_is_unknown(void **state)
{
    assert_int_equal(query(EGL_BUFFER_AGE_EXT), 0);
    assert_non_null(strstr(dc_eglQueryString(display, EGL_EXTENSIONS), "EGL_EXT_buffer_age"));
}

static void *
lose_soon(void *user)
{
    usleep(20000);
    dc_ring_set_state(&supervisor.ring, DC_RING_LOST);
    return NULL;
}

static void
a_hidden_window_does_not_outlive_its_worker(void **state)
{
    pthread_t thread;
    fake_compositor_answer_frames(&compositor, false);
    assert_true(dc_eglSwapBuffers(display, surface));
    pthread_create(&thread, NULL, lose_soon, NULL);
    assert_false(dc_eglSwapBuffers(display, surface));
    assert_int_equal(dc_egl_take_error(), EGL_CONTEXT_LOST);
    pthread_join(thread, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_swap_names_its_image),
        TEST(released_buffers_are_destroyed),
        TEST(interval_1_waits_for_the_frame_callback_and_0_does_not),
        TEST(a_new_size_counts_from_the_next_frame_on),
        TEST(a_size_between_state_and_drawing_counts_at_once),
        TEST(damage_counts_from_the_top),
        TEST(a_frame_carries_the_input_that_was_read_before_it),
        TEST(one_surface_for_a_window),
        TEST(a_window_that_is_gone_cannot_be_swapped),
        TEST(buffer_age_is_unknown),
        TEST(a_hidden_window_does_not_outlive_its_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
