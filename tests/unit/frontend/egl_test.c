/* egl/ without windows: displays, contexts, pbuffers, what is current where, fences, errors. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <common/clock.h>
#include <egl/context.h>
#include <egl/display.h>
#include <egl/entries.h>
#include <egl/thread.h>
#include <gles_encode.h>

#include "fake_gles.h"
#include "fake_supervisor.h"

static struct fake_supervisor fake;
static EGLDisplay display;
static EGLConfig config, other_config;

static const EGLint es2[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_NONE };
static const EGLint small_pbuffer[] = { EGL_WIDTH, 64, EGL_HEIGHT, 32, EGL_NONE };

static EGLConfig
choose(EGLint depth)
{
    const EGLint attribs[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_ALPHA_SIZE, 8, EGL_DEPTH_SIZE, depth, EGL_NONE };
    EGLConfig found;
    EGLint count;
    assert_true(dc_eglChooseConfig(display, attribs, &found, 1, &count));
    assert_int_equal(count, 1);
    return found;
}

static int
setup(void **state)
{
    fake_supervisor_start(&fake);
    display = dc_display_get(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL);
    if (!dc_eglInitialize(display, NULL, NULL))
        return -1;
    config = choose(24);
    other_config = choose(0);
    return 0;
}

static int
teardown(void **state)
{
    dc_eglReleaseThread();
    dc_eglTerminate(display);
    fake_supervisor_stop(&fake);
    return 0;
}

static EGLContext
make_context(EGLContext share)
{
    EGLContext context = dc_eglCreateContext(display, config, share, es2);
    assert_non_null(context);
    return context;
}

static EGLSurface
make_pbuffer(void)
{
    EGLSurface surface = dc_eglCreatePbufferSurface(display, config, small_pbuffer);
    assert_non_null(surface);
    return surface;
}

#define expect_error(call, error)                                                                                       \
    do {                                                                                                                \
        dc_egl_take_error();                                                                                            \
        assert_false((intptr_t)(call));                                                                                 \
        assert_int_equal(dc_egl_take_error(), error);                                                                   \
        assert_int_equal(dc_egl_take_error(), EGL_SUCCESS);                                                             \
    } while (0)

static void
displays_are_the_same_for_the_same_question(void **state)
{
    assert_ptr_equal(dc_display_get(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL), display);
    expect_error(dc_display_get(EGL_PLATFORM_SURFACELESS_MESA, &fake, NULL), EGL_BAD_PARAMETER);
    expect_error(dc_display_get(EGL_PLATFORM_X11_KHR, NULL, NULL), EGL_BAD_PARAMETER);
    expect_error(dc_display_get(EGL_PLATFORM_GBM_KHR, NULL, NULL), EGL_BAD_PARAMETER);
    expect_error(dc_eglInitialize((EGLDisplay)1, NULL, NULL), EGL_BAD_DISPLAY);
    EGLint major = 0, minor = 0;
    assert_true(dc_eglInitialize(display, &major, &minor));
    assert_int_equal(major * 10 + minor, 15);
    assert_string_equal(dc_eglQueryString(display, EGL_VENDOR), "droidcloud");
    assert_null(strstr(dc_eglQueryString(display, EGL_EXTENSIONS), "buffer_age"));
    expect_error(dc_eglQueryString(display, EGL_WIDTH), EGL_BAD_PARAMETER);
}

static void
contexts_say_what_they_were_made_with(void **state)
{
    const EGLint attribs[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 1, EGL_CONTEXT_FLAGS_KHR,
                               EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR, EGL_CONTEXT_OPENGL_ROBUST_ACCESS, EGL_TRUE, EGL_NONE };
    EGLContext context = dc_eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attribs);
    assert_non_null(context);
    struct fake_command command;
    assert_true(fake_supervisor_find(&fake, DC_OP_dcContextCreate, 0, &command));
    const uint32_t wanted[] = { ((struct dc_context *)context)->id, 0, 0, 3, 2, 3 }; // the highest that there is
    assert_memory_equal(command.words, wanted, sizeof(wanted));
    assert_int_equal(command.context, 0);
    EGLint value;
    assert_true(dc_eglQueryContext(display, context, EGL_CONTEXT_CLIENT_VERSION, &value));
    assert_int_equal(value, 3);
    assert_true(dc_eglQueryContext(display, context, EGL_CONFIG_ID, &value));
    assert_int_equal(value, 0);
    assert_true(dc_eglQueryContext(display, context, EGL_RENDER_BUFFER, &value));
    assert_int_equal(value, EGL_NONE);
    expect_error(dc_eglQueryContext(display, context, EGL_WIDTH, &value), EGL_BAD_ATTRIBUTE);
    assert_true(dc_eglDestroyContext(display, context));
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcContextDestroy), 1);
    expect_error(dc_eglDestroyContext(display, context), EGL_BAD_CONTEXT);
}

static void
contexts_that_cannot_be_are_refused(void **state)
{
    const struct {
        EGLint attribs[7], error;
    } cases[] = {
        { { EGL_NONE }, EGL_BAD_MATCH }, // ES 1 is EGL's default, and the profile has none of it
        { { EGL_CONTEXT_MAJOR_VERSION, 1, EGL_CONTEXT_MINOR_VERSION, 2, EGL_NONE }, EGL_BAD_MATCH },
        { { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_MINOR_VERSION, 1, EGL_NONE }, EGL_BAD_MATCH },
        { { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE }, EGL_BAD_MATCH },
        { { EGL_CONTEXT_MAJOR_VERSION, 4, EGL_NONE }, EGL_BAD_MATCH },
        { { EGL_WIDTH, 4, EGL_NONE }, EGL_BAD_ATTRIBUTE },
        { { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_OPENGL_PROFILE_MASK, 1, EGL_NONE }, EGL_BAD_ATTRIBUTE },
        { { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_FLAGS_KHR, EGL_CONTEXT_OPENGL_ROBUST_ACCESS_BIT_KHR, EGL_NONE },
          EGL_BAD_ATTRIBUTE },
        { { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_OPENGL_NO_ERROR_KHR, EGL_TRUE, EGL_CONTEXT_OPENGL_DEBUG,
            EGL_TRUE, EGL_NONE }, EGL_BAD_MATCH },
        { { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, 7, EGL_NONE },
          EGL_BAD_ATTRIBUTE },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_error(dc_eglCreateContext(display, config, EGL_NO_CONTEXT, cases[i].attribs), cases[i].error);
    expect_error(dc_eglCreateContext(display, (EGLConfig)1, EGL_NO_CONTEXT, es2), EGL_BAD_CONFIG);
    expect_error(dc_eglCreateContext(display, config, (EGLContext)1, es2), EGL_BAD_CONTEXT);
    EGLContext plain = make_context(EGL_NO_CONTEXT);
    const EGLint lose[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY,
                            EGL_LOSE_CONTEXT_ON_RESET, EGL_NONE };
    expect_error(dc_eglCreateContext(display, config, plain, lose), EGL_BAD_MATCH);
}

static void
make_current_checks_its_arguments(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    EGLSurface surface = make_pbuffer();
    EGLSurface foreign = dc_eglCreatePbufferSurface(display, other_config, small_pbuffer);
    expect_error(dc_eglMakeCurrent(display, surface, surface, EGL_NO_CONTEXT), EGL_BAD_MATCH);
    expect_error(dc_eglMakeCurrent(display, surface, EGL_NO_SURFACE, context), EGL_BAD_MATCH);
    expect_error(dc_eglMakeCurrent(display, foreign, foreign, context), EGL_BAD_MATCH);
    expect_error(dc_eglMakeCurrent(display, (EGLSurface)1, surface, context), EGL_BAD_SURFACE);
    expect_error(dc_eglMakeCurrent(display, surface, surface, (EGLContext)1), EGL_BAD_CONTEXT);
    expect_error(dc_eglMakeCurrent((EGLDisplay)1, surface, surface, context), EGL_BAD_DISPLAY);
    assert_null(dc_current);
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    assert_ptr_equal(dc_current, context);
    assert_int_equal(fake_gles_first_width, 64);
    assert_int_equal(fake_gles_first_height, 32);
}

static void
a_surface_destroyed_while_current_lives_until_it_is_not(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    EGLSurface surface = make_pbuffer();
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    assert_true(dc_eglDestroySurface(display, surface));
    assert_true(dc_eglDestroyContext(display, context));
    dc_enc_Clear(&dc_current->encoder, 1);
    EGLint value;
    expect_error(dc_eglQuerySurface(display, surface, EGL_WIDTH, &value), EGL_BAD_SURFACE);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcSurfaceDestroy), 0);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcContextDestroy), 0);
    assert_true(dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcSurfaceDestroy), 1);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcContextDestroy), 1);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_Clear), 1); // was sent before its context went
    assert_null(dc_current);
}

struct other_thread {
    EGLSurface surface;
    EGLContext context;
    EGLint error;
    bool release;
};

static void *
make_current_elsewhere(void *user)
{
    struct other_thread *t = user;
    t->error = dc_eglMakeCurrent(display, t->surface, t->surface, t->context) ? EGL_SUCCESS : dc_egl_take_error();
    if (t->release)
        dc_eglReleaseThread();
    return NULL; // without a release the end of the thread is one
}

static EGLint
elsewhere(EGLSurface surface, EGLContext context, bool release)
{
    struct other_thread t = { surface, context, 0, release };
    pthread_t thread;
    pthread_create(&thread, NULL, make_current_elsewhere, &t);
    pthread_join(thread, NULL);
    return t.error;
}

static void
one_thread_at_a_time(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT), sharing = make_context(context);
    EGLSurface surface = make_pbuffer(), another = make_pbuffer();
    assert_int_equal(elsewhere(surface, context, false), EGL_SUCCESS);
    assert_true(dc_eglMakeCurrent(display, surface, surface, context)); // that thread is gone
    assert_int_equal(elsewhere(another, context, true), EGL_BAD_ACCESS);
    assert_int_equal(elsewhere(surface, sharing, true), EGL_BAD_ACCESS);
    assert_int_equal(elsewhere(another, sharing, true), EGL_SUCCESS);
    struct fake_command command;
    assert_true(fake_supervisor_find(&fake, DC_OP_dcContextCreate, 1, &command));
    assert_int_equal(command.words[1], ((struct dc_context *)context)->id);
}

static void
pbuffers_have_the_size_asked_for(void **state)
{
    EGLSurface surface = make_pbuffer();
    EGLint value;
    assert_true(dc_eglQuerySurface(display, surface, EGL_WIDTH, &value));
    assert_int_equal(value, 64);
    assert_true(dc_eglQuerySurface(display, surface, EGL_SWAP_BEHAVIOR, &value));
    assert_int_equal(value, EGL_BUFFER_DESTROYED);
    expect_error(dc_eglQuerySurface(display, surface, EGL_BUFFER_AGE_EXT, &value), EGL_BAD_ATTRIBUTE);
    const EGLint negative[] = { EGL_WIDTH, -1, EGL_NONE }, window_only[] = { EGL_RENDER_BUFFER, EGL_BACK_BUFFER, EGL_NONE };
    expect_error(dc_eglCreatePbufferSurface(display, config, negative), EGL_BAD_PARAMETER);
    expect_error(dc_eglCreatePbufferSurface(display, config, window_only), EGL_BAD_ATTRIBUTE);
    const EGLint huge[] = { EGL_WIDTH, 100000, EGL_HEIGHT, 1, EGL_LARGEST_PBUFFER, EGL_TRUE, EGL_NONE };
    surface = dc_eglCreatePbufferSurface(display, config, huge);
    assert_true(dc_eglQuerySurface(display, surface, EGL_WIDTH, &value));
    assert_int_equal(value, 8192);
    expect_error(dc_eglCreateWindowSurface(display, config, (EGLNativeWindowType)&fake, NULL), EGL_BAD_NATIVE_WINDOW);
    expect_error(dc_eglCreatePixmapSurface(display, config, 0, NULL), EGL_BAD_NATIVE_PIXMAP);
}

static void
the_worker_s_bounds_are_kept(void **state)
{
    EGLContext contexts[300];
    int made = 0;
    while (made < 300 && (contexts[made] = dc_eglCreateContext(display, config, EGL_NO_CONTEXT, es2)))
        made++;
    assert_int_equal(dc_egl_take_error(), EGL_BAD_ALLOC);
    assert_int_equal(made, 200);
    while (made > 0)
        assert_true(dc_eglDestroyContext(display, contexts[--made]));
    for (int i = 0; i < 300; i++)
        assert_true(dc_eglDestroySurface(display, make_pbuffer()));
    const EGLint large[] = { EGL_WIDTH, 8193, EGL_HEIGHT, 8, EGL_NONE };
    expect_error(dc_eglCreatePbufferSurface(display, config, large), EGL_BAD_ALLOC);
}

static void
fences_signal_when_the_worker_says_so(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    expect_error(dc_eglCreateSync(display, EGL_SYNC_FENCE, NULL), EGL_BAD_MATCH);
    assert_true(dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context));
    expect_error(dc_eglCreateSyncKHR(display, EGL_SYNC_NATIVE_FENCE_ANDROID, NULL), EGL_BAD_ATTRIBUTE);
    fake_supervisor_hold(&fake, true);
    EGLSync sync = dc_eglCreateSync(display, EGL_SYNC_FENCE, NULL);
    assert_non_null(sync);
    EGLAttrib value;
    assert_true(dc_eglGetSyncAttrib(display, sync, EGL_SYNC_STATUS, &value));
    assert_int_equal(value, EGL_UNSIGNALED);
    assert_int_equal(dc_eglClientWaitSync(display, sync, 0, 1000000), EGL_TIMEOUT_EXPIRED);
    fake_supervisor_count(&fake, 0);
    fake_supervisor_hold(&fake, false);
    assert_int_equal(dc_eglClientWaitSync(display, sync, 0, EGL_FOREVER), EGL_CONDITION_SATISFIED);
    assert_true(dc_eglGetSyncAttrib(display, sync, EGL_SYNC_STATUS, &value));
    assert_int_equal(value, EGL_SIGNALED);
    assert_true(dc_eglWaitSync(display, sync, 0));
    assert_true(dc_eglDestroySync(display, sync));
    expect_error(dc_eglDestroySync(display, sync), EGL_BAD_PARAMETER);
}

static void *
answer_soon(void *user)
{
    usleep(30000);
    fake_supervisor_hold(&fake, false);
    return NULL;
}

static void
two_frames_are_in_flight_and_no_more(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    EGLSurface surface = make_pbuffer();
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    fake_supervisor_hold(&fake, true);
    int64_t start_us = dc_clock_now_us();
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_true(dc_eglSwapBuffers(display, surface));
    pthread_t thread;
    pthread_create(&thread, NULL, answer_soon, NULL);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_true(dc_clock_now_us() - start_us >= 30000);
    pthread_join(thread, NULL);
    assert_int_equal(dc_current->process->ring.shared->frames, 3);
    assert_int_equal(dc_current->process->ring.shared->round_trips, 0);
}

static void
a_lost_worker_loses_contexts_and_hangs_nobody(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT), another = make_context(context);
    EGLSurface surface = make_pbuffer();
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    fake_supervisor_hold(&fake, true);
    EGLSync sync = dc_eglCreateSync(display, EGL_SYNC_FENCE, NULL);
    fake_supervisor_count(&fake, 0);
    dc_ring_set_state(&fake.ring, DC_RING_LOST);
    assert_int_equal(dc_eglClientWaitSync(display, sync, 0, EGL_FOREVER), EGL_CONDITION_SATISFIED);
    expect_error(dc_eglSwapBuffers(display, surface), EGL_CONTEXT_LOST);
    expect_error(dc_eglWaitClient(), EGL_CONTEXT_LOST);
    expect_error(dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, another), EGL_CONTEXT_LOST);
    expect_error(dc_eglCreateContext(display, config, EGL_NO_CONTEXT, es2), EGL_CONTEXT_LOST);
    assert_true(dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
}

static void
a_forked_child_starts_anew(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    EGLSurface surface = make_pbuffer();
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    pthread_mutex_lock(&dc_egl_lock); // as another thread may have it at that moment
    pid_t pid = fork();
    if (pid == 0) {
        EGLint value;
        dc_enc_Clear(&dc_current->encoder, 1); // goes nowhere
        bool ok = !dc_eglQuerySurface(display, surface, EGL_WIDTH, &value) &&
                  dc_egl_take_error() == EGL_NOT_INITIALIZED &&
                  dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        setenv("DROIDCLOUD_FRONTEND", "/nonexistent/socket", 1);
        ok = ok && !dc_eglInitialize(display, NULL, NULL); // asks for a connection of its own
        _exit(ok ? 0 : 1);
    }
    pthread_mutex_unlock(&dc_egl_lock);
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_true(dc_eglSwapBuffers(display, surface));
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_Clear), 0);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcSurfaceDestroy), 0);
}

static void
terminate_invalidates_every_handle(void **state)
{
    EGLContext context = make_context(EGL_NO_CONTEXT);
    EGLSurface surface = make_pbuffer();
    assert_true(dc_eglMakeCurrent(display, surface, surface, context));
    assert_true(dc_eglTerminate(display));
    EGLint value;
    expect_error(dc_eglQuerySurface(display, surface, EGL_WIDTH, &value), EGL_NOT_INITIALIZED);
    dc_enc_Clear(&dc_current->encoder, 1); // still current, as EGL says
    assert_true(dc_eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_dcSurfaceDestroy), 1);
    assert_true(dc_eglTerminate(display));
    assert_true(dc_eglInitialize(display, NULL, NULL));
    expect_error(dc_eglDestroyContext(display, context), EGL_BAD_CONTEXT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(displays_are_the_same_for_the_same_question),
        TEST(contexts_say_what_they_were_made_with),
        TEST(contexts_that_cannot_be_are_refused),
        TEST(make_current_checks_its_arguments),
        TEST(a_surface_destroyed_while_current_lives_until_it_is_not),
        TEST(one_thread_at_a_time),
        TEST(pbuffers_have_the_size_asked_for),
        TEST(the_worker_s_bounds_are_kept),
        TEST(fences_signal_when_the_worker_says_so),
        TEST(two_frames_are_in_flight_and_no_more),
        TEST(a_lost_worker_loses_contexts_and_hangs_nobody),
        TEST(a_forked_child_starts_anew),
        TEST(terminate_invalidates_every_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
