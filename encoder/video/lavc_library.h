#ifndef DC_ENCODER_VIDEO_LAVC_LIBRARY_H
#define DC_ENCODER_VIDEO_LAVC_LIBRARY_H
/*
 * libavcodec and libavutil, loaded when a hardware encoder is wanted and not before: they bring some seventy libraries,
 * which a worker that encodes with libx264 should neither carry nor expose.
 */
#include <stdbool.h>
#include <stddef.h>

#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>

#define DC_LAVC_CODEC_FUNCTIONS(F)                                                                                     \
    F(avcodec_find_encoder_by_name) F(avcodec_alloc_context3) F(avcodec_free_context) F(avcodec_open2)                 \
    F(avcodec_send_frame) F(avcodec_receive_packet) F(av_packet_alloc) F(av_packet_free) F(av_packet_unref)
#define DC_LAVC_UTIL_FUNCTIONS(F)                                                                                      \
    F(av_frame_alloc) F(av_frame_free) F(av_frame_unref) F(av_frame_get_buffer) F(av_frame_make_writable)              \
    F(av_opt_set) F(av_strerror) F(av_log_set_callback) F(av_buffer_ref) F(av_buffer_unref)                            \
    F(av_hwdevice_ctx_create) F(av_hwframe_ctx_alloc) F(av_hwframe_ctx_init) F(av_hwframe_get_buffer)                  \
    F(av_hwframe_transfer_data)

struct dc_lavc_library {
#define DC_LAVC_MEMBER(name) __typeof__(name) *name;
    DC_LAVC_CODEC_FUNCTIONS(DC_LAVC_MEMBER)
    DC_LAVC_UTIL_FUNCTIONS(DC_LAVC_MEMBER)
#undef DC_LAVC_MEMBER
};

/* The libraries of the major versions that we were built with, loaded once for the process. NULL: `why` says what is missing.
 * Needs the file system at the first call. */
const struct dc_lavc_library *dc_lavc_library_get(char *why, size_t why_bytes);
/* What the library itself said first went wrong since the last call, which says more than its error codes ("Cannot load
 * libcuda.so.1"); `why` is left alone where it said nothing. */
void dc_lavc_library_take_error(char *why, size_t why_bytes);

#endif
