#ifndef DC_BENCH_PAINTINGS_H
#define DC_BENCH_PAINTINGS_H
/* Detailed pictures that nobody had to fetch: computed, the same in every run. */
#include <stdint.h>

#define PAINTINGS 6

/* RGBA, size × size pixels. `which` < PAINTINGS. */
void painting_draw(unsigned which, unsigned size, uint8_t *pixels);

#endif
