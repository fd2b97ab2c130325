#include "paintings.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A number from 0 to 1 for a point of a grid. */
static float
hash(int x, int y, unsigned seed)
{
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + seed * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    return (float)((h ^ (h >> 16)) & 0xffff) / 65535;
}

static float
smooth_noise(float x, float y, unsigned seed)
{
    int left = (int)floorf(x), top = (int)floorf(y);
    float u = x - (float)left, v = y - (float)top;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    float above = hash(left, top, seed) * (1 - u) + hash(left + 1, top, seed) * u;
    float below = hash(left, top + 1, seed) * (1 - u) + hash(left + 1, top + 1, seed) * u;
    return above * (1 - v) + below * v;
}

/* Octaves as in clouds, rock and bark: like photographs, less contrast the finer. */
static float
fractal(float x, float y, unsigned seed)
{
    float sum = 0, weight = 0.5f;
    for (unsigned octave = 0; octave < 7; octave++, weight *= 0.5f, x *= 2, y *= 2)
        sum += weight * smooth_noise(x, y, seed + octave);
    return sum;
}

static uint8_t
channel(float value)
{
    return value <= 0 ? 0 : value >= 1 ? 255 : (uint8_t)(value * 255 + 0.5f);
}

static void
landscape(float x, float y, unsigned seed, float rgb[3])
{
    float ridge = 0.35f + 0.4f * fractal(x * 3, 0.5f, seed), detail = fractal(x * 12, y * 12, seed + 9);
    if (y < ridge) { // sky, clouds
        float cloud = fractal(x * 4, y * 8, seed + 5);
        rgb[0] = 0.3f + 0.6f * cloud;
        rgb[1] = 0.5f + 0.4f * cloud;
        rgb[2] = 0.85f + 0.1f * cloud;
    } else {
        float depth = (y - ridge) / (1 - ridge);
        rgb[0] = detail * (0.7f - 0.3f * depth);
        rgb[1] = detail * (0.5f + 0.4f * depth);
        rgb[2] = detail * 0.35f;
    }
}

static void
mosaic(float x, float y, unsigned seed, float rgb[3])
{
    float nearest = 9;
    int cell_x = (int)floorf(x * 24), cell_y = (int)floorf(y * 24), best_x = 0, best_y = 0;
    for (int j = cell_y - 1; j <= cell_y + 1; j++)
        for (int i = cell_x - 1; i <= cell_x + 1; i++) {
            float dx = (float)i + hash(i, j, seed) - x * 24, dy = (float)j + hash(i, j, seed + 1) - y * 24;
            if (dx * dx + dy * dy < nearest) {
                nearest = dx * dx + dy * dy;
                best_x = i;
                best_y = j;
            }
        }
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = hash(best_x, best_y, seed + 2 + c) * (1 - 0.5f * sqrtf(nearest));
}

/* Letters of a sort on paper: what a shop's or a chat's text is to an encoder. */
static void
page(float x, float y, unsigned seed, float rgb[3])
{
    int row = (int)(y * 256) / 8, column = (int)(x * 256) / 6, in_x = (int)(x * 256) % 6, in_y = (int)(y * 256) % 8;
    bool ink = hash(column, row, seed) > 0.15f && in_x < 5 && in_y < 6 && hash(column * 8 + in_x, row * 8 + in_y, seed + 1) > 0.5f;
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = ink ? 0.1f : 0.92f;
}

void
painting_draw(unsigned which, unsigned size, uint8_t *pixels)
{
    static void (*const kinds[])(float, float, unsigned, float[3]) = { landscape, mosaic, page };
    for (unsigned j = 0; j < size; j++)
        for (unsigned i = 0; i < size; i++) {
            float rgb[3];
            kinds[which % 3]((float)i / (float)size, (float)j / (float)size, which * 100, rgb);
            for (unsigned c = 0; c < 3; c++)
                pixels[((size_t)j * size + i) * 4 + c] = channel(rgb[c]);
            pixels[((size_t)j * size + i) * 4 + 3] = 255;
        }
}
