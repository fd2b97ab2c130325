#ifndef DC_PROTOCOL_GLES_DECODER_H
#define DC_PROTOCOL_GLES_DECODER_H
/*
 * Runtime of the generated unpackers (gles_decode.h). The words are private memory; bulk is reached through a callback,
 * since only its owner knows what is published. A failure is sticky.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <protocol/gles/encoder.h>

/* A view of data, never terminated. Bulk views are memory that the sender can still write: whoever checks contents
 * copies first. data is NULL exactly for a NULL blob; an empty one is not NULL. */
struct dc_blob {
    const void *data;
    uint32_t size_bytes;
    bool shared; // bulk: may change under our hands
};

struct dc_decoder {
    /* Required. View of bulk, NULL if the range is not published. May wait for it. */
    const void *(*bulk_view)(void *user, uint64_t position, size_t size_bytes);
    void *user;
    bool failed;
    const char *reason; // static string
};

static inline bool
dc_decoder_fail(struct dc_decoder *d, const char *reason)
{
    if (!d->failed)
        d->reason = reason;
    d->failed = true;
    return false;
}

static inline float
dc_decode_f32(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

/* The blob that is the rest of a command: `words` words at w, exactly. */
static inline bool
dc_decode_blob(struct dc_decoder *d, const uint32_t *w, size_t words, struct dc_blob *blob)
{
    uint32_t size_bytes = w[0];
    *blob = (struct dc_blob){ 0 };
    if (w[1] == DC_BLOB_INLINE) {
        if (words - 2 != ((size_t)size_bytes + 3) / 4)
            return dc_decoder_fail(d, "inline data does not fill its command");
        *blob = (struct dc_blob){ w + 2, size_bytes, false };
        return true;
    }
    if (w[1] == DC_BLOB_NULL) {
        if (size_bytes || words != 2)
            return dc_decoder_fail(d, "data with a null blob");
        return true;
    }
    if (w[1] != DC_BLOB_BULK || words != 4)
        return dc_decoder_fail(d, "malformed blob");
    uint64_t position = w[2] | (uint64_t)w[3] << 32;
    if (position % 4)
        return dc_decoder_fail(d, "bulk position is not aligned");
    const void *data = d->bulk_view(d->user, position, size_bytes);
    if (!data)
        return dc_decoder_fail(d, "bulk range is not published");
    *blob = (struct dc_blob){ data, size_bytes, true };
    return true;
}

#endif
