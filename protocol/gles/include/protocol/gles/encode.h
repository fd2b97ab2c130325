#ifndef DC_PROTOCOL_GLES_ENCODE_H
#define DC_PROTOCOL_GLES_ENCODE_H
/* What the generated encoders (gles_encode.h) share: bits of floats, and blobs (layout: encoder.h). */
#include <stdint.h>
#include <string.h>

#include <protocol/gles/encoder.h>

#define DC_ENCODE_INLINE_BYTES 4096u // from here on data travels as bulk (DC_BULK_THRESHOLD_BYTES)
#define DC_ENCODE_BULK_ALIGN 64u     // bulk positions stay aligned for any element type

static inline uint32_t
dc_encode_f32(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

/* Reserves a command with `fixed` words (header and scalars) and a blob, writes the header and what of the blob is
 * inline. The caller stores the scalars, then calls dc_encode_end() on the blob's first word. */
static inline uint32_t *
dc_encode_begin(struct dc_encoder *e, uint32_t op, uint32_t fixed, const void *data, uint32_t size_bytes)
{
    uint32_t where = !data ? DC_BLOB_NULL : size_bytes < DC_ENCODE_INLINE_BYTES ? DC_BLOB_INLINE : DC_BLOB_BULK;
    uint32_t data_words = where == DC_BLOB_INLINE ? (size_bytes + 3) / 4 : where == DC_BLOB_BULK ? 2 : 0;
    uint32_t words = fixed + 2 + data_words;
    uint32_t *w = dc_encoder_reserve(e, words);
    w[0] = words << 16 | op;
    w[fixed] = data ? size_bytes : 0;
    w[fixed + 1] = where;
    if (where == DC_BLOB_INLINE && size_bytes) {
        w[fixed + 1 + data_words] = 0; // the padding
        memcpy(w + fixed + 2, data, size_bytes);
    }
    return w;
}

static inline void
dc_encode_end(struct dc_encoder *e, uint32_t *blob, const void *data, uint32_t size_bytes)
{
    if (blob[1] != DC_BLOB_BULK)
        return;
    size_t room = (size_bytes + DC_ENCODE_BULK_ALIGN - 1) / DC_ENCODE_BULK_ALIGN * DC_ENCODE_BULK_ALIGN;
    uint64_t position = 0;
    void *bulk = e->impl->bulk_begin(e, room, &position);
    memcpy(bulk, data, size_bytes);
    memset((uint8_t *)bulk + size_bytes, 0, room - size_bytes); // equal data are equal bytes on the link
    blob[2] = (uint32_t)position;
    blob[3] = (uint32_t)(position >> 32);
    e->impl->bulk_end(e, room);
}

#endif
