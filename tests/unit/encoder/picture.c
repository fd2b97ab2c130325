#include "picture.h"

#include <math.h>
#include <stdlib.h>

void
picture_init(struct picture *p, uint32_t width, uint32_t height)
{
    *p = (struct picture){.width = width, .height = height, .pixels = calloc((size_t)width * height, 4)};
    if (!p->pixels)
        abort();
}

void
picture_finish(struct picture *p)
{
    free(p->pixels);
}

static void
set(struct picture *p, uint32_t x, uint32_t y, unsigned red, unsigned green, unsigned blue)
{
    uint8_t *pixel = p->pixels + ((size_t)y * p->width + x) * 4;

    pixel[0] = (uint8_t)blue;
    pixel[1] = (uint8_t)green;
    pixel[2] = (uint8_t)red;
    pixel[3] = 0x5a; // X may hold anything
}

void
picture_fill(struct picture *p, uint8_t red, uint8_t green, uint8_t blue)
{
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            set(p, x, y, red, green, blue);
}

void
picture_draw(struct picture *p, uint32_t step)
{
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            const double wave = sin((x + 3.0 * step) / 40.0) * cos((y + 2.0 * step) / 30.0);

            set(p, x, y, x * 255 / p->width, y * 255 / p->height, (unsigned)(128 + 100 * wave));
        }
}

void
picture_noise(struct picture *p, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (size_t i = 0; i < (size_t)p->width * p->height * 4; i++) {
        state = state * 1664525u + 1013904223u;
        p->pixels[i] = (uint8_t)(state >> 24);
    }
}

double
picture_psnr(const struct picture *a, const struct picture *b)
{
    double sum = 0;
    const size_t n = (size_t)a->width * a->height;

    for (size_t i = 0; i < n * 4; i++)
        if (i % 4 != 3)
            sum += (a->pixels[i] - b->pixels[i]) * (a->pixels[i] - b->pixels[i]);
    return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * 3 * (double)n / sum);
}

struct dc_frame
picture_frame(const struct picture *p, uint64_t frame_id)
{
    return (struct dc_frame){
        .kind = DC_FRAME_CPU_BGRX,
        .width = p->width,
        .height = p->height,
        .planes = {p->pixels},
        .strides = {(int32_t)p->width * 4},
        .fds = {-1, -1, -1},
        .acquire_fence_fd = -1,
        .meta = {.frame_id = frame_id, .times.present_us = 1000000 + (int64_t)frame_id * 16667},
    };
}
