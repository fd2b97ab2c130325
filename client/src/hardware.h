#ifndef DC_CLIENT_HARDWARE_H
#define DC_CLIENT_HARDWARE_H
/* What the machine has beside the processor that decodes H.264, through libavcodec's hardware contexts. */
#include <stdbool.h>

#include <libavcodec/avcodec.h>

/* In the order of dc_decoder_kind_names. */
enum dc_decoder_kind { DC_DECODER_AUTO, DC_DECODER_SOFTWARE, DC_DECODER_VAAPI, DC_DECODER_VDPAU, DC_DECODER_CUDA };
extern const char *const dc_decoder_kind_names[]; // ends with NULL

struct dc_hardware {
    const char *name;           // NULL: there is none, all is software
    AVBufferRef *device;        // owned
    enum AVPixelFormat format;  // of its pictures
};

/* The first device of VAAPI and CUDA that opens (AUTO), or of the kind asked for; when there is none, says so (a warning when it was asked
 * for) and leaves `name` NULL. */
void dc_hardware_open(struct dc_hardware *hardware, const AVCodec *codec, enum dc_decoder_kind kind);
void dc_hardware_close(struct dc_hardware *hardware);
/* Makes a picture that is in the device's memory one in ours, I420; others stay as they are. false: logged. */
bool dc_hardware_download(const struct dc_hardware *hardware, AVFrame *frame);
/* NV12 → I420, in place; also of a picture that never was on a device. */
bool dc_hardware_split_chroma(AVFrame *frame);

#endif
