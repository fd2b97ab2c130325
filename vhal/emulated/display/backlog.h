#ifndef DC_DISPLAY_BACKLOG_H
#define DC_DISPLAY_BACKLOG_H
/*
 * How much work the render worker still has, in time. A worker that needs longer than a period for a frame would otherwise
 * always have several frames waiting, each with input that is that much older. So the application is let go on just so
 * early that its next frame is there when the worker comes free: the worker never waits, and no frame does either.
 * Pure arithmetic; every time is CLOCK_MONOTONIC in µs, handed in.
 */
#include <stdint.h>

#define DC_BACKLOG_PRESENTS 32u // whose times are remembered

struct dc_backlog {
    uint64_t sent_id, done_id;
    int64_t sent_us[DC_BACKLOG_PRESENTS]; // by id modulo
    int64_t done_us;     // when done_id was answered
    int64_t rtt_us;      // to the worker and back
    int64_t service_us;  // mean time that the worker takes for a present
    int64_t app_us;      // mean time from frame callbacks to the present that follows
    int64_t callback_us; // when frame callbacks went out; 0: a present has followed
};

void dc_backlog_handle_callbacks(struct dc_backlog *backlog, int64_t now_us);
/* Ids count up by one. */
void dc_backlog_handle_present(struct dc_backlog *backlog, uint64_t present_id, int64_t now_us);
void dc_backlog_handle_done(struct dc_backlog *backlog, uint64_t present_id, int64_t now_us);
/* When the application should begin its next frame; not after `now_us`: at once. A worker that does not answer holds
 * nobody for longer than a quarter of a second. */
int64_t dc_backlog_ready_us(const struct dc_backlog *backlog, int64_t now_us);

#endif
