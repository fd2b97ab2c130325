#ifndef DC_PROTOCOL_LINK_PACKET_WIRE_H
#define DC_PROTOCOL_LINK_PACKET_WIRE_H
/* Bytes of a DC_LINK_PACKET message: all of struct dc_packet, little-endian, then the media data. */
#include <stdbool.h>
#include <stddef.h>

#include <common/packet.h>
#include <common/wire.h>

/* Appends everything but the data (which is sent as the body of dc_channel_send2). */
void dc_packet_pack(struct dc_writer *w, const struct dc_packet *packet);
/* `packet->data` points into the message. false: malformed. */
bool dc_packet_unpack(const void *message, size_t size_bytes, struct dc_packet *packet);

#endif
