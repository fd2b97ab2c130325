#ifndef DC_COMMON_FRAME_H
#define DC_COMMON_FRAME_H
/*
 * A picture on its way from the renderer to an encoder, and what is known about it. Renderer and encoder meet only
 * through this header and packet.h.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_FRAME_MAX_INPUT_IDS 16

/* Time stamps of a frame's stages, CLOCK_MONOTONIC µs of the process that takes them (0 = not passed). */
struct dc_frame_times {
    int64_t first_command_us; // app: first GL command of the frame (frontend)
    int64_t swap_us;          // app: eglSwapBuffers (frontend)
    int64_t present_us;       // supervisor: compositor sent the present
    int64_t execute_us;       // worker: the present's commands were executed, the picture is complete
    int64_t convert_us;       // worker: RGB → YUV finished
    int64_t encode_us;        // worker: encoder returned the packet
    int64_t send_us;          // supervisor: last byte handed to the transport
};

/* What travels with a picture through encoder and network to the client. */
struct dc_frame_meta {
    uint64_t frame_id; // 1, 2, 3 … per instance, in encoding order
    /* Set by the encoder: the newest frame that this one may refer to, where it is not the one before (0: that one). What
     * a receiver lost after it does no harm. */
    uint64_t reference_id;
    uint32_t input_id_count;
    uint64_t input_ids[DC_FRAME_MAX_INPUT_IDS]; // input events whose effect this frame is the first to show (DESIGN §1)
    struct dc_frame_times times;
};

enum dc_frame_kind {
    DC_FRAME_CPU_BGRX,  // planes[0], 4 bytes a pixel, memory order B G R X
    DC_FRAME_CPU_RGBX,  // planes[0], 4 bytes a pixel, memory order R G B X
    DC_FRAME_CPU_I420,  // planes[0..2], BT.709 limited
    DC_FRAME_DMABUF,    // fds with modifier
    DC_FRAME_DEVICE,    // encoder specific handle
};

struct dc_frame {
    enum dc_frame_kind kind;
    uint32_t width, height;
    const uint8_t *planes[3]; // borrowed until release(); rows may run bottom-up through a negative stride
    int32_t strides[3];       // bytes
    int fds[3];               // -1 where unused
    uint64_t modifier;
    int acquire_fence_fd; // -1: ready
    struct dc_frame_meta meta;
    void (*release)(struct dc_frame *frame); // optional; called once by the encoder, on its thread
    void *owner;
};

#endif
