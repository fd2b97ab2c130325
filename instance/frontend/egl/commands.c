#include "commands.h"

#include <gles_encode.h>

#include "../core/process.h"

#define WORDS 32 // more than the longest of them takes

struct small_batch {
    struct dc_encoder encoder; // never refilled: the commands have a known size
    uint32_t words[WORDS];
};

static void
begin(struct small_batch *batch)
{
    batch->encoder = (struct dc_encoder){ .at = batch->words, .end = batch->words + WORDS };
}

static void
submit(struct small_batch *batch, struct dc_process *process)
{
    dc_process_submit(process, 0, batch->words, batch->encoder.at - batch->words);
}

void
dc_command_context_create(struct dc_process *process, uint32_t context, uint32_t share, uint32_t config,
                          uint32_t major, uint32_t minor, uint32_t flags)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcContextCreate(&batch.encoder, context, share, config, major, minor, flags);
    submit(&batch, process);
}

void
dc_command_context_destroy(struct dc_process *process, uint32_t context)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcContextDestroy(&batch.encoder, context);
    submit(&batch, process);
}

void
dc_command_surface_create(struct dc_process *process, uint32_t surface, uint32_t config, uint32_t width,
                          uint32_t height, uint32_t kind, uint32_t flags)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcSurfaceCreate(&batch.encoder, surface, config, width, height, kind, flags);
    submit(&batch, process);
}

void
dc_command_surface_destroy(struct dc_process *process, uint32_t surface)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcSurfaceDestroy(&batch.encoder, surface);
    submit(&batch, process);
}

void
dc_command_egl_image_create(struct dc_process *process, uint32_t serial, uint32_t image, uint32_t context,
                            uint32_t target, uint32_t name, uint32_t level, uint32_t zoffset)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcEglImageCreate(&batch.encoder, serial, image, context, target, name, level, zoffset);
    submit(&batch, process);
}

void
dc_command_egl_image_import(struct dc_process *process, uint32_t image, uint32_t ring, uint32_t surface, uint64_t seq,
                            bool opaque)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcEglImageImport(&batch.encoder, image, ring, surface, seq, opaque);
    submit(&batch, process);
}

void
dc_command_egl_image_destroy(struct dc_process *process, uint32_t image)
{
    struct small_batch batch;
    begin(&batch);
    dc_enc_dcEglImageDestroy(&batch.encoder, image);
    submit(&batch, process);
}
