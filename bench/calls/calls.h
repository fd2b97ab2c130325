#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H
/* The calls that are measured. All of them draw nothing, or next to nothing. One context, current. */
#include <stdbool.h>
#include <stdint.h>

#include <GLES3/gl3.h>

#define CALLS_DRAWS_PER_FRAME 5000

struct calls_case {
    const char *name;
    void (*run)(uint32_t count);
    uint32_t calls_per_round; // GL calls in each of the `count` rounds
    bool expensive;           // for the driver: fewer rounds
};
extern const struct calls_case calls_cases[];
extern const uint32_t calls_case_count;

bool calls_init(void);
/* Clears, and draws CALLS_DRAWS_PER_FRAME triangles of a few pixels, each with a uniform of its own. */
void calls_draw_frame(uint32_t number);

#endif
