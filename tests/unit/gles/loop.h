#ifndef DC_TEST_GLES_LOOP_H
#define DC_TEST_GLES_LOOP_H
/* Encoder and executor back to back in memory: what the ring does between processes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/encoder.h>
#include "exec.h"

#define LOOP_WORDS (64u << 10)
#define LOOP_BULK_BYTES (16u << 20)

struct loop_reply {
    uint32_t type;
    uint64_t serial;
    uint8_t *data;
    size_t size_bytes;
    struct loop_reply *next;
};

struct loop {
    struct dc_encoder encoder; // first
    uint32_t words[LOOP_WORDS];
    uint8_t *bulk;
    size_t bulk_at;
    struct dc_exec exec;
    struct dc_exec_context *context;
    uint8_t reply_room[4 << 20];
    struct loop_reply *replies; // oldest first
};

/* A loop whose one context is made current. Aborts when out of memory. */
struct loop *loop_create(const struct dc_gl *gl);
void loop_destroy(struct loop *loop);
/* Executes what is encoded; 0 or -EPROTO. */
int loop_run(struct loop *loop);
/* Executes words as they are. */
int loop_run_words(struct loop *loop, const uint32_t *words, size_t count);
/* The oldest reply of a type (parts joined), taken out; NULL: none. */
struct loop_reply *loop_take(struct loop *loop, uint32_t type);
void loop_reply_free(struct loop_reply *reply);
/* Runs what is encoded, and exact glGetError through the stream. */
uint32_t loop_error(struct loop *loop);

#endif
