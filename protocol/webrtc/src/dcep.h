#ifndef DC_WEBRTC_DCEP_H
#define DC_WEBRTC_DCEP_H
/*
 * How data channels are opened (RFC 8832). Network order, on the channel's own stream, PPID 50:
 *
 *      0        1        2          4             8           10             12
 *     +--------+--------+----------+-------------+-----------+--------------+---------------------
 *     | 3 OPEN | type   | priority | reliability | label len | protocol len | label, protocol …
 *     +--------+--------+----------+-------------+-----------+--------------+---------------------
 *     | 2 ACK  |          type: 0 reliable, 1 limited retransmissions, 2 limited life time; 0x80 unordered
 *     +--------+
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/wire.h>

#include "sctp.h"

#define DC_DCEP_PPID 50
#define DC_DCEP_STRING 51
#define DC_DCEP_BINARY 53
#define DC_DCEP_EMPTY_STRING 56
#define DC_DCEP_EMPTY_BINARY 57
#define DC_DCEP_MAX_LABEL_BYTES 64

enum dc_dcep_type { DC_DCEP_ACK = 2, DC_DCEP_OPEN = 3 };

struct dc_dcep_message {
    enum dc_dcep_type type;
    struct dc_sctp_reliability reliability; // OPEN, as the label
    char label[DC_DCEP_MAX_LABEL_BYTES + 1]; // cut there
};

/* false: malformed. */
bool dc_dcep_unpack(const uint8_t *data, size_t size_bytes, struct dc_dcep_message *message);
/* `writer` is initialised. */
void dc_dcep_pack(const struct dc_dcep_message *message, struct dc_writer *writer);

#endif
