#ifndef DC_COMMON_WIRE_H
#define DC_COMMON_WIRE_H
/*
 * Bounded reading and growing writing of bytes that cross a boundary.
 *
 * A reader's failure is sticky: read all the fields, test `failed` once. Reads past the end return zero and an empty
 * view. Little-endian is the suffix "le", network order is "be".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_reader {
    const uint8_t *data; // borrowed
    size_t size_bytes;
    size_t offset;
    bool failed;
};

void dc_reader_init(struct dc_reader *r, const void *data, size_t size_bytes);
size_t dc_reader_left(const struct dc_reader *r);
uint8_t dc_reader_u8(struct dc_reader *r);
uint16_t dc_reader_u16le(struct dc_reader *r);
uint32_t dc_reader_u32le(struct dc_reader *r);
uint64_t dc_reader_u64le(struct dc_reader *r);
uint16_t dc_reader_u16be(struct dc_reader *r);
uint32_t dc_reader_u32be(struct dc_reader *r);
uint64_t dc_reader_u64be(struct dc_reader *r);
float dc_reader_f32le(struct dc_reader *r);
/* A view of `size_bytes` bytes inside the reader's data, or NULL (and sticky failure). */
const void *dc_reader_bytes(struct dc_reader *r, size_t size_bytes);
/* u32le length + bytes; the view is not terminated. */
const char *dc_reader_string(struct dc_reader *r, uint32_t *size_bytes);

struct dc_writer {
    uint8_t *data; // owned, grows
    size_t size_bytes;
    size_t capacity;
    bool failed; // out of memory; sticky
};

void dc_writer_init(struct dc_writer *w);
void dc_writer_finish(struct dc_writer *w);
void dc_writer_reset(struct dc_writer *w); // keeps the memory
void dc_writer_u8(struct dc_writer *w, uint8_t v);
void dc_writer_u16le(struct dc_writer *w, uint16_t v);
void dc_writer_u32le(struct dc_writer *w, uint32_t v);
void dc_writer_u64le(struct dc_writer *w, uint64_t v);
void dc_writer_u16be(struct dc_writer *w, uint16_t v);
void dc_writer_u32be(struct dc_writer *w, uint32_t v);
void dc_writer_u64be(struct dc_writer *w, uint64_t v);
void dc_writer_f32le(struct dc_writer *w, float v);
void dc_writer_bytes(struct dc_writer *w, const void *data, size_t size_bytes);
void dc_writer_string(struct dc_writer *w, const char *s); // u32le length + bytes, no terminator
/* `size_bytes` of uninitialised space inside the buffer, valid until the next write; NULL when out of memory. */
void *dc_writer_reserve(struct dc_writer *w, size_t size_bytes);

#endif
