/* Nanoseconds per command in the worker's decoder and handlers, over a driver that does nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gles_decode.h>
#include <gles_encode.h>
#include "exec.h"

#define COMMANDS 2000 // per batch
#define BATCHES 2000

static uint32_t words[1 << 18];

static void
refill(struct dc_encoder *encoder, size_t room)
{
    abort(); // the batch is too small
}

static const struct dc_encoder_impl encoder_impl = { .refill = refill };

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    return NULL;
}

static const struct dc_exec_impl exec_impl = { .reply_reserve = reply_reserve };

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* A frame's usual commands: state, uniforms, vertex arrays, draws. */
static void
encode_mix(struct dc_encoder *e)
{
    static const float matrix[16] = { 1 };
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 1);
    dc_enc_VertexAttribPointer(e, 0, 3, GL_FLOAT, GL_FALSE, 24, 0);
    dc_enc_VertexAttribPointer(e, 1, 3, GL_FLOAT, GL_FALSE, 24, 12);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_UniformMatrix4fv(e, 3, 1, GL_FALSE, matrix, sizeof(matrix));
    dc_enc_Uniform4f(e, 4, 1, 2, 3, 4);
    dc_enc_BindTexture(e, GL_TEXTURE_2D, 2);
    dc_enc_DrawArrays(e, GL_TRIANGLES, 0, 3);
    dc_enc_BlendFunc(e, GL_ONE, GL_ZERO);
    dc_enc_DisableVertexAttribArray(e, 0);
}

int
main(void)
{
    struct dc_exec x;
    struct dc_encoder e = { &encoder_impl, words, words + sizeof(words) / sizeof(words[0]) };
    if (!dc_exec_init(&x, &dc_gl_null, &exec_impl, NULL))
        return 1;
    dc_exec_context_made_current(&x, dc_exec_context_create(&x, 1, DC_API_GLES2, NULL));
    double start = now();
    for (int b = 0; b < BATCHES; b++) {
        e.at = words;
        for (int i = 0; i < COMMANDS / 10; i++)
            encode_mix(&e);
    }
    double encoded = now();
    for (int b = 0; b < BATCHES; b++)
        if (dc_gles_dispatch(&x, words, (size_t)(e.at - words)))
            return 1;
    double decoded = now(), total = (double)COMMANDS * BATCHES;
    printf("encode %.1f ns, decode and dispatch %.1f ns per command\n", (encoded - start) / total,
           (decoded - encoded) / total);
    dc_exec_finish(&x);
    return 0;
}
