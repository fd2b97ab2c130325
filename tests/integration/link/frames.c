/*
 * What a frame costs on a link by itself: batches and bulk to a worker that does nothing with them, and its answer.
 *
 *   bench-link-frames unix|tcp|rdma COMMAND_BYTES BULK_BYTES FRAMES
 *
 * One frame after the other, each waiting for its answer. CPU is that of the whole machine, kernel included (a software
 * RDMA device works in the kernel, for nobody's account): the machine must be idle otherwise. Certificates come from
 * dc-certs (DC_CERTS); rdma needs DC_TEST_RDMA_ADDRESS, which tcp uses as well then.
 */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>
#include "rig.h"

#define WARM_UP 20
#define MAX_FRAMES 5000

static struct rig rig;

// Jiffies that were not idle, of all processors.
static uint64_t
busy_jiffies(void)
{
    unsigned long long v[8] = { 0 };
    FILE *f = fopen("/proc/stat", "r");
    assert(f && fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6],
                       &v[7]) == 8);
    fclose(f);
    return v[0] + v[1] + v[2] + v[5] + v[6];
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// A frame as an application makes it: two batches, bulk before the first.
static int64_t
play_frame(struct dc_ring *ring, uint8_t *data, size_t command_bytes, size_t bulk_bytes, uint32_t serial)
{
    uint32_t nothing[2] = { OP_SLEEP, 0 }, sync[2] = { OP_SYNC, serial };
    uint64_t position, hash;
    int64_t start_us = dc_clock_now_us();
    for (size_t at = 0; at < bulk_bytes; at += 65536)
        assert(rig_bulk(ring, data, bulk_bytes - at < 65536 ? bulk_bytes - at : 65536, &position));
    memcpy(data, nothing, sizeof(nothing));
    assert(rig_submit(ring, data, command_bytes));
    assert(rig_submit(ring, sync, sizeof(sync)));
    assert(rig_answer(ring, serial, &hash, sizeof(hash)) == sizeof(hash));
    return dc_clock_now_us() - start_us;
}

int
main(int argc, char **argv)
{
    static const struct dc_ring_geometry geometry = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };
    static uint8_t data[262144];
    static int64_t times_us[MAX_FRAMES];
    if (argc != 5) {
        fprintf(stderr, "usage: bench-link-frames unix|tcp|rdma COMMAND_BYTES BULK_BYTES FRAMES\n");
        return 2;
    }
    size_t command_bytes = strtoul(argv[2], NULL, 10), bulk_bytes = strtoul(argv[3], NULL, 10);
    int frames = atoi(argv[4]);
    assert(command_bytes >= 8 && command_bytes <= sizeof(data) && frames > 0 && frames <= MAX_FRAMES);
    struct dc_ring ring;
    struct dc_link_stats before, after;
    rig_start(&rig);
    struct dc_link *link = rig_open(&rig, argv[1], "demo");
    assert(dc_ring_create(&ring, &geometry) == 0 && dc_link_attach_ring(link, 1, &ring, "bench") == 0);
    rig_send_start(link);
    assert(rig_wait(link, &rig.hello_count, 1));
    rig_pattern(data, sizeof(data), 1); // nothing that compression likes
    for (int i = 0; i < WARM_UP; i++)
        play_frame(&ring, data, command_bytes, bulk_bytes, (uint32_t)i + 1);
    dc_link_get_stats(link, &before);
    uint64_t busy = busy_jiffies();
    int64_t start_us = dc_clock_now_us();
    for (int i = 0; i < frames; i++) {
        rig_pattern(data, sizeof(data) / 64, (uint32_t)i); // never quite the same
        times_us[i] = play_frame(&ring, data, command_bytes, bulk_bytes, (uint32_t)(WARM_UP + i + 1));
    }
    int64_t all_us = dc_clock_now_us() - start_us;
    double cpu_us = (double)(busy_jiffies() - busy) * 1e6 / (double)sysconf(_SC_CLK_TCK) / frames;
    dc_link_get_stats(link, &after);
    qsort(times_us, (size_t)frames, sizeof(times_us[0]), compare);
    printf("%s commands %zu bulk %zu: p50 %d us, p95 %d us, cpu %.0f us/frame, wire out %.0f in %.0f bytes/frame, %.0f frames/s\n",
           after.kind, command_bytes, bulk_bytes, (int)times_us[frames / 2], (int)times_us[frames * 95 / 100], cpu_us,
           (double)(after.wire_bytes_out - before.wire_bytes_out) / frames,
           (double)(after.wire_bytes_in - before.wire_bytes_in) / frames, frames * 1e6 / (double)all_us);
    dc_link_destroy(link);
    dc_ring_finish(&ring);
    rig_finish(&rig);
    return strcmp(argv[1], "rdma") == 0 && strcmp(after.kind, "rdma") != 0;
}
