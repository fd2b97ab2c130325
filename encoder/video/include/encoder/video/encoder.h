#ifndef DC_ENCODER_VIDEO_ENCODER_H
#define DC_ENCODER_VIDEO_ENCODER_H
/*
 * H.264 encoding of frames. Knows no sockets and no GL: frames in, packets out (common/frame.h, common/packet.h).
 * Output: Annex B access units, constrained to what RFC 6184 packetization mode 1 carries, SPS and PPS before each IDR,
 * BT.709 limited range said in the VUI, no B-frames, infinite GOP (notes: low-latency settings).
 * One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/frame.h>
#include <common/packet.h>

struct dc_video_encoder;

struct dc_video_encoder_config {
    uint32_t width, height; // even
    uint32_t refresh_mhz;   // 60000
    uint32_t bitrate_kbps;  // target = maxrate, VBV 3 frames
    uint32_t threads;       // 0: as many as cores, at most 4
    const char *preset;     // NULL: "superfast" in constrained baseline; others than "ultrafast": high
    /* Frames that encoder and decoder keep, so that a lost one need not be referred to: 1 (0 is the same) … 16, as many of
     * them as the level allows. Each costs both sides a picture's memory. */
    uint32_t kept_frames;
    bool intra_refresh; // for receivers that cannot ask: a column of intra blocks moves over the picture once a second
};

struct dc_video_encoder_listener {
    void (*handle_packet)(void *user, const struct dc_packet *packet); // required; inside encode()
};

struct dc_video_encoder_impl {
    const char *name; // "libx264", "null"
    struct dc_video_encoder *(*create)(const struct dc_video_encoder_config *config,
                                       const struct dc_video_encoder_listener *listener, void *user); // required
    void (*destroy)(struct dc_video_encoder *encoder);                                                // required
    /* Required. Converts (unless I420), encodes, hands the packet over, releases the frame. false: logged. */
    bool (*encode)(struct dc_video_encoder *encoder, struct dc_frame *frame, bool keyframe);
    /* Required. Takes effect on the next frame. */
    bool (*set_bitrate)(struct dc_video_encoder *encoder, uint32_t bitrate_kbps);
    /* Optional. The receiver is without this frame and those that depend on it: the next ones refer to what is older, and
     * the first of them says so (dc_frame_meta.reference_id). false: nothing older is kept, ask for a key frame. */
    bool (*invalidate)(struct dc_video_encoder *encoder, uint64_t first_lost_id);
};
extern const struct dc_video_encoder_impl dc_video_encoder_x264;
extern const struct dc_video_encoder_impl dc_video_encoder_null; // one byte per frame: for tests

#endif
