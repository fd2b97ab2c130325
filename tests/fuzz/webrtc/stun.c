/* Any bytes as a STUN message: views lie inside it, and what parses has a fingerprint that is right. */
#include <stdlib.h>
#include <string.h>

#include "stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void
check_view(const uint8_t *data, size_t size_bytes, const void *view, size_t view_bytes)
{
    const uint8_t *p = view;
    if (p && (p < data || p + view_bytes > data + size_bytes))
        abort();
}

static void
parse(const uint8_t *data, size_t size_bytes)
{
    struct dc_stun_message message;
    char ufrag[16];
    if (dc_webrtc_stun_username(data, size_bytes, ufrag, sizeof(ufrag)) && strlen(ufrag) >= sizeof(ufrag))
        abort();
    if (!dc_stun_unpack(data, size_bytes, &message))
        return;
    check_view(data, size_bytes, message.username, message.username_bytes);
    check_view(data, size_bytes, message.transaction, DC_STUN_TRANSACTION_BYTES);
    if (message.unknown_count > DC_STUN_MAX_UNKNOWN || message.integrity_offset + DC_STUN_INTEGRITY_BYTES > size_bytes)
        abort();
    dc_stun_check_integrity(&message, "password");
}

/* As it came, and with a header and a fingerprint that are right. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const uint8_t transaction[DC_STUN_TRANSACTION_BYTES];
    struct dc_writer writer;
    parse(data, size_bytes);
    if (size_bytes > 1000)
        return 0;
    dc_writer_init(&writer);
    dc_stun_begin(&writer, DC_STUN_REQUEST, transaction);
    dc_writer_bytes(&writer, data, size_bytes);
    dc_stun_end(&writer, NULL);
    uint8_t *exact = malloc(writer.size_bytes);
    memcpy(exact, writer.data, writer.size_bytes);
    parse(exact, writer.size_bytes);
    free(exact);
    dc_writer_finish(&writer);
    return 0;
}
