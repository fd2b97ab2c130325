/* The renderer on the real driver, without processes: commands in through a ring, frames out through the listener. */
#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include <EGL/egl.h>
#include <common/clock.h>
#include <protocol/gles/profile.h>
#include <render-backend/renderer/renderer.h>
#include <render.pb-c.h>

#include "ring_writer.h"

#define WIDTH 64u
#define HEIGHT 48u
#define RING 7u
#define MAX_EVENTS 64

struct rig {
    struct dc_renderer *renderer;
    struct ring_writer writer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    // protected by lock
    uint64_t frames;
    uint8_t pixels[HEIGHT][WIDTH][3]; // of the newest frame: R, G, B, top row first
    struct dc_frame_meta meta;
    struct { uint64_t present_id, frame_id; } done[MAX_EVENTS];
    struct { uint32_t surface_id; uint64_t seq; } released[MAX_EVENTS];
    unsigned done_count, released_count, failed_count;
    uint32_t failed_op;
};

static uint64_t
handle_frame(void *user, struct dc_frame *frame)
{
    struct rig *rig = user;
    pthread_mutex_lock(&rig->lock);
    if (frame->width == WIDTH && frame->height == HEIGHT) {
        bool bgr = frame->kind == DC_FRAME_CPU_BGRX;
        for (uint32_t y = 0; y < HEIGHT; y++) {
            const uint8_t *row = frame->planes[0] + (ptrdiff_t)frame->strides[0] * (ptrdiff_t)y;
            for (uint32_t x = 0; x < WIDTH; x++)
                for (int c = 0; c < 3; c++)
                    rig->pixels[y][x][c] = row[x * 4 + (bgr ? 2 - c : c)];
        }
    }
    rig->meta = frame->meta;
    uint64_t id = ++rig->frames;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
    frame->release(frame);
    return id;
}

static void
handle_release(void *user, uint32_t ring_id, uint32_t surface_id, uint64_t seq)
{
    struct rig *rig = user;
    pthread_mutex_lock(&rig->lock);
    if (ring_id != RING) { // cmocka's asserts work on the test's own thread only
        fprintf(stderr, "release of ring %u, surface %u, seq %llu\n", ring_id, surface_id, (unsigned long long)seq);
        abort();
    }
    if (rig->released_count < MAX_EVENTS) {
        rig->released[rig->released_count].surface_id = surface_id;
        rig->released[rig->released_count++].seq = seq;
    }
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void
handle_present_done(void *user, uint64_t present_id, uint64_t frame_id, int64_t execute_us)
{
    struct rig *rig = user;
    pthread_mutex_lock(&rig->lock);
    if (rig->done_count < MAX_EVENTS) {
        rig->done[rig->done_count].present_id = present_id;
        rig->done[rig->done_count++].frame_id = frame_id;
    }
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void
handle_ring_failed(void *user, uint32_t ring_id, uint32_t opcode, const char *reason)
{
    struct rig *rig = user;
    pthread_mutex_lock(&rig->lock);
    rig->failed_count++;
    rig->failed_op = opcode;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static const struct dc_renderer_listener listener = {
    .handle_frame = handle_frame,
    .handle_release = handle_release,
    .handle_present_done = handle_present_done,
    .handle_ring_failed = handle_ring_failed,
};

/* Waits until *counter (under the lock) is at least `count`; false after five seconds. */
static bool
wait_count(struct rig *rig, const unsigned *counter, unsigned count)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 5;
    pthread_mutex_lock(&rig->lock);
    while (*counter < count && pthread_cond_timedwait(&rig->changed, &rig->lock, &end) == 0)
        ;
    bool ok = *counter >= count;
    pthread_mutex_unlock(&rig->lock);
    return ok;
}

static uint64_t
frame_count(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    uint64_t count = rig->frames;
    pthread_mutex_unlock(&rig->lock);
    return count;
}

static void
wait_frames(struct rig *rig, uint64_t count)
{
    for (int i = 0; i < 500 && frame_count(rig) < count; i++)
        usleep(10000);
    assert_int_equal(frame_count(rig), count);
}

static int
set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    const struct dc_renderer_config config = { .width = WIDTH, .height = HEIGHT, .max_width = 512, .max_height = 512 };
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    rig->renderer = dc_renderer_create(&config, &listener, rig);
    assert_non_null(rig->renderer);
    assert_true(ring_writer_init(&rig->writer));
    const struct dc_ring_fds fds = { dup(rig->writer.ring.memfd), dup(rig->writer.ring.cmd_eventfd), -1 };
    assert_int_equal(dc_renderer_attach_ring(rig->renderer, RING, &fds, "test"), 0);
    *state = rig;
    return 0;
}

static int
tear_down(void **state)
{
    struct rig *rig = *state;
    dc_renderer_close_ring(rig->renderer, RING);
    dc_renderer_destroy(rig->renderer);
    ring_writer_finish(&rig->writer);
    free(rig);
    return 0;
}

/* Config with or without alpha, without depth and samples. */
static uint32_t
find_config(struct rig *rig, bool alpha)
{
    struct dc_writer packed;
    struct dc_profile profile;
    uint32_t id = 0;
    dc_writer_init(&packed);
    assert_true(dc_renderer_pack_profile(rig->renderer, &packed));
    assert_true(dc_profile_unpack(&profile, packed.data, packed.size_bytes));
    for (uint32_t i = 0; i < profile.config_count && !id; i++) {
        if ((profile.configs[i].alpha > 0) == alpha && !profile.configs[i].depth && !profile.configs[i].samples)
            id = profile.configs[i].id;
    }
    dc_profile_finish(&profile);
    dc_writer_finish(&packed);
    assert_int_not_equal(id, 0);
    return id;
}

static void
make_context(struct rig *rig, uint32_t context)
{
    dc_enc_dcContextCreate(&rig->writer.encoder, context, 0, 0, 3, 0, 0);
    ring_writer_submit(&rig->writer);
}

static void
make_surface(struct rig *rig, uint32_t context, uint32_t surface, uint32_t width, uint32_t height, bool alpha)
{
    struct dc_encoder *e = &rig->writer.encoder;
    dc_enc_dcSurfaceCreate(e, surface, find_config(rig, alpha), width, height, 0, 0);
    ring_writer_submit(&rig->writer);
    rig->writer.context = context;
    dc_enc_dcMakeCurrent(e, surface, surface);
}

/* Lower half one colour, upper half another: orientation shows. */
static void
draw(struct rig *rig, uint32_t surface, uint64_t seq, uint32_t height, const float lower[4], const float upper[4])
{
    struct dc_encoder *e = &rig->writer.encoder;
    dc_enc_Disable(e, GL_SCISSOR_TEST);
    dc_enc_ClearColor(e, lower[0], lower[1], lower[2], lower[3]);
    dc_enc_Clear(e, GL_COLOR_BUFFER_BIT);
    dc_enc_Enable(e, GL_SCISSOR_TEST);
    dc_enc_Scissor(e, 0, (GLint)height / 2, 4096, 4096);
    dc_enc_ClearColor(e, upper[0], upper[1], upper[2], upper[3]);
    dc_enc_Clear(e, GL_COLOR_BUFFER_BIT);
    dc_enc_dcSwap(e, surface, seq);
    ring_writer_submit(&rig->writer);
}

static const float red[] = { 1, 0, 0, 1 }, green[] = { 0, 1, 0, 1 }, blue[] = { 0, 0, 1, 1 }, half[] = { 0.5f, 0, 0, 0.5f };

struct layer {
    uint32_t surface;
    uint64_t seq;
    int32_t x, y;
    uint32_t width, height;
    bool opaque, y_inverted;
};

static void
present(struct rig *rig, uint64_t id, const struct layer *layers, size_t count, uint64_t input_id)
{
    Dc__Render__Layer messages[8], *pointers[8];
    Dc__Render__Present message = DC__RENDER__PRESENT__INIT;
    for (size_t i = 0; i < count; i++) {
        dc__render__layer__init(&messages[i]);
        messages[i].ring_id = RING;
        messages[i].surface_id = layers[i].surface;
        messages[i].seq = layers[i].seq;
        messages[i].x = layers[i].x;
        messages[i].y = layers[i].y;
        messages[i].width = layers[i].width;
        messages[i].height = layers[i].height;
        messages[i].opaque = layers[i].opaque;
        messages[i].y_inverted = layers[i].y_inverted;
        pointers[i] = &messages[i];
    }
    message.present_id = id;
    message.n_layers = count;
    message.layers = pointers;
    message.n_input_ids = input_id ? 1 : 0;
    message.input_ids = &input_id;
    message.present_us = dc_clock_now_us();
    dc_renderer_present(rig->renderer, &message);
}

static void
assert_pixel(const struct rig *rig, uint32_t x, uint32_t y, int r, int g, int b)
{
    const uint8_t *p = rig->pixels[y][x];
    if (abs(p[0] - r) > 1 || abs(p[1] - g) > 1 || abs(p[2] - b) > 1)
        fail_msg("pixel %u,%u is %d %d %d, not %d %d %d", x, y, p[0], p[1], p[2], r, g, b);
}

static void
test_full_screen(void **state)
{
    struct rig *rig = *state;
    const struct layer layer = { 3, 1, 0, 0, WIDTH, HEIGHT, true, true };
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, false);
    draw(rig, 3, 1, HEIGHT, red, green);
    present(rig, 11, &layer, 1, 99);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_int_equal(rig->done[0].present_id, 11);
    assert_int_equal(rig->done[0].frame_id, 1);
    assert_int_equal(rig->meta.input_id_count, 1);
    assert_int_equal(rig->meta.input_ids[0], 99);
    assert_pixel(rig, 5, 0, 0, 255, 0);
    assert_pixel(rig, 5, HEIGHT / 2 - 1, 0, 255, 0);
    assert_pixel(rig, 5, HEIGHT / 2, 255, 0, 0);
    assert_pixel(rig, WIDTH - 1, HEIGHT - 1, 255, 0, 0);
    uint32_t surface;
    uint64_t serial;
    assert_int_equal(ring_writer_wait_reply(&rig->writer, DC_REPLY_SWAP, &serial, &surface, 4, 2000), 4);
    assert_int_equal(serial, 1);
    assert_int_equal(surface, 3);
}

static void
test_nothing_new_makes_no_frame(void **state)
{
    struct rig *rig = *state;
    const struct layer layer = { 3, 1, 0, 0, WIDTH, HEIGHT, true, true };
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, true);
    draw(rig, 3, 1, HEIGHT, red, green);
    present(rig, 1, &layer, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    uint64_t base = frame_count(rig);
    present(rig, 2, &layer, 1, 55);
    assert_true(wait_count(rig, &rig->done_count, 2));
    assert_int_equal(rig->done[1].frame_id, 0);
    assert_int_equal(frame_count(rig), base);
    // A key frame makes one nevertheless, and it carries what was not shown yet.
    dc_renderer_repaint(rig->renderer);
    wait_frames(rig, base + 1);
    assert_int_equal(rig->meta.input_id_count, 1);
    assert_int_equal(rig->meta.input_ids[0], 55);
    assert_int_equal(rig->released_count, 0);
}

static void
test_many_swaps_release_each_once(void **state)
{
    struct rig *rig = *state;
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, true);
    for (uint64_t seq = 1; seq <= 30; seq++) {
        const struct layer layer = { 3, seq, 0, 0, WIDTH, HEIGHT, true, true };
        draw(rig, 3, seq, HEIGHT, seq % 2 ? red : blue, green);
        present(rig, seq, &layer, 1, seq);
    }
    assert_true(wait_count(rig, &rig->done_count, 30));
    assert_true(wait_count(rig, &rig->released_count, 29));
    for (unsigned i = 0; i < 30; i++)
        assert_int_equal(rig->done[i].present_id, i + 1);
    unsigned seen[31] = { 0 };
    for (unsigned i = 0; i < rig->released_count; i++)
        seen[rig->released[i].seq]++;
    for (unsigned seq = 1; seq < 30; seq++)
        assert_int_equal(seen[seq], 1);
    assert_int_equal(seen[30], 0); // on screen
    assert_pixel(rig, 0, HEIGHT - 1, 0, 0, 255);
}

static void
test_late_layer_keeps_its_image(void **state)
{
    struct rig *rig = *state;
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, false);
    draw(rig, 3, 1, HEIGHT, red, red);
    make_context(rig, 2);
    rig->writer.context = 0;
    make_surface(rig, 2, 4, 16, 16, false);
    draw(rig, 4, 1, 16, blue, blue);
    const struct layer first[] = { { 3, 1, 0, 0, WIDTH, HEIGHT, true, true }, { 4, 1, 8, 8, 16, 16, true, true } };
    present(rig, 1, first, 2, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_pixel(rig, 10, 10, 0, 0, 255);
    uint64_t base = frame_count(rig);
    // The small one's next image does not come; the large one's does.
    const struct layer second[] = { { 3, 2, 0, 0, WIDTH, HEIGHT, true, true }, { 4, 2, 8, 8, 16, 16, true, true } };
    rig->writer.context = 1;
    draw(rig, 3, 2, HEIGHT, green, green);
    present(rig, 2, second, 2, 77);
    wait_frames(rig, base + 1);
    assert_pixel(rig, 0, 0, 0, 255, 0);
    assert_pixel(rig, 10, 10, 0, 0, 255);
    assert_int_equal(rig->done_count, 1);
    assert_int_equal(rig->meta.input_id_count, 0); // incomplete: the event's effect may be in what is late
    rig->writer.context = 2;
    draw(rig, 4, 2, 16, red, red);
    assert_true(wait_count(rig, &rig->done_count, 2));
    assert_pixel(rig, 10, 10, 255, 0, 0);
    assert_int_equal(rig->meta.input_ids[0], 77);
    assert_true(wait_count(rig, &rig->released_count, 2));
}

static void
test_blending_and_scaling(void **state)
{
    struct rig *rig = *state;
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, false);
    draw(rig, 3, 1, HEIGHT, blue, blue);
    make_context(rig, 2);
    rig->writer.context = 0;
    make_surface(rig, 2, 4, 16, 16, true);
    draw(rig, 4, 1, 16, half, green);
    const struct layer layers[] = { { 3, 1, 0, 0, WIDTH, HEIGHT, true, true }, { 4, 1, 16, 8, 32, 32, false, true } };
    present(rig, 1, layers, 2, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_pixel(rig, 0, 0, 0, 0, 255);
    assert_pixel(rig, 20, 10, 0, 255, 0);     // upper half, opaque
    assert_pixel(rig, 20, 36, 128, 0, 127);   // lower half, half red over blue
    assert_pixel(rig, 47, 39, 128, 0, 127);
    assert_pixel(rig, 48, 39, 0, 0, 255);
}

static void
test_shared_memory_image(void **state)
{
    struct rig *rig = *state;
    struct dc_encoder *e = &rig->writer.encoder;
    static uint32_t pixels[HEIGHT][WIDTH];
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            pixels[y][x] = y < HEIGHT / 2 ? 0xffff0000 : 0xff00ff00; // BGRA in memory: red above, green below
    dc_enc_dcImageCreate(e, 9, WIDTH, HEIGHT, 0);
    dc_enc_dcImageUpload(e, 9, 0, 0, WIDTH, HEIGHT, pixels, sizeof pixels);
    dc_enc_dcImageCommit(e, 9, 1);
    ring_writer_submit(&rig->writer);
    const struct layer full = { 9, 1, 0, 0, WIDTH, HEIGHT, true, false };
    present(rig, 1, &full, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_pixel(rig, 3, 3, 255, 0, 0);
    assert_pixel(rig, 3, HEIGHT - 1, 0, 255, 0);
    // Damage, composed: shifted by ten.
    static const uint32_t patch[4] = { 0xff0000ff, 0xff0000ff, 0xff0000ff, 0xff0000ff };
    dc_enc_dcImageUpload(e, 9, 2, 2, 2, 2, patch, sizeof patch);
    dc_enc_dcImageCommit(e, 9, 2);
    ring_writer_submit(&rig->writer);
    const struct layer shifted = { 9, 2, 10, 10, WIDTH, HEIGHT, true, false };
    present(rig, 2, &shifted, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 2));
    assert_pixel(rig, 0, 0, 0, 0, 0);
    assert_pixel(rig, 11, 11, 255, 0, 0);
    assert_pixel(rig, 12, 12, 0, 0, 255);
    assert_pixel(rig, 14, 14, 255, 0, 0);
    // Damage alone, on the texture that is there.
    dc_enc_dcImageUpload(e, 9, 20, 2, 2, 2, patch, sizeof patch);
    dc_enc_dcImageCommit(e, 9, 3);
    ring_writer_submit(&rig->writer);
    const struct layer again = { 9, 3, 10, 10, WIDTH, HEIGHT, true, false };
    present(rig, 3, &again, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 3));
    assert_pixel(rig, 30, 12, 0, 0, 255);
    assert_pixel(rig, 12, 12, 0, 0, 255);
}

/* Small layers over a full-screen picture, partly outside of it. */
static void
test_painted_layers(void **state)
{
    struct rig *rig = *state;
    struct dc_encoder *e = &rig->writer.encoder;
    static uint32_t cursor[8][8];
    for (uint32_t y = 0; y < 8; y++)
        for (uint32_t x = 0; x < 8; x++)
            cursor[y][x] = y < 4 ? 0x80800000 : 0; // half red above, nothing below
    dc_enc_dcImageCreate(e, 9, 8, 8, 1);
    dc_enc_dcImageUpload(e, 9, 0, 0, 8, 8, cursor, sizeof cursor);
    dc_enc_dcImageCommit(e, 9, 1);
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, true);
    draw(rig, 3, 1, HEIGHT, blue, green);
    make_context(rig, 2);
    rig->writer.context = 0;
    make_surface(rig, 2, 4, 16, 16, false);
    draw(rig, 4, 1, 16, red, blue);
    const struct layer layers[] = {
        { 3, 1, 0, 0, WIDTH, HEIGHT, false, true },
        { 4, 1, WIDTH - 8, HEIGHT - 12, 16, 16, true, true },
        { 9, 1, -4, -2, 8, 8, false, false },
        { 9, 1, 20, 20, 8, 8, false, false },
    };
    present(rig, 1, layers, 4, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_pixel(rig, 0, 0, 128, 127, 0);
    assert_pixel(rig, 0, 2, 0, 255, 0);
    assert_pixel(rig, 4, 0, 0, 255, 0);
    assert_pixel(rig, 20, 20, 128, 127, 0);
    assert_pixel(rig, 20, 24, 0, 0, 255);
    assert_pixel(rig, WIDTH - 1, HEIGHT - 12, 0, 0, 255);
    assert_pixel(rig, WIDTH - 1, HEIGHT - 1, 255, 0, 0);
    assert_pixel(rig, WIDTH - 9, HEIGHT - 1, 0, 0, 255);
}

static void
test_resize(void **state)
{
    struct rig *rig = *state;
    make_context(rig, 1);
    make_surface(rig, 1, 3, 32, 32, false);
    draw(rig, 3, 1, 32, red, red);
    dc_enc_dcSurfaceResize(&rig->writer.encoder, 3, WIDTH, HEIGHT);
    draw(rig, 3, 2, HEIGHT, red, blue);
    const struct layer layer = { 3, 2, 0, 0, WIDTH, HEIGHT, true, true };
    present(rig, 1, &layer, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    assert_pixel(rig, WIDTH - 1, 0, 0, 0, 255);
    assert_pixel(rig, WIDTH - 1, HEIGHT - 1, 255, 0, 0);
}

static void
test_surface_destroyed_while_shown(void **state)
{
    struct rig *rig = *state;
    make_context(rig, 1);
    make_surface(rig, 1, 3, WIDTH, HEIGHT, false);
    draw(rig, 3, 1, HEIGHT, red, red);
    const struct layer layer = { 3, 1, 0, 0, WIDTH, HEIGHT, true, true };
    present(rig, 1, &layer, 1, 0);
    assert_true(wait_count(rig, &rig->done_count, 1));
    dc_enc_dcMakeCurrent(&rig->writer.encoder, 0, 0);
    dc_enc_dcSurfaceDestroy(&rig->writer.encoder, 3);
    dc_enc_dcContextDestroy(&rig->writer.encoder, 1);
    ring_writer_submit(&rig->writer);
    rig->writer.context = 0;
    dc_enc_dcFinish(&rig->writer.encoder, 5);
    ring_writer_submit(&rig->writer);
    assert_true(ring_writer_wait_reply(&rig->writer, DC_REPLY_SYNC, NULL, NULL, 0, 2000) >= 0);
    memset(rig->pixels, 0, sizeof rig->pixels);
    uint64_t base = frame_count(rig);
    dc_renderer_repaint(rig->renderer);
    wait_frames(rig, base + 1);
    assert_pixel(rig, 0, 0, 255, 0, 0);
}

static void
test_unknown_command_fails_the_ring(void **state)
{
    struct rig *rig = *state;
    uint32_t *words = dc_encoder_reserve(&rig->writer.encoder, 1);
    words[0] = 1u << 16 | 1023;
    ring_writer_submit(&rig->writer);
    assert_true(wait_count(rig, &rig->failed_count, 1));
    assert_int_equal(rig->failed_op, 1023);
    assert_int_equal(dc_ring_get_state(&rig->writer.ring), DC_RING_LOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_full_screen),
        TEST(test_nothing_new_makes_no_frame),
        TEST(test_many_swaps_release_each_once),
        TEST(test_late_layer_keeps_its_image),
        TEST(test_blending_and_scaling),
        TEST(test_shared_memory_image),
        TEST(test_painted_layers),
        TEST(test_resize),
        TEST(test_surface_destroyed_while_shown),
        TEST(test_unknown_command_fails_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
