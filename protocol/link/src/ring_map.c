#define DC_LOG_COMPONENT "link"
#include "ring_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <common/log.h>

#define MAX_AREA_BYTES (1u << 30)
#define RING_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool
area_is_valid(uint32_t size_bytes)
{
    return size_bytes >= page_bytes() && size_bytes <= MAX_AREA_BYTES && (size_bytes & (size_bytes - 1)) == 0;
}

static bool
geometry_is_valid(const struct dc_ring_geometry *g)
{
    return area_is_valid(g->cmd_bytes) && area_is_valid(g->bulk_bytes) && area_is_valid(g->reply_bytes);
}

static uint64_t
file_bytes(const struct dc_ring_geometry *g)
{
    return (uint64_t)page_bytes() + g->cmd_bytes + g->bulk_bytes + g->reply_bytes;
}

// Reserves twice the size and maps the same file range into both halves.
static uint8_t *
map_twice(int fd, uint64_t offset, size_t size_bytes)
{
    uint8_t *base = mmap(NULL, 2 * size_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    for (int half = 0; half < 2; half++) {
        if (mmap(base + half * size_bytes, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 (off_t)offset) == MAP_FAILED) {
            munmap(base, 2 * size_bytes);
            return NULL;
        }
    }
    return base;
}

static int
map_areas(struct dc_ring *ring)
{
    const struct dc_ring_geometry *g = &ring->geometry;
    uint64_t offset = page_bytes();
    ring->cmd = map_twice(ring->memfd, offset, g->cmd_bytes);
    offset += g->cmd_bytes;
    ring->bulk = map_twice(ring->memfd, offset, g->bulk_bytes);
    offset += g->bulk_bytes;
    ring->reply = map_twice(ring->memfd, offset, g->reply_bytes);
    return ring->cmd && ring->bulk && ring->reply ? 0 : -ENOMEM;
}

static int
map_shared_page(struct dc_ring *ring)
{
    void *page = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, ring->memfd, 0);
    if (page == MAP_FAILED)
        return -errno;
    ring->shared = page;
    return 0;
}

// A side that maps a ring in use starts where the page says it is; checks come with each use.
static void
load_own_positions(struct dc_ring *ring)
{
    const struct dc_ring_shared *s = ring->shared;
    ring->cmd_tail = load_acquire(&s->cmd_tail);
    ring->bulk_tail = load_acquire(&s->bulk_tail);
    ring->reply_tail = load_acquire(&s->reply_tail);
    ring->cmd_head = load_acquire(&s->cmd_head);
    ring->bulk_head = load_acquire(&s->bulk_head);
    ring->reply_head = load_acquire(&s->reply_head);
}

static bool
positions_are_valid(const struct dc_ring *r)
{
    const struct dc_ring_geometry *g = &r->geometry;
    return r->cmd_head - r->cmd_tail <= g->cmd_bytes && r->bulk_head - r->bulk_tail <= g->bulk_bytes &&
           r->reply_head - r->reply_tail <= g->reply_bytes;
}

int
dc_ring_create(struct dc_ring *ring, const struct dc_ring_geometry *geometry)
{
    int error;
    *ring = (struct dc_ring){ .geometry = *geometry, .memfd = -1, .cmd_eventfd = -1 };
    if (!geometry_is_valid(geometry))
        return -EINVAL;
    ring->cmd_eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ring->memfd = memfd_create("dc-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ring->memfd < 0 || ring->cmd_eventfd < 0 || ftruncate(ring->memfd, (off_t)file_bytes(geometry)) < 0 ||
        fcntl(ring->memfd, F_ADD_SEALS, RING_SEALS) < 0) {
        error = -errno;
        goto fail;
    }
    error = map_shared_page(ring);
    if (!error)
        error = map_areas(ring);
    if (error)
        goto fail;
    ring->shared->geometry = *geometry;
    ring->shared->version = DC_RING_VERSION;
    ring->shared->epoch = 1;
    store_release(&ring->shared->magic, DC_RING_MAGIC);
    return 0;
fail:
    dc_ring_finish(ring);
    return error;
}

// Without the seals the other side could shrink the file and let us die of SIGBUS.
static int
check_memfd(int memfd, uint64_t *size_bytes)
{
    int seals = fcntl(memfd, F_GET_SEALS);
    struct stat st;
    if (seals < 0 || (seals & RING_SEALS) != RING_SEALS || fstat(memfd, &st) < 0)
        return -EPROTO;
    if (st.st_size < (off_t)page_bytes())
        return -EPROTO;
    *size_bytes = (uint64_t)st.st_size;
    return 0;
}

static int
check_page(struct dc_ring *ring, uint64_t size_bytes)
{
    const struct dc_ring_shared *s = ring->shared;
    if (load_acquire(&s->magic) != DC_RING_MAGIC || load_relaxed(&s->version) != DC_RING_VERSION)
        return -EPROTO;
    ring->geometry.cmd_bytes = load_relaxed(&s->geometry.cmd_bytes);
    ring->geometry.bulk_bytes = load_relaxed(&s->geometry.bulk_bytes);
    ring->geometry.reply_bytes = load_relaxed(&s->geometry.reply_bytes);
    if (!geometry_is_valid(&ring->geometry) || file_bytes(&ring->geometry) != size_bytes)
        return -EPROTO;
    return 0;
}

int
dc_ring_map(struct dc_ring *ring, int memfd, int cmd_eventfd)
{
    uint64_t size_bytes = 0;
    *ring = (struct dc_ring){ .memfd = memfd, .cmd_eventfd = cmd_eventfd };
    int error = memfd < 0 || cmd_eventfd < 0 ? -EBADF : check_memfd(memfd, &size_bytes);
    if (!error)
        error = map_shared_page(ring);
    if (!error)
        error = check_page(ring, size_bytes);
    if (!error)
        error = map_areas(ring);
    if (!error) {
        load_own_positions(ring);
        error = positions_are_valid(ring) ? 0 : -EPROTO;
    }
    if (error)
        dc_ring_finish(ring);
    return error;
}

static void
unmap(void *p, size_t size_bytes)
{
    if (p)
        munmap(p, size_bytes);
}

void
dc_ring_finish(struct dc_ring *ring)
{
    unmap(ring->cmd, 2 * (size_t)ring->geometry.cmd_bytes);
    unmap(ring->bulk, 2 * (size_t)ring->geometry.bulk_bytes);
    unmap(ring->reply, 2 * (size_t)ring->geometry.reply_bytes);
    unmap(ring->shared, page_bytes());
    if (ring->memfd >= 0)
        close(ring->memfd);
    if (ring->cmd_eventfd >= 0)
        close(ring->cmd_eventfd);
    if (ring->has_wake_eventfd)
        close(ring->wake_eventfd);
    *ring = (struct dc_ring){ .memfd = -1, .cmd_eventfd = -1 };
}
