#include "client_array.h"

#include <string.h>

#include <gles_encode.h>
#include <protocol/gles/sizes.h>

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

static bool
send_one(struct dc_context *context, unsigned index, int64_t first, int64_t last, GLsizei instances)
{
    const struct dc_vertex_attrib *attrib = &context->gles->vao->attribs[index];
    const struct dc_vertex_binding *binding = &context->gles->vao->bindings[attrib->binding];
    if (binding->divisor) {
        first = 0;
        last = ((int64_t)instances - 1) / binding->divisor;
    }
    size_t element = dc_gles_vertex_bytes(attrib->size, attrib->type), stride = (size_t)binding->stride;
    uint64_t count = (uint64_t)(last - first + 1);
    if (first < 0 || last > INT32_MAX || !element || count * element > MOST_BYTES) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return false;
    }
    const uint8_t *data = (const uint8_t *)attrib->pointer + (size_t)first * stride;
    if (stride != element) {
        uint8_t *tight = dc_gles_scratch(context->gles, count * element);
        if (!tight) {
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
        gather(tight, data, element, stride, count);
        data = tight;
    }
    dc_enc_dcClientArray(&context->encoder, index, attrib->size, attrib->type, attrib->normalized, attrib->integer,
                         binding->divisor, (int32_t)first, data, (uint32_t)(count * element));
    return true;
}

bool
dc_client_arrays_send(struct dc_context *context, int64_t first, int64_t last, GLsizei instances)
{
    uint32_t mask = context->gles->vao->enabled & context->gles->vao->client;
    while (mask) {
        unsigned index = (unsigned)__builtin_ctz(mask);
        mask &= mask - 1;
        if (!send_one(context, index, first, last, instances))
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
