#ifndef DC_PROTOCOL_GLES_ENCODER_H
#define DC_PROTOCOL_GLES_ENCODER_H
/*
 * Runtime of the generated encoder (gles_encode.h): commands go word by word into a batch that its owner submits.
 *
 * Command: header word, then arguments, little-endian, 4-byte aligned.
 *
 *     31            16 15             0
 *     +---------------+---------------+
 *     | length, words | opcode        |   length counts the header; 0 = long form: the next word is the length
 *     +---------------+---------------+   (counting both words)
 *
 *   32-bit scalars are one word (8- and 16-bit ones are widened), 64-bit ones two words, low first, floats their bits.
 *   Data (arrays, strings, texels) is a blob:
 *     { u32 size_bytes, u32 where }  where 0: NULL · 1: inline, padded to 4 with zeros · 2: u64 position in bulk
 *   An argument that is a pointer or an offset by binding is { u32 is_offset, u64 offset } before its blob.
 *   A command has at most one blob, and it comes last, whatever its place among the arguments.
 *
 * Answer to a serial (DC_REPLY_SYNC): a return value as u32; results as the driver wrote them, those of fixed size first, in
 * the order of the arguments, then the one whose size varies (without terminator). A `length` is not told: the answer's size
 * says it. Nothing at all when the driver raised an error.
 */
#include <stddef.h>
#include <stdint.h>

enum dc_blob_where { DC_BLOB_NULL = 0, DC_BLOB_INLINE = 1, DC_BLOB_BULK = 2 };

struct dc_encoder;

struct dc_encoder_impl {
    /* Required. Called when fewer than `words` fit: submits what is there and makes room, also for the first command of
     * a frame (the owner leaves no room after a swap so as to see it). Must leave at least `words` of room; never fails:
     * when the ring is lost the owner gives scratch memory. */
    void (*refill)(struct dc_encoder *encoder, size_t words);
    /* Required. Room for `size_bytes` of bulk, with the process lock held until bulk_end(). `size_bytes` ≤ half the
     * arena; larger data is split by the caller. */
    void *(*bulk_begin)(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position);
    /* Required. Publishes the bulk, submits the batch (so that bulk order is ring order) and unlocks. */
    void (*bulk_end)(struct dc_encoder *encoder, size_t size_bytes);
};

struct dc_encoder {
    const struct dc_encoder_impl *impl;
    uint32_t *at;  // next free word of the batch
    uint32_t *end; // end of the batch's room
};

static inline uint32_t *
dc_encoder_reserve(struct dc_encoder *encoder, size_t words)
{
    if (__builtin_expect((size_t)(encoder->end - encoder->at) < words, 0))
        encoder->impl->refill(encoder, words);
    uint32_t *p = encoder->at;
    encoder->at += words;
    return p;
}

#endif
