#define DC_LOG_COMPONENT "webrtc"
#include "channels.h"

#include <string.h>

#include <common/log.h>

/* What DCEP itself sends is always reliable and ordered. */
static const struct dc_sctp_reliability reliable = { .is_ordered = true, .limit = -1 };

static bool
send_dcep(struct dc_channels *channels, uint16_t stream, const struct dc_dcep_message *message)
{
    struct dc_writer writer;
    dc_writer_init(&writer);
    dc_dcep_pack(message, &writer);
    bool sent = !writer.failed && dc_sctp_send(channels->sctp, stream, DC_DCEP_PPID, &reliable, writer.data,
                                               writer.size_bytes);
    dc_writer_finish(&writer);
    return sent;
}

static void
set_open(struct dc_channels *channels, uint16_t stream)
{
    struct dc_channel_entry *entry = &channels->entries[stream];
    entry->state = DC_CHANNEL_OPEN;
    dc_debug("data channel %u \"%s\" is open", stream, entry->label);
    channels->listener->handle_channel(channels->user, stream, entry->label);
}

static void
start(struct dc_channels *channels, uint16_t stream)
{
    struct dc_channel_entry *entry = &channels->entries[stream];
    struct dc_dcep_message open = { .type = DC_DCEP_OPEN, .reliability = entry->reliability };
    if (entry->is_negotiated) {
        set_open(channels, stream);
        return;
    }
    memcpy(open.label, entry->label, sizeof(open.label));
    entry->state = DC_CHANNEL_OPENING;
    if (!send_dcep(channels, stream, &open))
        entry->state = DC_CHANNEL_CLOSED;
}

bool
dc_channels_want(struct dc_channels *channels, uint16_t stream, const char *label, bool is_negotiated,
                 const struct dc_sctp_reliability *reliability)
{
    bool is_ours = is_negotiated || stream % 2 == (channels->is_client ? 0 : 1); // RFC 8832 §6
    if (stream >= DC_WEBRTC_MAX_CHANNELS || !is_ours || strlen(label) > DC_DCEP_MAX_LABEL_BYTES)
        return false;
    struct dc_channel_entry *entry = &channels->entries[stream];
    if (entry->state != DC_CHANNEL_CLOSED)
        return false;
    *entry = (struct dc_channel_entry){ .state = DC_CHANNEL_WANTED, .is_negotiated = is_negotiated,
                                        .reliability = *reliability };
    memcpy(entry->label, label, strlen(label) + 1);
    if (channels->sctp->is_up)
        start(channels, stream);
    return true;
}

void
dc_channels_start(struct dc_channels *channels)
{
    for (unsigned i = 0; i < DC_WEBRTC_MAX_CHANNELS; i++) {
        if (channels->entries[i].state == DC_CHANNEL_WANTED)
            start(channels, (uint16_t)i);
    }
}

/* Also of a channel that we take for negotiated: a client may open it anyway, and both mean the same. */
static void
handle_open(struct dc_channels *channels, uint16_t stream, const struct dc_dcep_message *message)
{
    static const struct dc_dcep_message ack = { .type = DC_DCEP_ACK };
    struct dc_channel_entry *entry = &channels->entries[stream];
    if (entry->state == DC_CHANNEL_OPENING) { // both want it, or it opens what it does not own
        channels->counters->malformed_opens++;
        return;
    }
    bool is_new = entry->state != DC_CHANNEL_OPEN;
    if (is_new) {
        entry->reliability = message->reliability;
        entry->is_negotiated = false;
        memcpy(entry->label, message->label, sizeof(entry->label));
    }
    send_dcep(channels, stream, &ack);
    if (is_new)
        set_open(channels, stream);
}

static void
handle_dcep(struct dc_channels *channels, uint16_t stream, const uint8_t *data, size_t size_bytes)
{
    struct dc_dcep_message message;
    if (!dc_dcep_unpack(data, size_bytes, &message)) {
        channels->counters->malformed_opens++;
        return;
    }
    if (message.type == DC_DCEP_OPEN)
        handle_open(channels, stream, &message);
    else if (channels->entries[stream].state == DC_CHANNEL_OPENING)
        set_open(channels, stream);
}

void
dc_channels_receive(struct dc_channels *channels, uint16_t stream, uint32_t ppid, const uint8_t *data,
                    size_t size_bytes)
{
    bool is_empty = ppid == DC_DCEP_EMPTY_STRING || ppid == DC_DCEP_EMPTY_BINARY;
    bool is_text = ppid == DC_DCEP_STRING || ppid == DC_DCEP_EMPTY_STRING;
    if (stream >= DC_WEBRTC_MAX_CHANNELS) {
        channels->counters->refused_messages++;
        return;
    }
    if (ppid == DC_DCEP_PPID) {
        handle_dcep(channels, stream, data, size_bytes);
        return;
    }
    if (channels->entries[stream].state == DC_CHANNEL_OPENING) // it has accepted; its ACK is behind, or lost
        set_open(channels, stream);
    if (channels->entries[stream].state != DC_CHANNEL_OPEN || (!is_text && !is_empty && ppid != DC_DCEP_BINARY)) {
        channels->counters->refused_messages++;
        return;
    }
    channels->listener->handle_message(channels->user, stream, is_text, data, is_empty ? 0 : size_bytes);
}

void
dc_channels_handle_reset(struct dc_channels *channels, uint16_t stream)
{
    if (stream >= DC_WEBRTC_MAX_CHANNELS || channels->entries[stream].state == DC_CHANNEL_CLOSED)
        return;
    dc_debug("data channel %u \"%s\" was closed by the other end", stream, channels->entries[stream].label);
    channels->entries[stream].state = DC_CHANNEL_CLOSED;
    dc_sctp_reset_stream(channels->sctp, stream);
}

bool
dc_channels_send(struct dc_channels *channels, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes)
{
    static const uint8_t nothing[1]; // SCTP has no empty messages; the PPID says that it is one
    if (stream >= DC_WEBRTC_MAX_CHANNELS || channels->entries[stream].state != DC_CHANNEL_OPEN ||
        size_bytes > channels->remote_max_bytes)
        return false;
    const struct dc_sctp_reliability *reliability = &channels->entries[stream].reliability;
    if (size_bytes == 0)
        return dc_sctp_send(channels->sctp, stream, is_text ? DC_DCEP_EMPTY_STRING : DC_DCEP_EMPTY_BINARY, reliability,
                            nothing, 1);
    return dc_sctp_send(channels->sctp, stream, is_text ? DC_DCEP_STRING : DC_DCEP_BINARY, reliability, data,
                        size_bytes);
}
