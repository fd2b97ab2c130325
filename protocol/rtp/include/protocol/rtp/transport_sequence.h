#ifndef DC_PROTOCOL_RTP_TRANSPORT_SEQUENCE_H
#define DC_PROTOCOL_RTP_TRANSPORT_SEQUENCE_H
/*
 * Transport-wide sequence numbers (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2) as an RFC 8285 element, put
 * into a finished packet when it leaves: only then its place in the order of sending is known. The element takes exactly
 * one word in either form, so it is appended to an extension that is there (ours is of the two-byte form) or comes as a
 * one-byte extension (0xbede) of its own.
 *
 *   two-byte form: | id | 2 | number (16) |      one-byte form: | id (4) 1 (4) | number (16) | 0 |
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/rtp.h>

#define DC_TRANSPORT_SEQUENCE_MAX_BYTES 8 // what a packet grows by at most

/* `id`: 1 … 14, as negotiated. Replaces a number that is there. false: no RTP packet, another extension, or no room. */
bool dc_transport_sequence_put(uint8_t *packet, size_t *size_bytes, size_t capacity, uint8_t id, uint16_t number);
bool dc_transport_sequence_get(const struct dc_rtp_packet *packet, uint8_t id, uint16_t *number);
/* Undoes put(): the size without the number, when it is the last element; otherwise the packet as it is. */
size_t dc_transport_sequence_strip(uint8_t *packet, size_t size_bytes, uint8_t id);

#endif
