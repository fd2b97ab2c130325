#include <common/wire.h>

#include <stdlib.h>
#include <string.h>

void
dc_reader_init(struct dc_reader *r, const void *data, size_t size_bytes)
{
    *r = (struct dc_reader){ .data = data, .size_bytes = size_bytes };
}

size_t
dc_reader_left(const struct dc_reader *r)
{
    return r->failed ? 0 : r->size_bytes - r->offset;
}

const void *
dc_reader_bytes(struct dc_reader *r, size_t size_bytes)
{
    if (size_bytes > dc_reader_left(r) || r->failed) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->data + r->offset;
    r->offset += size_bytes;
    return p;
}

static uint64_t
read_int(struct dc_reader *r, size_t size_bytes, bool big_endian)
{
    const uint8_t *p = dc_reader_bytes(r, size_bytes);
    uint64_t v = 0;
    for (size_t i = 0; p && i < size_bytes; i++)
        v = v << 8 | p[big_endian ? i : size_bytes - 1 - i];
    return v;
}

uint8_t dc_reader_u8(struct dc_reader *r) { return (uint8_t)read_int(r, 1, false); }
uint16_t dc_reader_u16le(struct dc_reader *r) { return (uint16_t)read_int(r, 2, false); }
uint32_t dc_reader_u32le(struct dc_reader *r) { return (uint32_t)read_int(r, 4, false); }
uint64_t dc_reader_u64le(struct dc_reader *r) { return read_int(r, 8, false); }
uint16_t dc_reader_u16be(struct dc_reader *r) { return (uint16_t)read_int(r, 2, true); }
uint32_t dc_reader_u32be(struct dc_reader *r) { return (uint32_t)read_int(r, 4, true); }
uint64_t dc_reader_u64be(struct dc_reader *r) { return read_int(r, 8, true); }

float
dc_reader_f32le(struct dc_reader *r)
{
    uint32_t bits = dc_reader_u32le(r);
    float v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

const char *
dc_reader_string(struct dc_reader *r, uint32_t *size_bytes)
{
    *size_bytes = dc_reader_u32le(r);
    const char *s = dc_reader_bytes(r, *size_bytes);
    if (!s)
        *size_bytes = 0;
    return s;
}

void
dc_writer_init(struct dc_writer *w)
{
    *w = (struct dc_writer){ 0 };
}

void
dc_writer_finish(struct dc_writer *w)
{
    free(w->data);
    dc_writer_init(w);
}

void
dc_writer_reset(struct dc_writer *w)
{
    w->size_bytes = 0;
    w->failed = false;
}

void *
dc_writer_reserve(struct dc_writer *w, size_t size_bytes)
{
    if (w->failed || size_bytes > SIZE_MAX / 4 - w->size_bytes) {
        w->failed = true;
        return NULL;
    }
    size_t need = w->size_bytes + size_bytes;
    if (need > w->capacity) {
        size_t capacity = w->capacity ? w->capacity : 256;
        while (capacity < need)
            capacity *= 2;
        uint8_t *data = realloc(w->data, capacity);
        if (!data) {
            w->failed = true;
            return NULL;
        }
        w->data = data;
        w->capacity = capacity;
    }
    void *p = w->data + w->size_bytes;
    w->size_bytes = need;
    return p;
}

void
dc_writer_bytes(struct dc_writer *w, const void *data, size_t size_bytes)
{
    void *p = dc_writer_reserve(w, size_bytes);
    if (p && size_bytes)
        memcpy(p, data, size_bytes);
}

static void
write_int(struct dc_writer *w, uint64_t v, size_t size_bytes, bool big_endian)
{
    uint8_t *p = dc_writer_reserve(w, size_bytes);
    for (size_t i = 0; p && i < size_bytes; i++)
        p[big_endian ? size_bytes - 1 - i : i] = (uint8_t)(v >> (8 * i));
}

void dc_writer_u8(struct dc_writer *w, uint8_t v) { write_int(w, v, 1, false); }
void dc_writer_u16le(struct dc_writer *w, uint16_t v) { write_int(w, v, 2, false); }
void dc_writer_u32le(struct dc_writer *w, uint32_t v) { write_int(w, v, 4, false); }
void dc_writer_u64le(struct dc_writer *w, uint64_t v) { write_int(w, v, 8, false); }
void dc_writer_u16be(struct dc_writer *w, uint16_t v) { write_int(w, v, 2, true); }
void dc_writer_u32be(struct dc_writer *w, uint32_t v) { write_int(w, v, 4, true); }
void dc_writer_u64be(struct dc_writer *w, uint64_t v) { write_int(w, v, 8, true); }

void
dc_writer_f32le(struct dc_writer *w, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    dc_writer_u32le(w, bits);
}

void
dc_writer_string(struct dc_writer *w, const char *s)
{
    size_t length = strlen(s);
    dc_writer_u32le(w, (uint32_t)length);
    dc_writer_bytes(w, s, length);
}
