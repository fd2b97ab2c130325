#include "upload_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x47534344u // "DCSG"
#define VERSION 1u
#define HEADER_BYTES 16u
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

_Static_assert(sizeof(struct dc_segment_entry) == 40, "entries lie in the file as they are");

void
dc_segment_writer_init(struct dc_segment_writer *writer)
{
    *writer = (struct dc_segment_writer){ .memfd = -1 };
}

void
dc_segment_writer_finish(struct dc_segment_writer *writer)
{
    if (writer->map)
        munmap(writer->map, DC_SEGMENT_MAX_BYTES);
    if (writer->memfd >= 0)
        close(writer->memfd);
    free(writer->entries);
    dc_segment_writer_init(writer);
}

static bool
begin(struct dc_segment_writer *writer)
{
    writer->memfd = memfd_create("dc-uploads", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (writer->memfd < 0 || ftruncate(writer->memfd, DC_SEGMENT_MAX_BYTES) < 0)
        goto fail;
    void *map = mmap(NULL, DC_SEGMENT_MAX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, writer->memfd, 0);
    if (map == MAP_FAILED)
        goto fail;
    writer->map = map;
    writer->entries = malloc(DC_SEGMENT_MAX_CHUNKS * sizeof(*writer->entries));
    writer->used = HEADER_BYTES;
    if (writer->entries)
        return true;
fail:
    dc_segment_writer_finish(writer);
    return false;
}

bool
dc_segment_writer_is_full(const struct dc_segment_writer *writer, uint32_t size_bytes)
{
    return writer->map && (writer->count == DC_SEGMENT_MAX_CHUNKS ||
                           writer->used + size_bytes > HEADER_BYTES + DC_SEGMENT_DATA_BYTES);
}

bool
dc_segment_writer_add(struct dc_segment_writer *writer, const struct dc_digest *digest, const void *data,
                      uint32_t size_bytes)
{
    if (dc_segment_writer_is_full(writer, size_bytes) || (!writer->map && !begin(writer)))
        return false;
    memcpy(writer->map + writer->used, data, size_bytes);
    writer->entries[writer->count++] = (struct dc_segment_entry){ *digest, writer->used, size_bytes };
    writer->used += size_bytes;
    return true;
}

int
dc_segment_writer_seal(struct dc_segment_writer *writer)
{
    uint32_t data_end = (writer->used + 7) & ~7u;
    const uint32_t header[4] = { MAGIC, VERSION, writer->count, data_end };
    size_t index_bytes = writer->count * sizeof(*writer->entries);
    memcpy(writer->map, header, sizeof(header));
    memcpy(writer->map + data_end, writer->entries, index_bytes);
    munmap(writer->map, DC_SEGMENT_MAX_BYTES); // a writable mapping keeps F_SEAL_WRITE away
    writer->map = NULL;
    int memfd = writer->memfd, error = 0;
    writer->memfd = -1;
    if (ftruncate(memfd, (off_t)(data_end + index_bytes)) < 0 || fcntl(memfd, F_ADD_SEALS, SEALS) < 0) {
        error = -errno;
        close(memfd);
    }
    dc_segment_writer_finish(writer);
    return error ? error : memfd;
}

uint64_t
dc_segment_check_file(int memfd)
{
    struct stat st;
    int seals = fcntl(memfd, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS || fstat(memfd, &st) < 0 || st.st_size < (off_t)HEADER_BYTES ||
        st.st_size > (off_t)DC_SEGMENT_MAX_BYTES)
        return 0;
    return (uint64_t)st.st_size;
}

static bool
check_index(struct dc_segment *segment)
{
    uint32_t header[4];
    memcpy(header, segment->map, sizeof(header));
    uint32_t data_end = header[3];
    segment->count = header[2];
    if (header[0] != MAGIC || header[1] != VERSION || !segment->count || segment->count > DC_SEGMENT_MAX_CHUNKS ||
        data_end % 8 || data_end < HEADER_BYTES || data_end > segment->map_bytes ||
        segment->map_bytes - data_end != segment->count * sizeof(*segment->entries))
        return false;
    segment->entries = (const struct dc_segment_entry *)(const void *)(segment->map + data_end);
    for (uint32_t i = 0; i < segment->count; i++) {
        const struct dc_segment_entry *entry = &segment->entries[i];
        if (entry->size_bytes < DC_BULK_CHUNK_MIN_BYTES || entry->size_bytes > DC_BULK_CHUNK_MAX_BYTES ||
            entry->offset < HEADER_BYTES || entry->offset > data_end || entry->size_bytes > data_end - entry->offset)
            return false;
    }
    return true;
}

bool
dc_segment_map(struct dc_segment *segment, int memfd)
{
    *segment = (struct dc_segment){ .map_bytes = dc_segment_check_file(memfd) };
    if (!segment->map_bytes)
        return false;
    void *map = mmap(NULL, segment->map_bytes, PROT_READ, MAP_SHARED, memfd, 0);
    if (map == MAP_FAILED)
        return false;
    segment->map = map;
    if (check_index(segment))
        return true;
    dc_segment_unmap(segment);
    return false;
}

void
dc_segment_unmap(struct dc_segment *segment)
{
    if (segment->map)
        munmap((void *)segment->map, segment->map_bytes);
    *segment = (struct dc_segment){ 0 };
}
