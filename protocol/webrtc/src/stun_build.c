#include <string.h>

#include "stun.h"

static void
put_header(struct dc_writer *writer, uint16_t type, size_t size_bytes)
{
    dc_writer_u16be(writer, type);
    dc_writer_u16be(writer, (uint16_t)size_bytes);
}

static void
pad(struct dc_writer *writer)
{
    while (writer->size_bytes % 4 && !writer->failed)
        dc_writer_u8(writer, 0);
}

void
dc_stun_begin(struct dc_writer *writer, enum dc_stun_type type, const uint8_t *transaction)
{
    put_header(writer, (uint16_t)type, 0);
    dc_writer_u32be(writer, DC_STUN_COOKIE);
    dc_writer_bytes(writer, transaction, DC_STUN_TRANSACTION_BYTES);
}

void
dc_stun_put_username(struct dc_writer *writer, const char *first, const char *second)
{
    put_header(writer, DC_STUN_USERNAME, strlen(first) + 1 + strlen(second));
    dc_writer_bytes(writer, first, strlen(first));
    dc_writer_u8(writer, ':');
    dc_writer_bytes(writer, second, strlen(second));
    pad(writer);
}

void
dc_stun_put_u32(struct dc_writer *writer, uint16_t type, uint32_t value)
{
    put_header(writer, type, 4);
    dc_writer_u32be(writer, value);
}

void
dc_stun_put_u64(struct dc_writer *writer, uint16_t type, uint64_t value)
{
    put_header(writer, type, 8);
    dc_writer_u64be(writer, value);
}

void
dc_stun_put_flag(struct dc_writer *writer, uint16_t type)
{
    put_header(writer, type, 0);
}

void
dc_stun_put_mapped_address(struct dc_writer *writer, const struct dc_webrtc_path *path)
{
    bool is_ipv6 = path->bytes[0] == 6;
    size_t address_bytes = is_ipv6 ? 16 : 4;
    put_header(writer, DC_STUN_XOR_MAPPED_ADDRESS, 4 + address_bytes);
    dc_writer_u16be(writer, is_ipv6 ? 2 : 1);
    dc_writer_u16be(writer, (uint16_t)((path->bytes[1] << 8 | path->bytes[2]) ^ (DC_STUN_COOKIE >> 16)));
    for (size_t i = 0; i < address_bytes && !writer->failed; i++)
        dc_writer_u8(writer, path->bytes[3 + i] ^ writer->data[4 + i]);
}

void
dc_stun_put_error(struct dc_writer *writer, unsigned code)
{
    put_header(writer, DC_STUN_ERROR_CODE, 4);
    dc_writer_u32be(writer, code / 100 << 8 | code % 100);
}

void
dc_stun_put_unknown(struct dc_writer *writer, const uint16_t *types, unsigned count)
{
    put_header(writer, DC_STUN_UNKNOWN_ATTRIBUTES, 2 * count);
    for (unsigned i = 0; i < count; i++)
        dc_writer_u16be(writer, types[i]);
    pad(writer);
}

static void
set_length(struct dc_writer *writer, size_t size_bytes)
{
    writer->data[2] = (uint8_t)((size_bytes - DC_STUN_HEADER_BYTES) >> 8);
    writer->data[3] = (uint8_t)(size_bytes - DC_STUN_HEADER_BYTES);
}

void
dc_stun_end(struct dc_writer *writer, const char *password)
{
    uint8_t digest[DC_STUN_INTEGRITY_BYTES];
    if (writer->failed)
        return;
    if (password) {
        if (!dc_stun_hmac(writer->data, writer->size_bytes, password, digest)) {
            writer->failed = true;
            return;
        }
        put_header(writer, DC_STUN_MESSAGE_INTEGRITY, sizeof(digest));
        dc_writer_bytes(writer, digest, sizeof(digest));
    }
    if (writer->failed)
        return;
    set_length(writer, writer->size_bytes + DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES);
    dc_stun_put_u32(writer, DC_STUN_FINGERPRINT, dc_stun_crc32(writer->data, writer->size_bytes) ^ DC_STUN_FINGERPRINT_XOR);
}
