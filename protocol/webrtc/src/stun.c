#include "stun.h"

#include <string.h>

#include <openssl/crypto.h>

#define FAMILY_IPV4 1
#define FAMILY_IPV6 2

static void
read_username(struct dc_stun_message *message, struct dc_reader *value)
{
    message->username_bytes = value->size_bytes;
    message->username = dc_reader_bytes(value, value->size_bytes);
}

static void
read_priority(struct dc_stun_message *message, struct dc_reader *value)
{
    message->has_priority = true;
    message->priority = dc_reader_u32be(value);
}

static void
read_use_candidate(struct dc_stun_message *message, struct dc_reader *value)
{
    message->use_candidate = true;
}

static void
read_controlled(struct dc_stun_message *message, struct dc_reader *value)
{
    message->controlled = true;
    message->tie_breaker = dc_reader_u64be(value);
}

static void
read_controlling(struct dc_stun_message *message, struct dc_reader *value)
{
    message->controlling = true;
    message->tie_breaker = dc_reader_u64be(value);
}

static void
read_error(struct dc_stun_message *message, struct dc_reader *value)
{
    unsigned class = dc_reader_u32be(value);
    message->error_code = (uint16_t)((class >> 8 & 7) * 100 + (class & 0xff) % 100);
}

/* The address is XORed with the cookie and, for IPv6, the transaction: what lies at offset 4 of the message. */
static void
read_mapped(struct dc_stun_message *message, struct dc_reader *value)
{
    uint16_t family = dc_reader_u16be(value);
    uint16_t port = dc_reader_u16be(value) ^ (uint16_t)(DC_STUN_COOKIE >> 16);
    size_t address_bytes = family == FAMILY_IPV6 ? 16 : 4;
    const uint8_t *address = dc_reader_bytes(value, address_bytes);
    if (!address || (family != FAMILY_IPV4 && family != FAMILY_IPV6))
        return;
    message->mapped.bytes[0] = family == FAMILY_IPV6 ? 6 : 4;
    message->mapped.bytes[1] = (uint8_t)(port >> 8);
    message->mapped.bytes[2] = (uint8_t)port;
    for (size_t i = 0; i < address_bytes; i++)
        message->mapped.bytes[3 + i] = address[i] ^ message->data[4 + i];
}

static void
skip(struct dc_stun_message *message, struct dc_reader *value)
{
}

static const struct {
    uint16_t type;
    int size_bytes; // -1: any
    void (*read)(struct dc_stun_message *message, struct dc_reader *value);
} attributes[] = {
    { DC_STUN_USERNAME, -1, read_username },
    { DC_STUN_PRIORITY, 4, read_priority },
    { DC_STUN_USE_CANDIDATE, 0, read_use_candidate },
    { DC_STUN_ICE_CONTROLLED, 8, read_controlled },
    { DC_STUN_ICE_CONTROLLING, 8, read_controlling },
    { DC_STUN_ERROR_CODE, -1, read_error },
    { DC_STUN_XOR_MAPPED_ADDRESS, -1, read_mapped },
    // Understood, and nothing to do here: MAPPED-ADDRESS, UNKNOWN-ATTRIBUTES, REALM, NONCE, MESSAGE-INTEGRITY-SHA256.
    { 0x0001, -1, skip }, { DC_STUN_UNKNOWN_ATTRIBUTES, -1, skip }, { 0x0014, -1, skip }, { 0x0015, -1, skip },
    { 0x001c, -1, skip },
};

/* false: a known attribute of a wrong size. */
static bool
read_attribute(struct dc_stun_message *message, uint16_t type, const uint8_t *data, size_t size_bytes)
{
    struct dc_reader value;
    dc_reader_init(&value, data, size_bytes);
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (attributes[i].type != type)
            continue;
        if (attributes[i].size_bytes >= 0 && (size_t)attributes[i].size_bytes != size_bytes)
            return false;
        attributes[i].read(message, &value);
        return !value.failed;
    }
    if (type < 0x8000 && message->unknown_count < DC_STUN_MAX_UNKNOWN)
        message->unknown[message->unknown_count++] = type;
    return true;
}

/* The last attribute, as ICE demands it of every message; it also keeps our own garbage out before any HMAC. */
static bool
check_fingerprint(const uint8_t *data, size_t size_bytes)
{
    struct dc_reader r;
    if (size_bytes < DC_STUN_HEADER_BYTES + DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES)
        return false;
    size_t covered_bytes = size_bytes - DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES;
    dc_reader_init(&r, data + covered_bytes, DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES);
    return dc_reader_u32be(&r) == ((uint32_t)DC_STUN_FINGERPRINT << 16 | 4u) &&
           dc_reader_u32be(&r) == (dc_stun_crc32(data, covered_bytes) ^ DC_STUN_FINGERPRINT_XOR);
}

static bool
read_header(struct dc_reader *r, struct dc_stun_message *message)
{
    message->type = dc_reader_u16be(r);
    bool ok = dc_reader_u16be(r) == message->size_bytes - DC_STUN_HEADER_BYTES;
    ok = dc_reader_u32be(r) == DC_STUN_COOKIE && ok;
    message->transaction = dc_reader_bytes(r, DC_STUN_TRANSACTION_BYTES);
    return ok && !r->failed && (message->type & ~0x0110) == 1;
}

bool
dc_stun_unpack(const uint8_t *data, size_t size_bytes, struct dc_stun_message *message)
{
    struct dc_reader r;
    *message = (struct dc_stun_message){ .data = data, .size_bytes = size_bytes };
    if (size_bytes < DC_STUN_HEADER_BYTES || size_bytes > DC_STUN_MAX_BYTES || size_bytes % 4)
        return false;
    dc_reader_init(&r, data, size_bytes);
    if (!read_header(&r, message) || !check_fingerprint(data, size_bytes))
        return false;
    while (dc_reader_left(&r) > DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES) {
        size_t offset = r.offset;
        uint16_t type = dc_reader_u16be(&r), attribute_bytes = dc_reader_u16be(&r);
        const uint8_t *value = dc_reader_bytes(&r, (attribute_bytes + 3u) & ~3u);
        if (r.failed || r.offset > size_bytes - DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES)
            return false;
        if (type == DC_STUN_MESSAGE_INTEGRITY) {
            message->integrity_offset = offset;
            return attribute_bytes == DC_STUN_INTEGRITY_BYTES;
        }
        if (!read_attribute(message, type, value, attribute_bytes))
            return false;
    }
    return !r.failed;
}

bool
dc_stun_check_integrity(const struct dc_stun_message *message, const char *password)
{
    uint8_t digest[DC_STUN_INTEGRITY_BYTES];
    return message->integrity_offset &&
           dc_stun_hmac(message->data, message->integrity_offset, password, digest) &&
           CRYPTO_memcmp(digest, message->data + message->integrity_offset + 4, sizeof(digest)) == 0;
}

bool
dc_webrtc_stun_username(const uint8_t *datagram, size_t size_bytes, char *local_ufrag, size_t capacity)
{
    struct dc_stun_message message;
    if (size_bytes == 0 || datagram[0] > 3 || !dc_stun_unpack(datagram, size_bytes, &message))
        return false;
    const char *colon = message.username ? memchr(message.username, ':', message.username_bytes) : NULL;
    if (message.type != DC_STUN_REQUEST || !colon)
        return false;
    size_t ufrag_bytes = (size_t)(colon - message.username);
    if (ufrag_bytes >= capacity || memchr(message.username, '\0', ufrag_bytes))
        return false;
    memcpy(local_ufrag, message.username, ufrag_bytes);
    local_ufrag[ufrag_bytes] = '\0';
    return true;
}
