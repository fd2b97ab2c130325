#include "stun.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

uint32_t
dc_stun_crc32(const uint8_t *data, size_t size_bytes)
{
    // A table of half bytes: 64 bytes of it are in the cache after the first message.
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size_bytes; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ data[i] >> 4) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

bool
dc_stun_hmac(const uint8_t *data, size_t size_bytes, const char *password, uint8_t *digest)
{
    uint8_t copy[DC_STUN_MAX_BYTES];
    unsigned digest_bytes = DC_STUN_INTEGRITY_BYTES;
    if (size_bytes < DC_STUN_HEADER_BYTES || size_bytes > sizeof(copy))
        return false;
    memcpy(copy, data, size_bytes);
    size_t length = size_bytes - DC_STUN_HEADER_BYTES + 4 + DC_STUN_INTEGRITY_BYTES;
    copy[2] = (uint8_t)(length >> 8);
    copy[3] = (uint8_t)length;
    return HMAC(EVP_sha1(), password, (int)strlen(password), copy, size_bytes, digest, &digest_bytes);
}
