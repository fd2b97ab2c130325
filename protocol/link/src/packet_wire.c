#include <protocol/link/packet_wire.h>

// kind keyframe count reserved | duration | timestamp | frame_id | reference_id | seven times | input ids | data
void
dc_packet_pack(struct dc_writer *w, const struct dc_packet *packet)
{
    const struct dc_frame_meta *m = &packet->meta;
    uint32_t count = m->input_id_count < DC_FRAME_MAX_INPUT_IDS ? m->input_id_count : DC_FRAME_MAX_INPUT_IDS;
    dc_writer_u8(w, (uint8_t)packet->kind);
    dc_writer_u8(w, packet->keyframe);
    dc_writer_u8(w, (uint8_t)count);
    dc_writer_u8(w, 0);
    dc_writer_u32le(w, packet->duration);
    dc_writer_u64le(w, packet->timestamp);
    dc_writer_u64le(w, m->frame_id);
    dc_writer_u64le(w, m->reference_id);
    dc_writer_u64le(w, (uint64_t)m->times.first_command_us);
    dc_writer_u64le(w, (uint64_t)m->times.swap_us);
    dc_writer_u64le(w, (uint64_t)m->times.present_us);
    dc_writer_u64le(w, (uint64_t)m->times.execute_us);
    dc_writer_u64le(w, (uint64_t)m->times.convert_us);
    dc_writer_u64le(w, (uint64_t)m->times.encode_us);
    dc_writer_u64le(w, (uint64_t)m->times.send_us);
    for (uint32_t i = 0; i < count; i++)
        dc_writer_u64le(w, m->input_ids[i]);
}

static void
unpack_times(struct dc_reader *r, struct dc_frame_times *t)
{
    t->first_command_us = (int64_t)dc_reader_u64le(r);
    t->swap_us = (int64_t)dc_reader_u64le(r);
    t->present_us = (int64_t)dc_reader_u64le(r);
    t->execute_us = (int64_t)dc_reader_u64le(r);
    t->convert_us = (int64_t)dc_reader_u64le(r);
    t->encode_us = (int64_t)dc_reader_u64le(r);
    t->send_us = (int64_t)dc_reader_u64le(r);
}

bool
dc_packet_unpack(const void *message, size_t size_bytes, struct dc_packet *packet)
{
    struct dc_reader r;
    dc_reader_init(&r, message, size_bytes);
    *packet = (struct dc_packet){ 0 };
    uint8_t kind = dc_reader_u8(&r), keyframe = dc_reader_u8(&r);
    packet->meta.input_id_count = dc_reader_u8(&r);
    dc_reader_u8(&r);
    packet->duration = dc_reader_u32le(&r);
    packet->timestamp = dc_reader_u64le(&r);
    packet->meta.frame_id = dc_reader_u64le(&r);
    packet->meta.reference_id = dc_reader_u64le(&r);
    unpack_times(&r, &packet->meta.times);
    if ((kind != DC_PACKET_VIDEO_H264 && kind != DC_PACKET_AUDIO_OPUS) || keyframe > 1 ||
        packet->meta.input_id_count > DC_FRAME_MAX_INPUT_IDS)
        return false;
    for (uint32_t i = 0; i < packet->meta.input_id_count; i++)
        packet->meta.input_ids[i] = dc_reader_u64le(&r);
    packet->kind = (enum dc_packet_kind)kind;
    packet->keyframe = keyframe;
    packet->size_bytes = dc_reader_left(&r);
    packet->data = dc_reader_bytes(&r, packet->size_bytes);
    return !r.failed;
}
