/*
 * The worker against any bytes: decoder, all handlers, contexts, surfaces, images and the compositor's bookkeeping and
 * painting, over a driver that checks what it is given (driver.h). One input is one execution: a stream of commands on
 * one ring, cut into batches of several contexts, with presents in between (commands.h). Bulk is 64 KiB of a pattern.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <common/log.h>
#include <gles_decode.h>
#include <gles_encode.h>
#include <render.pb-c.h>

#include "commands.h"
#include "compose.h"
#include "egl.h"
#include "egl_image.h"
#include "holds.h"

#define BULK_BYTES (64u << 10)
#define MAX_WORDS (16u << 10)
#define RING_ID 1

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void dc_compositor_handle_swap(struct dc_compositor *c);

static struct dc_renderer renderer;
static struct dc_exec fresh_exec; // as dc_exec_init() makes it: its large areas are made once, not a thousand times a second
static struct dc_presents presents;
static struct dc_holds holds;
static struct dc_compose compose;
static struct dc_frame_pool pool;
static struct driver_context compositor_context;
static uint8_t *bulk;  // exactly BULK_BYTES of heap
static uint8_t *reply; // the answer being written: exactly as long as was asked for

void
dc_compositor_handle_swap(struct dc_compositor *c)
{
}

/* In place of common's: failures by the thousand are what this is for. */
bool
dc_log_enabled(enum dc_log_level level, const char *component)
{
    return false;
}
void
dc_log_write(enum dc_log_level level, const char *component, const char *format, ...)
{
}

static const void *
bulk_view(void *user, uint64_t position, size_t size_bytes)
{
    return position <= BULK_BYTES && size_bytes <= BULK_BYTES - position ? bulk + position : NULL;
}

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    free(reply);
    reply = size_bytes <= 4u << 20 ? malloc(size_bytes) : NULL;
    return reply;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    struct dc_reply_header header;
    memcpy(&header, reply, sizeof(header));
    if (sizeof(header) + header.size_bytes > size_bytes || size_bytes % 8)
        driver_abort("an answer of another size than its header says");
}

static bool
switch_context(struct dc_exec *x, struct dc_exec_context *context)
{
    return x->context == context || dc_context_bind(dc_executor_of(x), context);
}

static const struct dc_exec_impl impl = {
    .reply_reserve = reply_reserve, .reply_publish = reply_publish, .switch_context = switch_context,
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static EGLConfig configs[2];
    static struct dc_profile_config profile_configs[2];
    profile_configs[1].samples = 4;
    profile_configs[1].alpha = 8;
    renderer = (struct dc_renderer){ .config = { .max_width = 64, .max_height = 64, .max_rings = 4 },
                                     .display = (EGLDisplay)&renderer, .configs = configs };
    renderer.profile.configs = profile_configs;
    renderer.profile.config_count = 2;
    driver_fill(&renderer.gl);
    pthread_mutex_init(&renderer.lock, NULL);
    pthread_cond_init(&renderer.executors_changed, NULL);
    bulk = malloc(BULK_BYTES);
    for (size_t i = 0; i < BULK_BYTES; i++)
        bulk[i] = (uint8_t)(i % 4 ? 0 : i / 4 % 7);
    driver_context_init(&compositor_context);
    if (!dc_exec_init(&fresh_exec, &renderer.gl, &impl, NULL))
        abort();
    return 0;
}

static bool
is_shown(void *user, const struct dc_image_name *name)
{
    return name->seq % 3 != 0;
}
static bool
is_late(void *user, uint32_t ring_id, uint32_t surface_id)
{
    return surface_id % 5 == 4;
}

/* What the compositor's thread does with a present (compositor.c), in the same order. */
static void
show(void)
{
    struct dc_compose_layer layers[DC_PRESENT_MAX_LAYERS];
    struct dc_image_name names[32];
    bool fence_pending, fresh;
    if (dc_presents_take(&presents))
        dc_holds_move(&holds, &presents.current);
    dc_holds_resolve(&holds, &presents.current, &fence_pending);
    struct dc_pool_frame *frame = dc_frame_pool_get(&pool, 48, 32);
    for (uint32_t i = 0; i < holds.count; i++)
        layers[i] = (struct dc_compose_layer){
            .layer = &presents.current.layers[i],
            .surface = holds.items[i].buffer ? holds.items[i].surface : NULL,
            .buffer = holds.items[i].buffer, .image = holds.items[i].image,
        };
    struct driver_context *before = driver_current; // it is another thread's
    driver_current = compose.context = &compositor_context;
    dc_compose_scene(&compose, layers, holds.count, frame);
    driver_current = before;
    dc_presents_take_meta(&presents, is_shown, NULL, &fresh);
    frame->frame.release(&frame->frame);
    while (dc_presents_collect_releases(&presents, is_late, NULL, names, 32) == 32)
        ;
}

static void
present(const uint32_t *w, size_t words)
{
    Dc__Render__Layer layer[4], *layers[4];
    Dc__Render__Present message = DC__RENDER__PRESENT__INIT;
    static uint64_t present_id;
    size_t count = words / FUZZ_LAYER_WORDS < 4 ? words / FUZZ_LAYER_WORDS : 4;
    for (size_t i = 0; i < count; i++, w += FUZZ_LAYER_WORDS) {
        dc__render__layer__init(&layer[i]);
        layers[i] = &layer[i];
        layer[i].ring_id = RING_ID;
        layer[i].surface_id = w[0];
        layer[i].seq = w[1];
        layer[i].x = (int32_t)w[2];
        layer[i].y = (int32_t)w[3];
        layer[i].width = (int32_t)w[4];
        layer[i].height = (int32_t)w[5];
        layer[i].src_x = (int32_t)w[6];
        layer[i].src_y = (int32_t)w[7];
        layer[i].src_width = layer[i].src_height = (uint32_t)w[8];
        layer[i].opaque = w[9] & 1;
        layer[i].y_inverted = w[9] >> 1 & 1;
    }
    message.present_id = ++present_id;
    message.layers = layers;
    message.n_layers = count;
    dc_presents_push(&presents, &message);
    show();
}

/* As executor.c enters a batch. */
static void
enter(struct dc_executor *executor, uint32_t context_id)
{
    struct dc_exec *x = &executor->exec;
    x->batch_context_id = context_id;
    if (!context_id || (x->context && x->context->id == context_id))
        return;
    struct dc_exec_context *context = dc_exec_context_find(x, context_id);
    if (!context)
        return; // a ring would fail here; the search goes on
    if (!context->first_bind_done)
        dc_exec_context_made_current(x, NULL);
    else
        dc_context_bind(executor, context);
}

/* Context 1, on a surface. */
static void
prepare(struct dc_executor *executor, uint32_t major)
{
    const struct dc_cmd_dcContextCreate context = { .context = 1, .major = major };
    const struct dc_cmd_dcSurfaceCreate surface = { .surface = 2, .config = 1, .width = 48, .height = 32 };
    const struct dc_cmd_dcMakeCurrent current = { .draw = 2, .read = 2 };
    executor->exec.batch_context_id = 1;
    dc_exec_dcContextCreate(&executor->exec, &context);
    dc_exec_dcSurfaceCreate(&executor->exec, &surface);
    dc_exec_dcMakeCurrent(&executor->exec, &current);
}

/* Runs the commands between two marks. */
static void
run(struct dc_executor *executor, const uint32_t *words, size_t count)
{
    for (size_t at = 0, start = 0; at <= count && !executor->exec.failed;) {
        uint32_t op = at < count ? words[at] & 0xffff : FUZZ_MARK_BATCH;
        size_t n = at < count ? words[at] >> 16 : 1;
        bool mark = op == FUZZ_MARK_BATCH || op == FUZZ_MARK_PRESENT;
        if (!n)
            n = at + 1 < count ? words[at + 1] : 1;
        if (!n || n > count - at + (at == count))
            n = count - at + (at == count);
        if (mark) {
            dc_gles_dispatch(&executor->exec, words + start, at - start);
            dc_exec_poll_fences(&executor->exec);
            start = at + n;
        }
        if (op == FUZZ_MARK_PRESENT && at < count)
            present(words + at + 1, n - 1);
        else if (op == FUZZ_MARK_BATCH && at < count && n > 1)
            enter(executor, words[at + 1]);
        at += n;
    }
}

/* Commands of GLES 1.1 want a context of it. */
static bool
is_gles1(const uint32_t *words, size_t count)
{
    for (size_t at = 0; at < count && words[at] >> 16; at += words[at] >> 16) {
        uint32_t op = words[at] & 0xffff;
        if (op >= DC_OP_GLES1_FIRST && op < DC_OP_END)
            return true;
    }
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dc_executor *executor = calloc(1, sizeof(*executor));
    size_t count = size / 4 < MAX_WORDS ? size / 4 : MAX_WORDS;
    uint32_t *words = malloc(count * 4 + 1);
    driver_reset();
    if (!executor || !words)
        abort();
    executor->exec = fresh_exec;
    executor->exec.user = executor->exec.decoder.user = executor;
    memcpy(words, data, count * 4);
    executor->renderer = &renderer;
    executor->ring_id = RING_ID;
    executor->exec.decoder.bulk_view = bulk_view;
    executor->exec.quota = (struct dc_exec_quota){ .objects = 200, .programs = 50, .shader_bytes = 4096,
                                                  .buffer_bytes = 1u << 20, .read_bytes = 1u << 20 };
    executor->exec.ledger = &renderer.ledger;
    renderer.ledger = (struct dc_ledger){ .limit_bytes = 16u << 20 };
    renderer.executors = executor;
    renderer.executor_count = 1;
    dc_presents_init(&presents);
    dc_frame_pool_init(&pool);
    holds = (struct dc_holds){ .renderer = &renderer };
    compose = (struct dc_compose){ .renderer = &renderer, .read_bgra = size % 2, .program = 1, .vertices = 1,
                                   .output_texture = 1, .output_fbo = 1, .layer_fbo = 2 };
    prepare(executor, is_gles1(words, count) ? 1 : 3);
    run(executor, words, count);
    dc_exec_check_errors(&executor->exec);
    dc_context_destroy_all(executor);
    dc_egl_image_destroy_all(executor);
    dc_eraser_finish(executor);
    dc_surface_destroy_all(executor);
    dc_image_destroy_all(executor);
    dc_holds_finish(&holds);
    free(compose.scratch);
    dc_frame_pool_finish(&pool);
    executor->exec.scratch = NULL; // fresh_exec's
    dc_exec_finish(&executor->exec);
    free(executor);
    free(words);
    free(reply);
    reply = NULL;
    fuzz_egl_reset();
    return 0;
}
