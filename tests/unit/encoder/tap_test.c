/* What --dump-frames writes: a file that FFmpeg reads, frames by their id, in the encoder's own conversion. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <encoder/video/tap.h>

#include "convert.h"
#include "picture.h"

#define WIDTH 32
#define HEIGHT 16
#define FRAME_BYTES (WIDTH * HEIGHT * 3 / 2)

static void
make_path(char path[32])
{
    strcpy(path, "/tmp/dc-tap-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

static size_t
read_file(const char *path, uint8_t *bytes, size_t capacity)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, capacity, f);
    fclose(f);
    unlink(path);
    return n;
}

static void
tap_picture(struct dc_video_tap *tap, const struct picture *picture, uint64_t id)
{
    struct dc_frame frame = picture_frame(picture, id);
    dc_video_tap_write(tap, &frame);
}

static void
assert_frame(const uint8_t *bytes, const struct picture *picture)
{
    uint8_t nv12[FRAME_BYTES];
    const struct dc_frame frame = picture_frame(picture, 1);
    dc_convert_to_nv12_reference(&frame, &(struct dc_nv12){ .y = nv12, .uv = nv12 + WIDTH * HEIGHT, .y_stride = WIDTH,
                                                            .uv_stride = WIDTH, .width = WIDTH, .height = HEIGHT });
    assert_memory_equal(bytes, nv12, WIDTH * HEIGHT);
    for (size_t i = 0; i < WIDTH * HEIGHT / 4; i++) {
        assert_int_equal(bytes[WIDTH * HEIGHT + i], nv12[WIDTH * HEIGHT + 2 * i]);
        assert_int_equal(bytes[WIDTH * HEIGHT * 5 / 4 + i], nv12[WIDTH * HEIGHT + 2 * i + 1]);
    }
}

static void
test_file(void **state)
{
    static const char header[] = "YUV4MPEG2 W32 H16 F60:1 Ip A1:1 C420\n", first[] = "FRAME XID=7\n", second[] = "FRAME XID=10\n";
    static uint8_t bytes[4 * FRAME_BYTES];
    struct picture pictures[2];
    char path[32];
    make_path(path);
    struct dc_video_tap *tap = dc_video_tap_create(path);
    assert_non_null(tap);
    for (uint32_t i = 0; i < 2; i++) {
        picture_init(&pictures[i], WIDTH, HEIGHT);
        picture_noise(&pictures[i], i);
        tap_picture(tap, &pictures[i], i ? 10 : 7);
    }
    dc_video_tap_destroy(tap);

    size_t n = read_file(path, bytes, sizeof(bytes));
    const uint8_t *at = bytes;
    assert_int_equal(n, strlen(header) + strlen(first) + strlen(second) + 2 * FRAME_BYTES);
    assert_memory_equal(at, header, strlen(header));
    assert_memory_equal(at += strlen(header), first, strlen(first));
    assert_frame(at += strlen(first), &pictures[0]);
    assert_memory_equal(at += FRAME_BYTES, second, strlen(second));
    assert_frame(at + strlen(second), &pictures[1]);
    picture_finish(&pictures[0]);
    picture_finish(&pictures[1]);
}

/* A file of two sizes could be read by nobody. */
static void
test_resize_ends_the_file(void **state)
{
    static uint8_t bytes[4 * FRAME_BYTES];
    struct picture small, large;
    char path[32];
    make_path(path);
    struct dc_video_tap *tap = dc_video_tap_create(path);
    picture_init(&small, WIDTH, HEIGHT);
    picture_init(&large, 2 * WIDTH, HEIGHT);
    picture_noise(&small, 1);
    picture_noise(&large, 1);
    tap_picture(tap, &small, 1);
    tap_picture(tap, &large, 2);
    tap_picture(tap, &small, 3);
    dc_video_tap_destroy(tap);
    assert_int_equal(read_file(path, bytes, sizeof(bytes)), 37 + 12 + FRAME_BYTES);
    picture_finish(&small);
    picture_finish(&large);
}

static void
test_no_such_directory(void **state)
{
    char path[32], below[48];
    make_path(path);
    snprintf(below, sizeof(below), "%s/frames.y4m", path); // below a file
    assert_null(dc_video_tap_create(below));
    unlink(path);
    dc_video_tap_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_resize_ends_the_file),
        cmocka_unit_test(test_no_such_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
