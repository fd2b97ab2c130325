#include <protocol/link/command_codec.h>

#include <stdlib.h>
#include <string.h>

#include <lz4.h>

#define WINDOW_BYTES (64u << 10) // how far a block may refer back
#define HISTORY_BYTES (512u << 10)
#define MIN_PACK_BYTES 32u // a head and a system call dwarf what would be gained

/* The last bytes of the stream, the newest at `used`. When a piece would not fit, the window moves to the front. */
struct history {
    size_t used;
    uint8_t bytes[HISTORY_BYTES];
};

struct dc_command_packer {
    LZ4_stream_t stream;
    struct history history;
    uint8_t out[DC_COMMAND_PACKED_MAX_BYTES];
};

struct dc_command_unpacker {
    struct history history;
};

_Static_assert(DC_COMMAND_PACKED_MAX_BYTES >= LZ4_COMPRESSBOUND(DC_REPLICATION_MAX_PIECE_BYTES) + 4, "bound of a block");

/* Room for a piece at history->bytes + history->used. true: the window has moved. */
static bool
make_room(struct history *history, size_t size_bytes)
{
    if (HISTORY_BYTES - history->used >= size_bytes)
        return false;
    memmove(history->bytes, history->bytes + history->used - WINDOW_BYTES, WINDOW_BYTES);
    history->used = WINDOW_BYTES;
    return true;
}

struct dc_command_packer *
dc_command_packer_create(void)
{
    struct dc_command_packer *packer = malloc(sizeof(*packer));
    if (!packer)
        return NULL;
    packer->history.used = 0;
    LZ4_initStream(&packer->stream, sizeof(packer->stream));
    return packer;
}

void
dc_command_packer_destroy(struct dc_command_packer *packer)
{
    free(packer);
}

const uint8_t *
dc_command_pack(struct dc_command_packer *packer, const uint8_t *data, size_t size_bytes, size_t *packed_bytes,
                bool *is_packed)
{
    struct history *history = &packer->history;
    if (make_room(history, size_bytes))
        LZ4_loadDict(&packer->stream, (const char *)history->bytes, WINDOW_BYTES);
    uint8_t *raw = history->bytes + history->used;
    memcpy(raw, data, size_bytes); // once: the application may write there
    history->used += size_bytes;
    int packed = LZ4_compress_fast_continue(&packer->stream, (const char *)raw, (char *)packer->out + 4, (int)size_bytes,
                                            (int)sizeof(packer->out) - 4, 1);
    *is_packed = size_bytes >= MIN_PACK_BYTES && packed > 0 && (size_t)packed + 4 < size_bytes;
    *packed_bytes = *is_packed ? (size_t)packed + 4 : size_bytes;
    if (!*is_packed)
        return raw;
    for (int i = 0; i < 4; i++)
        packer->out[i] = (uint8_t)(size_bytes >> 8 * i);
    return packer->out;
}

struct dc_command_unpacker *
dc_command_unpacker_create(void)
{
    struct dc_command_unpacker *unpacker = malloc(sizeof(*unpacker));
    if (unpacker)
        unpacker->history.used = 0;
    return unpacker;
}

void
dc_command_unpacker_destroy(struct dc_command_unpacker *unpacker)
{
    free(unpacker);
}

static size_t
read_raw_size(const uint8_t *data)
{
    return data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16 | (size_t)data[3] << 24;
}

const uint8_t *
dc_command_unpack(struct dc_command_unpacker *unpacker, const uint8_t *data, size_t size_bytes, bool is_packed,
                  size_t *raw_bytes)
{
    struct history *history = &unpacker->history;
    *raw_bytes = !is_packed ? size_bytes : size_bytes > 4 ? read_raw_size(data) : 0;
    if (!*raw_bytes || *raw_bytes > DC_REPLICATION_MAX_PIECE_BYTES || size_bytes > DC_COMMAND_PACKED_MAX_BYTES)
        return NULL;
    make_room(history, *raw_bytes);
    uint8_t *raw = history->bytes + history->used;
    size_t window = history->used < WINDOW_BYTES ? history->used : WINDOW_BYTES;
    if (!is_packed)
        memcpy(raw, data, size_bytes);
    else if (LZ4_decompress_safe_usingDict((const char *)data + 4, (char *)raw, (int)size_bytes - 4, (int)*raw_bytes,
                                           (const char *)raw - window, (int)window) != (int)*raw_bytes)
        return NULL;
    history->used += *raw_bytes;
    return raw;
}
