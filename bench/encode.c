/*
 * How long conversion and encoding of a picture take here: `meson test -C build --benchmark --verbose`, or
 * `bench-encode WIDTH HEIGHT KBPS`. One process, libx264's slice threads; the picture scrolls by 4 pixels a frame over
 * tiles of noise and flat colour, which is about what a 2D game does. Prints milliseconds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <common/clock.h>
#include <encoder/video/encoder.h>

#define FRAMES 300

struct times {
    int64_t start_us;
    double convert_ms[FRAMES], encode_ms[FRAMES];
    uint64_t bytes;
    uint32_t count;
};

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct times *times = user;

    times->convert_ms[times->count] = (double)(packet->meta.times.convert_us - times->start_us) / 1000;
    times->encode_ms[times->count] = (double)(packet->meta.times.encode_us - packet->meta.times.convert_us) / 1000;
    times->bytes += packet->size_bytes;
    times->count++;
}

static void
draw(uint8_t *pixels, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            const uint32_t tile = (x / 32 * 7 + y / 32 * 13) % 5;
            uint8_t *p = pixels + ((size_t)y * width + x) * 4;

            for (uint32_t c = 0; c < 3; c++)
                p[c] = (uint8_t)(tile * 50 + (tile == 2 ? (uint32_t)rand() % 40 : c * 10));
        }
}

static int
compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
print_times(const char *name, double *ms, uint32_t count)
{
    qsort(ms, count, sizeof(*ms), compare);
    printf("%-8s p50 %6.2f  p95 %6.2f  p99 %6.2f ms\n", name, ms[count / 2], ms[count * 95 / 100],
           ms[count * 99 / 100]);
}

int
main(int argc, char **argv)
{
    const struct dc_video_encoder_config config = {
        .width = argc > 1 ? (uint32_t)atoi(argv[1]) : 1280,
        .height = argc > 2 ? (uint32_t)atoi(argv[2]) : 720,
        .bitrate_kbps = argc > 3 ? (uint32_t)atoi(argv[3]) : 10000,
        .refresh_mhz = 60000,
    };
    static struct times times;
    static const struct dc_video_encoder_listener listener = {.handle_packet = handle_packet};
    const uint32_t wide = config.width + FRAMES * 4;
    uint8_t *pixels = malloc((size_t)wide * config.height * 4);
    struct dc_video_encoder *encoder = dc_video_encoder_x264.create(&config, &listener, &times);

    if (!pixels || !encoder)
        return 1;
    draw(pixels, wide, config.height);
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct dc_frame frame = {
            .kind = DC_FRAME_CPU_BGRX,
            .width = config.width,
            .height = config.height,
            .planes = {pixels + (size_t)i * 16},
            .strides = {(int32_t)wide * 4},
            .acquire_fence_fd = -1,
            .meta.frame_id = i + 1,
        };

        times.start_us = dc_clock_now_us();
        if (!dc_video_encoder_x264.encode(encoder, &frame, false))
            return 1;
    }
    printf("%ux%u, %u kb/s asked, %.0f kb/s at 60 Hz, CPU %.0f %% of a core at 60 Hz\n", config.width, config.height,
           config.bitrate_kbps, (double)times.bytes * 8 / 1000 * 60 / FRAMES,
           (double)dc_clock_process_cpu_us() / 1e6 / (FRAMES / 60.0) * 100);
    print_times("convert", times.convert_ms, times.count);
    print_times("encode", times.encode_ms, times.count);
    dc_video_encoder_x264.destroy(encoder);
    free(pixels);
    return 0;
}
