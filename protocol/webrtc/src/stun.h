#ifndef DC_WEBRTC_STUN_H
#define DC_WEBRTC_STUN_H
/*
 * STUN messages of ICE (RFC 8489, RFC 8445 §7.1). A message is a header and attributes, all in network order:
 *
 *      0        2         4             8                  20
 *     +--------+---------+-------------+------------------+----------------------------
 *     | type   | length  | 0x2112a442  | transaction      | attributes …                 length: without this header
 *     +--------+---------+-------------+------------------+----------------------------
 *     +--------+---------+----------------
 *     | type   | length  | value, padded to 4 …                                     attribute
 *     +--------+---------+----------------
 *
 * Integrity is HMAC-SHA1 with the password over everything before it, with a length that ends behind it; then comes the
 * fingerprint, a CRC-32. Pure bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/wire.h>
#include <protocol/webrtc/peer.h>

#define DC_STUN_TRANSACTION_BYTES 12
#define DC_STUN_MAX_BYTES 1500u
#define DC_STUN_MAX_UNKNOWN 8

enum dc_stun_type {
    DC_STUN_REQUEST = 0x0001,
    DC_STUN_INDICATION = 0x0011,
    DC_STUN_SUCCESS = 0x0101,
    DC_STUN_ERROR = 0x0111,
};

struct dc_stun_message {
    const uint8_t *data; // borrowed, as all views below
    size_t size_bytes;
    uint16_t type; // of the binding method, or it does not parse
    const uint8_t *transaction;
    const char *username; // not terminated; NULL: none
    size_t username_bytes;
    size_t integrity_offset; // of the attribute; 0: none
    bool has_priority, use_candidate, controlling, controlled;
    uint32_t priority;
    uint64_t tie_breaker; // with controlling or controlled
    uint16_t error_code;  // 0: none
    struct dc_webrtc_path mapped; // XOR-MAPPED-ADDRESS as in peer.h; all zero: none
    uint16_t unknown[DC_STUN_MAX_UNKNOWN]; // attributes that must be understood and are not
    unsigned unknown_count;
};

/* false: not a STUN message of the binding method, malformed, or its fingerprint is missing or wrong. What comes behind the
 * integrity is not believed and not read, except the fingerprint. */
bool dc_stun_unpack(const uint8_t *data, size_t size_bytes, struct dc_stun_message *message);
/* Whether the message was made with this password; false without integrity. */
bool dc_stun_check_integrity(const struct dc_stun_message *message, const char *password);

/* Building: begin, any attributes, end. `writer` is initialised and empty; on failure its `failed` is set. */
void dc_stun_begin(struct dc_writer *writer, enum dc_stun_type type, const uint8_t *transaction);
void dc_stun_put_username(struct dc_writer *writer, const char *first, const char *second); // "first:second"
void dc_stun_put_u32(struct dc_writer *writer, uint16_t type, uint32_t value);
void dc_stun_put_u64(struct dc_writer *writer, uint16_t type, uint64_t value);
void dc_stun_put_flag(struct dc_writer *writer, uint16_t type);
void dc_stun_put_mapped_address(struct dc_writer *writer, const struct dc_webrtc_path *path);
void dc_stun_put_error(struct dc_writer *writer, unsigned code);
void dc_stun_put_unknown(struct dc_writer *writer, const uint16_t *types, unsigned count);
/* Adds integrity (`password` NULL: none) and fingerprint. */
void dc_stun_end(struct dc_writer *writer, const char *password);

/* Attributes. */
#define DC_STUN_USERNAME 0x0006
#define DC_STUN_MESSAGE_INTEGRITY 0x0008
#define DC_STUN_ERROR_CODE 0x0009
#define DC_STUN_UNKNOWN_ATTRIBUTES 0x000a
#define DC_STUN_XOR_MAPPED_ADDRESS 0x0020
#define DC_STUN_PRIORITY 0x0024
#define DC_STUN_USE_CANDIDATE 0x0025
#define DC_STUN_FINGERPRINT 0x8028u
#define DC_STUN_ICE_CONTROLLED 0x8029
#define DC_STUN_ICE_CONTROLLING 0x802a

#define DC_STUN_HEADER_BYTES 20u
#define DC_STUN_COOKIE 0x2112a442u
#define DC_STUN_FINGERPRINT_XOR 0x5354554eu
#define DC_STUN_INTEGRITY_BYTES 20u
#define DC_STUN_FINGERPRINT_ATTRIBUTE_BYTES 8u

/* CRC-32 of ISO 3309, as in Ethernet. */
uint32_t dc_stun_crc32(const uint8_t *data, size_t size_bytes);
/* HMAC-SHA1 over `data` with the length field of a message that ends behind the integrity. */
bool dc_stun_hmac(const uint8_t *data, size_t size_bytes, const char *password, uint8_t *digest);

#endif
