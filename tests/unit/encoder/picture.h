#ifndef DC_TESTS_ENCODER_PICTURE_H
#define DC_TESTS_ENCODER_PICTURE_H
/* Pictures for the encoder tests, and what came out of a decoder. */
#include <stdbool.h>
#include <stdint.h>

#include <common/frame.h>

struct picture { // B G R X
    uint32_t width, height;
    uint8_t *pixels; // owned; rows top-down
};

void picture_init(struct picture *p, uint32_t width, uint32_t height);
void picture_finish(struct picture *p);
void picture_fill(struct picture *p, uint8_t red, uint8_t green, uint8_t blue);
/* Smooth shapes that move with `step`: what an encoder is good at. */
void picture_draw(struct picture *p, uint32_t step);
/* Noise: what an encoder is bad at, so that the bit rate is what limits it. */
void picture_noise(struct picture *p, uint32_t seed);
/* dB over the three colours. */
double picture_psnr(const struct picture *a, const struct picture *b);
struct dc_frame picture_frame(const struct picture *p, uint64_t frame_id);

#endif
