#ifndef DC_CLIENT_WEBRTC_CARRIER_H
#define DC_CLIENT_WEBRTC_CARRIER_H
/*
 * The carrier of https:// addresses: an offer by WHEP, then a WebRTC session over UDP, or over TCP (RFC 4571) to the same
 * instance when UDP brings nothing. The data channels have the numbers of channel.h and need no DCEP.
 */
#include "carrier.h"
#include "url.h"

enum dc_webrtc_result { DC_WEBRTC_OPEN, DC_WEBRTC_REFUSED, DC_WEBRTC_UNREACHABLE };

/* Blocks until the control channel is open, for up to some twenty seconds. NULL: `error` (≥ 256 bytes) says why. */
struct dc_carrier *dc_webrtc_carrier_open(const struct dc_url *url, const struct dc_attempt *attempt,
                                          enum dc_webrtc_result *result, char *error);

#endif
