#ifndef DC_PROTOCOL_RTP_PUT_H
#define DC_PROTOCOL_RTP_PUT_H
/* Integers in network order into memory whose room was checked; each returns what lies behind it. */
#include <stdint.h>

static inline uint8_t *
dc_put_u8(uint8_t *p, uint8_t v)
{
    *p = v;
    return p + 1;
}

static inline uint8_t *
dc_put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static inline uint8_t *
dc_put_u32(uint8_t *p, uint32_t v)
{
    return dc_put_u16(dc_put_u16(p, (uint16_t)(v >> 16)), (uint16_t)v);
}

static inline uint8_t *
dc_put_u64(uint8_t *p, uint64_t v)
{
    return dc_put_u32(dc_put_u32(p, (uint32_t)(v >> 32)), (uint32_t)v);
}

static inline uint16_t
dc_get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
dc_get_u32(const uint8_t *p)
{
    return (uint32_t)dc_get_u16(p) << 16 | dc_get_u16(p + 2);
}

#endif
