#include <encoder/video/tap.h>

#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "encoder"
#include "convert.h"
#include "internal.h"

#include <common/log.h>
#include <common/y4m.h>

struct dc_video_tap {
    struct dc_y4m file;
    uint8_t *pixels; // owned; NV12, then U and V apart
    uint32_t width, height; // of `pixels`
};

struct dc_video_tap *
dc_video_tap_create(const char *path)
{
    struct dc_video_tap *tap = calloc(1, sizeof(*tap));
    if (!tap)
        return NULL;
    int error = dc_y4m_open(&tap->file, path);
    if (!error)
        return tap;
    dc_error("frames cannot be written to %s: %s", path, strerror(-error));
    free(tap);
    return NULL;
}

void
dc_video_tap_destroy(struct dc_video_tap *tap)
{
    if (!tap)
        return;
    dc_y4m_close(&tap->file);
    free(tap->pixels);
    free(tap);
}

static bool
ensure_pixels(struct dc_video_tap *tap, uint32_t width, uint32_t height)
{
    if (tap->pixels && tap->width == width && tap->height == height)
        return true;
    free(tap->pixels);
    tap->pixels = malloc((size_t)width * height * 2);
    tap->width = width;
    tap->height = height;
    return tap->pixels != NULL;
}

static void
split(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        u[i] = uv[2 * i];
        v[i] = uv[2 * i + 1];
    }
}

void
dc_video_tap_write(struct dc_video_tap *tap, const struct dc_frame *frame)
{
    const uint32_t width = (frame->width + 1) & ~1u, height = (frame->height + 1) & ~1u;
    const size_t luma = (size_t)width * height;

    if ((frame->kind != DC_FRAME_CPU_BGRX && frame->kind != DC_FRAME_CPU_RGBX) || tap->file.failed ||
        !ensure_pixels(tap, width, height) || !dc_video_frame_wait(frame))
        return;
    uint8_t *y = tap->pixels, *uv = y + luma, *u = uv + luma / 2, *v = u + luma / 4;
    dc_convert_to_nv12(frame, &(struct dc_nv12){ .y = y, .uv = uv, .y_stride = (int32_t)width,
                                                 .uv_stride = (int32_t)width, .width = width, .height = height });
    split(uv, u, v, luma / 4);
    dc_y4m_write(&tap->file, frame->meta.frame_id, width, height, (const uint8_t *const[]){ y, u, v },
                 (const int32_t[]){ (int32_t)width, (int32_t)width / 2, (int32_t)width / 2 });
}
