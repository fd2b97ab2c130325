#include <protocol/rtp/frame_extension.h>

#include <string.h>

#include <common/wire.h>

#include "extension.h"

#define FRAME_BYTES 9
#define TIMES_BYTES 40
#define SEND_TIME_BYTES 8
#define REFERENCE_BYTES 8
#define NOT_PASSED UINT32_MAX
#define FLAG_KEYFRAME 0x01

static uint8_t *
put_int(uint8_t *p, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    return p + bytes;
}

static uint8_t *
put_header(uint8_t *p, enum dc_frame_extension_id id, size_t length)
{
    *p++ = (uint8_t)id;
    *p++ = (uint8_t)length;
    return p;
}

/* Three times of one clock: the earliest in full, all as distances from it. Two groups, because the worker's clock may
 * be another machine's. */
static uint8_t *
put_times(uint8_t *p, int64_t a, int64_t b, int64_t c)
{
    const int64_t times[3] = { a, b, c };
    int64_t base = 0;
    for (unsigned i = 0; i < 3; i++)
        base = times[i] > 0 && (base == 0 || times[i] < base) ? times[i] : base;
    p = put_int(p, (uint64_t)base, 8);
    for (unsigned i = 0; i < 3; i++) {
        int64_t delta = times[i] > 0 ? times[i] - base : NOT_PASSED;
        p = put_int(p, delta < NOT_PASSED ? (uint32_t)delta : NOT_PASSED, 4);
    }
    return p;
}

static uint8_t *
put_frame(uint8_t *p, const struct dc_frame_extension *extension)
{
    const struct dc_frame_meta *meta = &extension->meta;
    const struct dc_frame_times *t = &meta->times;
    uint32_t count = meta->input_id_count;
    if (count > DC_FRAME_MAX_INPUT_IDS)
        count = DC_FRAME_MAX_INPUT_IDS;
    p = put_header(p, DC_FRAME_EXTENSION_FRAME, FRAME_BYTES);
    p = put_int(p, meta->frame_id, 8);
    p = put_int(p, extension->keyframe ? FLAG_KEYFRAME : 0, 1);
    if (count) {
        p = put_header(p, DC_FRAME_EXTENSION_INPUT_IDS, 8 * count);
        for (uint32_t i = 0; i < count; i++)
            p = put_int(p, meta->input_ids[i], 8);
    }
    p = put_header(p, DC_FRAME_EXTENSION_TIMES, TIMES_BYTES);
    p = put_times(p, t->first_command_us, t->swap_us, t->present_us);
    p = put_times(p, t->execute_us, t->convert_us, t->encode_us);
    if (meta->reference_id) {
        p = put_header(p, DC_FRAME_EXTENSION_REFERENCE, REFERENCE_BYTES);
        p = put_int(p, meta->reference_id, 8);
    }
    return p;
}

size_t
dc_frame_extension_pack(const struct dc_frame_extension *extension, uint8_t *out, size_t *send_time_offset)
{
    uint8_t *p = out;
    *send_time_offset = 0;
    if (extension->has_frame)
        p = put_frame(p, extension);
    if (extension->has_send_time) {
        p = put_header(p, DC_FRAME_EXTENSION_SEND_TIME, SEND_TIME_BYTES);
        *send_time_offset = (size_t)(p - out);
        p = put_int(p, (uint64_t)extension->meta.times.send_us, 8);
    }
    while ((p - out) % 4)
        *p++ = 0; // RFC 8285 §4.1.2: padding bytes
    return (size_t)(p - out);
}

void
dc_frame_extension_put_send_time(uint8_t *at, int64_t send_us)
{
    put_int(at, (uint64_t)send_us, 8);
}

size_t
dc_frame_extension_find_send_time(const uint8_t *packet, size_t size_bytes, uint8_t id)
{
    struct dc_extension extension;
    struct dc_extension_element element;
    if (!dc_extension_find(packet, size_bytes, &extension) || !extension.present || !extension.known)
        return 0;
    for (size_t offset = 0; dc_extension_next(packet, &extension, &offset, &element);)
        if (element.id == id && element.size_bytes == SEND_TIME_BYTES)
            return element.offset;
    return 0;
}

/* A time of the peer's is only ever subtracted from another: half the range keeps that free of overflow. */
static int64_t
read_time(struct dc_reader *r)
{
    uint64_t v = dc_reader_u64be(r);
    if (v > INT64_MAX / 4)
        r->failed = true;
    return r->failed ? 0 : (int64_t)v;
}

static void
read_times(struct dc_reader *r, int64_t *a, int64_t *b, int64_t *c)
{
    int64_t *const times[3] = { a, b, c };
    int64_t base = read_time(r);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t delta = dc_reader_u32be(r);
        *times[i] = delta == NOT_PASSED ? 0 : base + delta;
    }
}

static bool
read_element(uint8_t id, const uint8_t *data, size_t size_bytes, struct dc_frame_extension *extension)
{
    struct dc_frame_times *t = &extension->meta.times;
    struct dc_reader r;
    dc_reader_init(&r, data, size_bytes);
    switch (id) {
    case DC_FRAME_EXTENSION_FRAME:
        extension->meta.frame_id = dc_reader_u64be(&r);
        extension->keyframe = dc_reader_u8(&r) & FLAG_KEYFRAME;
        extension->has_frame = !r.failed;
        break;
    case DC_FRAME_EXTENSION_INPUT_IDS:
        if (size_bytes % 8 || size_bytes > 8 * DC_FRAME_MAX_INPUT_IDS)
            return false;
        extension->meta.input_id_count = (uint32_t)(size_bytes / 8);
        for (uint32_t i = 0; i < extension->meta.input_id_count; i++)
            extension->meta.input_ids[i] = dc_reader_u64be(&r);
        break;
    case DC_FRAME_EXTENSION_TIMES:
        read_times(&r, &t->first_command_us, &t->swap_us, &t->present_us);
        read_times(&r, &t->execute_us, &t->convert_us, &t->encode_us);
        break;
    case DC_FRAME_EXTENSION_SEND_TIME:
        t->send_us = read_time(&r);
        extension->has_send_time = !r.failed;
        break;
    case DC_FRAME_EXTENSION_REFERENCE:
        extension->meta.reference_id = dc_reader_u64be(&r);
        break;
    default:
        break;
    }
    return !r.failed;
}

bool
dc_frame_extension_unpack(uint16_t profile, const uint8_t *data, size_t size_bytes,
                          struct dc_frame_extension *extension)
{
    struct dc_reader r;
    *extension = (struct dc_frame_extension){ 0 };
    if ((profile & 0xfff0) != DC_FRAME_EXTENSION_PROFILE) // the low four bits are "appbits", for nobody
        return true;
    dc_reader_init(&r, data, size_bytes);
    while (dc_reader_left(&r)) {
        uint8_t id = dc_reader_u8(&r);
        if (id == 0) // padding
            continue;
        uint8_t length = dc_reader_u8(&r);
        const uint8_t *element = dc_reader_bytes(&r, length);
        if (r.failed || !read_element(id, element, length, extension))
            return false;
    }
    return true;
}
