#ifndef DC_COMMON_Y4M_H
#define DC_COMMON_Y4M_H
/*
 * Pictures in a file that FFmpeg and others read: YUV4MPEG2, 4:2:0, each frame's line with its id ("FRAME XID=7"). For
 * measuring (./run bench quality), not for playing: 83 MB a second at 720p60. One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

struct dc_y4m {
    int fd; // owned; -1: none
    uint32_t width, height; // 0: nothing was written yet
    bool failed;
};

/* Creates the file, or empties it; -errno. */
int dc_y4m_open(struct dc_y4m *y4m, const char *path);
/* Y, U, V planes of a picture of even size. A file holds pictures of one size: the first of another ends it, as does a full
 * disk; that is logged once, and false from then on. */
bool dc_y4m_write(struct dc_y4m *y4m, uint64_t id, uint32_t width, uint32_t height, const uint8_t *const planes[3],
                  const int32_t strides[3]);
/* Accepts a closed one. */
void dc_y4m_close(struct dc_y4m *y4m);

#endif
