#ifndef DC_TESTS_ENCODER_DECODER_H
#define DC_TESTS_ENCODER_DECODER_H
/* libavcodec's H.264 decoder, one access unit in, one picture out, converted back by libyuv's BT.709 matrix. */
#include <stddef.h>

#include <libavcodec/avcodec.h>

#include "picture.h"

struct decoder {
    AVCodecContext *context;
    AVPacket *packet;
    AVFrame *frame;
};

void decoder_init(struct decoder *d);
void decoder_finish(struct decoder *d);
/* true: a picture came out at once; into `out` where given (initialised here). */
bool decoder_decode(struct decoder *d, const uint8_t *data, size_t size_bytes, struct picture *out);

#endif
