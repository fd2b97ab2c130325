/*
 * bench-journal [FRAMES]: what the journal costs an application's thread, per command of frames as programs make them
 * (append at the submit, folding when the next frame is executed). One thread, no worker, no ring: batches are 64 KiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gles_encode.h>

#include <instance/journal/journal.h>

#define BATCH_WORDS 16384

struct batch {
    struct dc_encoder encoder; // first
    struct dc_journal *journal;
    uint64_t commands;
    uint32_t context_id;
    uint32_t words[BATCH_WORDS];
};

static void
refill(struct dc_encoder *encoder, size_t words)
{
    struct batch *batch = (struct batch *)encoder;
    if (batch->journal)
        dc_journal_append(batch->journal, batch->context_id, batch->words, (size_t)(encoder->at - batch->words), NULL);
    encoder->at = batch->words;
}

static void
begin(struct batch *batch)
{
    struct dc_encoder *e = &batch->encoder;
    dc_enc_dcContextCreate(e, 1, 0, 1, 3, 2, 0);
    dc_enc_dcSurfaceCreate(e, 1, 1, 640, 480, 0, 0);
    refill(e, 0);
    batch->context_id = 1;
    dc_enc_dcMakeCurrent(e, 1, 1);
    for (uint32_t i = 1; i <= 64; i++) {
        dc_enc_GenTextures(e, 1, &i, 4);
        dc_enc_GenBuffers(e, 1, &i, 4);
        dc_enc_BindTexture(e, GL_TEXTURE_2D, i);
        dc_enc_TexImage2D(e, GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, batch->words, 64);
        dc_enc_CreateProgram(e, i);
        dc_enc_LinkProgram(e, i);
    }
    refill(e, 0);
}

/* 1000 objects: program, texture, matrix, colour, draw. */
static void
objects(struct batch *batch)
{
    struct dc_encoder *e = &batch->encoder;
    float matrix[16] = { 1 };
    for (uint32_t i = 0; i < 1000; i++) {
        matrix[3] = (float)i;
        dc_enc_UseProgram(e, 1 + i % 8);
        dc_enc_BindTexture(e, GL_TEXTURE_2D, 1 + i % 64);
        dc_enc_UniformMatrix4fv(e, 3, 1, false, matrix, 64);
        dc_enc_Uniform4f(e, 7, 1, 2, 3, (float)i);
        dc_enc_DrawArrays(e, GL_TRIANGLES, 0, 3);
    }
    batch->commands += 5000;
}

static void
uniforms(struct batch *batch)
{
    for (uint32_t i = 0; i < 5000; i++)
        dc_enc_Uniform4f(&batch->encoder, (GLint)(i % 16), 1, 2, 3, (float)i);
    batch->commands += 5000;
}

static void
draws(struct batch *batch)
{
    for (uint32_t i = 0; i < 5000; i++)
        dc_enc_DrawArrays(&batch->encoder, GL_TRIANGLES, 0, 3);
    batch->commands += 5000;
}

static void
states(struct batch *batch)
{
    struct dc_encoder *e = &batch->encoder;
    for (uint32_t i = 0; i < 1000; i++) {
        dc_enc_Enable(e, GL_BLEND);
        dc_enc_BlendFunc(e, GL_ONE, GL_ZERO);
        dc_enc_Scissor(e, 0, 0, (GLsizei)i, 4);
        dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 1 + i % 64);
        dc_enc_VertexAttribPointer(e, 0, 3, GL_FLOAT, false, 0, i);
    }
    batch->commands += 5000;
}

/* Of this thread alone: others use this machine. */
static int64_t
cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static double
ns_per_command(void (*frame)(struct batch *batch), bool journalled, uint64_t frames)
{
    static const struct dc_encoder_impl impl = { .refill = refill };
    struct batch *batch = calloc(1, sizeof(*batch));
    batch->encoder = (struct dc_encoder){ &impl, batch->words, batch->words + BATCH_WORDS };
    batch->journal = journalled ? dc_journal_create(1 << 28) : NULL;
    begin(batch);
    int64_t start_ns = 0;
    for (uint64_t seq = 1; seq <= frames + 10; seq++) {
        if (seq == 11) { // warm
            start_ns = cpu_ns();
            batch->commands = 0;
        }
        frame(batch);
        dc_enc_dcSwap(&batch->encoder, 1, seq);
        refill(&batch->encoder, 0);
        if (!batch->journal)
            continue;
        dc_journal_acknowledge(batch->journal, 1, seq - 1);
        dc_journal_settle(batch->journal);
    }
    double ns = (double)(cpu_ns() - start_ns) / (double)batch->commands;
    dc_journal_destroy(batch->journal);
    free(batch);
    return ns;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*frame)(struct batch *batch);
    } kinds[] = { { "objects", objects }, { "uniforms", uniforms }, { "draws", draws }, { "states", states } };
    uint64_t frames = argc > 1 ? strtoull(argv[1], NULL, 10) : 400;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        double without = 1e9, with = 1e9;
        for (int round = 0; round < 5; round++) { // the best of interleaved ones
            double a = ns_per_command(kinds[i].frame, false, frames), b = ns_per_command(kinds[i].frame, true, frames);
            without = a < without ? a : without;
            with = b < with ? b : with;
        }
        printf("%-9s %5.1f ns a command encoded, %5.1f ns with the journal: it costs %5.1f ns\n", kinds[i].name, without,
               with, with - without);
    }
    return 0;
}
