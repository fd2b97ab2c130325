#ifndef DC_INSTANCE_NETWORK_INPUT_MESSAGE_H
#define DC_INSTANCE_NETWORK_INPUT_MESSAGE_H
/* Channels 1 and 2: protobuf → input event. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vhal/input.h>

/* `data` without the channel byte. false: malformed, or a value that no device has. */
bool dc_input_message_unpack(const uint8_t *data, size_t size_bytes, int64_t now_us, struct dc_input_event *event);

#endif
