#include "client_array.h"

#include <string.h>

#include <gles_encode.h>
#include <protocol/gles/sizes.h>

#include "client_cache.h"
#include "error.h"

#define MOST_BYTES (DC_RING_BULK_BYTES / 2)

static void
gather(uint8_t *out, const uint8_t *in, size_t element_bytes, size_t stride, size_t count)
{
    // Constant sizes let the compiler copy in registers; these four are nearly all that programs use.
    switch (element_bytes) {
    case 4:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * 4, in + i * stride, 4);
        break;
    case 8:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * 8, in + i * stride, 8);
        break;
    case 12:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * 12, in + i * stride, 12);
        break;
    case 16:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * 16, in + i * stride, 16);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * element_bytes, in + i * stride, element_bytes);
    }
}

/* Attributes that read the same bytes: one alone, or those that are interleaved. */
struct range {
    const uint8_t *base; // vertex 0 of the lowest one
    uint32_t extent;     // bytes of one vertex, from the lowest attribute to the end of the highest
    uint32_t used;       // of those, read by attributes
    size_t stride;
    GLuint divisor;
    uint32_t mask;
};

static void
begin_range(const struct dc_vao *vao, unsigned index, struct range *range)
{
    const struct dc_vertex_attrib *attrib = &vao->attribs[index];
    const struct dc_vertex_binding *binding = &vao->bindings[attrib->binding];
    uint32_t element = dc_gles_vertex_bytes(attrib->size, attrib->type);
    *range = (struct range){ attrib->pointer, element, element, (size_t)binding->stride, binding->divisor, 1u << index };
}

/* Takes an attribute into the range if its elements lie between the range's own. */
static void
widen_range(struct range *range, const struct dc_vao *vao, unsigned index)
{
    struct range other;
    begin_range(vao, index, &other);
    const uint8_t *base = other.base < range->base ? other.base : range->base;
    const uint8_t *end = range->base + range->extent, *other_end = other.base + other.extent;
    size_t extent = (size_t)((other_end > end ? other_end : end) - base);
    if (other.stride != range->stride || other.divisor != range->divisor || extent > range->stride)
        return;
    range->base = base;
    range->extent = (uint32_t)extent;
    range->used += other.used;
    range->mask |= other.mask;
}

static void
encode_alone(struct dc_context *context, const struct range *range, const uint8_t *data, uint32_t bytes, int64_t first)
{
    unsigned index = (unsigned)__builtin_ctz(range->mask);
    const struct dc_vertex_attrib *attrib = &context->gles->vao->attribs[index];
    dc_enc_dcClientArray(&context->encoder, index, attrib->size, attrib->type, attrib->normalized, attrib->integer,
                         range->divisor, (int32_t)first, data, bytes);
}

static void
encode_attribs(struct dc_context *context, const struct range *range, int64_t first, uint32_t slot)
{
    for (uint32_t mask = range->mask; mask; mask &= mask - 1) {
        unsigned index = (unsigned)__builtin_ctz(mask);
        const struct dc_vertex_attrib *attrib = &context->gles->vao->attribs[index];
        uint32_t flags = (attrib->normalized ? DC_CLIENT_NORMALIZED : 0u) | (attrib->integer ? DC_CLIENT_INTEGER : 0u);
        dc_enc_dcClientAttrib(&context->encoder, index, attrib->size, attrib->type, flags, range->divisor,
                              (uint32_t)range->stride, (int32_t)first, slot,
                              (uint32_t)((const uint8_t *)attrib->pointer - range->base));
    }
}

static enum dc_client_fate
look(struct dc_context *context, const struct range *range, const uint8_t *data, uint32_t bytes, uint32_t pad,
     uint32_t *slot)
{
    struct dc_gles_state *s = context->gles;
    *slot = DC_CLIENT_SLOT_NEXT_DRAW;
    if (bytes < DC_CLIENT_CACHE_MIN_BYTES)
        return DC_CLIENT_SEND;
    if (!s->client_cache)
        s->client_cache = dc_client_cache_create();
    if (!s->client_cache)
        return DC_CLIENT_SEND;
    return dc_client_cache_look(s->client_cache, range->base, data, bytes, pad, slot);
}

static bool
raise_memory(struct dc_context *context)
{
    dc_gles_raise(context, GL_OUT_OF_MEMORY);
    return false;
}

static bool
send_range(struct dc_context *context, struct range *range, int64_t first, int64_t last, GLsizei instances)
{
    if (range->divisor) {
        first = 0;
        last = ((int64_t)instances - 1) / range->divisor + context->gles->base_instance;
    }
    uint64_t count = (uint64_t)(last - first + 1);
    if (first < 0 || last > INT32_MAX || !range->extent || count * range->extent > MOST_BYTES)
        return raise_memory(context);
    bool alone = !(range->mask & (range->mask - 1));
    const uint8_t *data = range->base + (size_t)first * range->stride;
    // An attribute alone in wide vertices is sent without what lies between.
    if (alone && (range->extent * 2 <= range->stride || range->stride > DC_CLIENT_STRIDE_MAX)) {
        uint8_t *tight = dc_gles_scratch(context->gles, count * range->extent);
        if (!tight)
            return raise_memory(context);
        gather(tight, data, range->extent, range->stride, count);
        data = tight;
        range->stride = range->extent;
    }
    uint64_t bytes = (count - 1) * range->stride + range->extent, pad = (uint64_t)first * range->stride;
    if (bytes > MOST_BYTES || pad > UINT32_MAX)
        return raise_memory(context);
    uint32_t slot;
    enum dc_client_fate fate = look(context, range, data, (uint32_t)bytes, (uint32_t)pad, &slot);
    if (fate == DC_CLIENT_SEND && alone && range->stride == range->extent) {
        encode_alone(context, range, data, (uint32_t)bytes, first);
        return true;
    }
    if (fate == DC_CLIENT_STORE)
        for (uint32_t evicted; (evicted = dc_client_cache_take_evicted(context->gles->client_cache));)
            dc_enc_dcClientEvict(&context->encoder, evicted);
    if (fate != DC_CLIENT_HAVE)
        dc_enc_dcClientRange(&context->encoder, slot, (uint32_t)pad, data, (uint32_t)bytes);
    encode_attribs(context, range, first, slot);
    return true;
}

bool
dc_client_arrays_send(struct dc_context *context, int64_t first, int64_t last, GLsizei instances)
{
    const struct dc_vao *vao = context->gles->vao;
    uint32_t mask = vao->enabled & vao->client;
    if (context->gles->client_cache)
        dc_client_cache_begin_draw(context->gles->client_cache);
    while (mask) {
        struct range range;
        begin_range(vao, (unsigned)__builtin_ctz(mask), &range);
        if (range.stride <= DC_CLIENT_STRIDE_MAX)
            for (uint32_t others = mask & (mask - 1); others; others &= others - 1)
                widen_range(&range, vao, (unsigned)__builtin_ctz(others));
        if (range.used * 2 < range.stride && (range.mask & (range.mask - 1)))
            begin_range(vao, (unsigned)__builtin_ctz(mask), &range); // more between them than in them: each alone
        mask &= ~range.mask;
        if (!send_range(context, &range, first, last, instances))
            return false;
    }
    return true;
}

#define SCAN(element, restart_value)                                                                                   \
    for (GLsizei i = 0; i < count; i++) {                                                                              \
        element v;                                                                                                     \
        memcpy(&v, (const element *)indices + i, sizeof v);                                                            \
        if (restart && v == (restart_value))                                                                           \
            continue;                                                                                                  \
        low = v < low ? v : low;                                                                                       \
        high = v > high ? v : high;                                                                                    \
        any = true;                                                                                                    \
    }

bool
dc_index_range(const void *indices, GLsizei count, GLenum type, bool restart, uint32_t *lowest, uint32_t *highest)
{
    uint32_t low = UINT32_MAX, high = 0;
    bool any = false;
    if (type == GL_UNSIGNED_BYTE)
        SCAN(uint8_t, 0xff)
    else if (type == GL_UNSIGNED_SHORT)
        SCAN(uint16_t, 0xffff)
    else if (type == GL_UNSIGNED_INT)
        SCAN(uint32_t, 0xffffffffu)
    *lowest = low;
    *highest = high;
    return any;
}
