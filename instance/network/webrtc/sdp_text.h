#ifndef DC_INSTANCE_NETWORK_WEBRTC_SDP_TEXT_H
#define DC_INSTANCE_NETWORK_WEBRTC_SDP_TEXT_H
/* Pieces of a text that belongs to somebody else and has no NUL. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_span {
    const char *data;
    size_t size_bytes;
};

bool dc_span_equals(struct dc_span span, const char *text);
bool dc_span_equals_ignoring_case(struct dc_span span, const char *text);
/* Cuts the prefix off. false: it does not begin with it, nothing was done. */
bool dc_span_skip(struct dc_span *span, const char *prefix);
/* Cuts off everything up to `separator` (and that too; runs of spaces count as one) and returns it. */
struct dc_span dc_span_split(struct dc_span *span, char separator);
/* Decimal, all of it. */
bool dc_span_number(struct dc_span span, uint32_t max, uint32_t *number);
/* Copied with a NUL. false: too long, empty, or something unprintable in it. */
bool dc_span_copy(struct dc_span span, char *out, size_t capacity);

#endif
