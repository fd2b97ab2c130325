#include <common/y4m.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "y4m"
#include <common/log.h>

#define ROWS_AT_ONCE 256 // of one writev()

int
dc_y4m_open(struct dc_y4m *y4m, const char *path)
{
    *y4m = (struct dc_y4m){ .fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) };
    return y4m->fd < 0 ? -errno : 0;
}

void
dc_y4m_close(struct dc_y4m *y4m)
{
    if (y4m->fd >= 0)
        close(y4m->fd);
    *y4m = (struct dc_y4m){ .fd = -1 };
}

static bool
write_all(int fd, struct iovec *parts, int count)
{
    while (count) {
        ssize_t written = writev(fd, parts, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        for (; count && (size_t)written >= parts->iov_len; parts++, count--)
            written -= (ssize_t)parts->iov_len;
        if (count) {
            parts->iov_base = (char *)parts->iov_base + written;
            parts->iov_len -= (size_t)written;
        }
    }
    return true;
}

static bool
write_plane(int fd, const uint8_t *plane, int32_t stride, uint32_t width, uint32_t height)
{
    struct iovec rows[ROWS_AT_ONCE];
    for (uint32_t y = 0; y < height;) {
        int count = 0;
        for (; count < ROWS_AT_ONCE && y < height; y++)
            rows[count++] = (struct iovec){ .iov_base = (void *)(plane + (ptrdiff_t)y * stride), .iov_len = width };
        if (!write_all(fd, rows, count))
            return false;
    }
    return true;
}

static bool
write_line(int fd, char *text)
{
    return write_all(fd, &(struct iovec){ .iov_base = text, .iov_len = strlen(text) }, 1);
}

static bool
write_header(struct dc_y4m *y4m, uint32_t width, uint32_t height)
{
    char text[96];
    snprintf(text, sizeof text, "YUV4MPEG2 W%" PRIu32 " H%" PRIu32 " F60:1 Ip A1:1 C420\n", width, height);
    y4m->width = width;
    y4m->height = height;
    return write_line(y4m->fd, text);
}

static bool
write_picture(struct dc_y4m *y4m, uint64_t id, const uint8_t *const planes[3], const int32_t strides[3])
{
    char text[48];
    snprintf(text, sizeof text, "FRAME XID=%" PRIu64 "\n", id);
    if (!write_line(y4m->fd, text))
        return false;
    for (int i = 0; i < 3; i++)
        if (!write_plane(y4m->fd, planes[i], strides[i], y4m->width >> (i > 0), y4m->height >> (i > 0)))
            return false;
    return true;
}

bool
dc_y4m_write(struct dc_y4m *y4m, uint64_t id, uint32_t width, uint32_t height, const uint8_t *const planes[3],
             const int32_t strides[3])
{
    if (y4m->fd < 0 || y4m->failed)
        return false;
    if (y4m->width && (y4m->width != width || y4m->height != height)) {
        y4m->failed = true;
        dc_warn("frame %" PRIu64 " is of another size: no more frames are written", id);
    } else if ((!y4m->width && !write_header(y4m, width, height)) || !write_picture(y4m, id, planes, strides)) {
        y4m->failed = true;
        dc_error("frame %" PRIu64 " cannot be written: %s", id, strerror(errno));
    }
    return !y4m->failed;
}
