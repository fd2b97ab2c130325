#include "backlog.h"

#define MARGIN_US 1000        // rather a little too early: a frame that waits a millisecond, not a worker
#define APP_MAX_US 50000      // an application that takes longer was not drawing all that time
#define SERVICE_MAX_US 100000 // one shader that compiles says nothing about the next frame
#define SILENCE_US 250000
#define MAX_IN_FLIGHT 3       // presents at the worker; those on the way there, or answers on the way back, count extra
#define MAX_ON_THE_WAY 12
#define FRAME_US 16667

static int64_t
min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t
max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The mean of about the last eight. */
static void
average(int64_t *mean_us, int64_t sample_us)
{
    *mean_us = *mean_us ? *mean_us + (sample_us - *mean_us) / 8 : sample_us;
}

void
dc_backlog_handle_callbacks(struct dc_backlog *backlog, int64_t now_us)
{
    backlog->callback_us = now_us;
}

void
dc_backlog_handle_present(struct dc_backlog *backlog, uint64_t present_id, int64_t now_us)
{
    if (backlog->callback_us) {
        average(&backlog->app_us, min(now_us - backlog->callback_us, APP_MAX_US));
        backlog->callback_us = 0;
    }
    backlog->sent_id = present_id;
    backlog->sent_us[present_id % DC_BACKLOG_PRESENTS] = now_us;
}

void
dc_backlog_handle_done(struct dc_backlog *backlog, uint64_t present_id, int64_t now_us)
{
    if (present_id <= backlog->done_id || present_id > backlog->sent_id)
        return;
    if (backlog->sent_id - present_id < DC_BACKLOG_PRESENTS) {
        int64_t begin_us = max(backlog->sent_us[present_id % DC_BACKLOG_PRESENTS] + backlog->rtt_us, backlog->done_us);
        average(&backlog->service_us, min(max(now_us - begin_us, 0), SERVICE_MAX_US));
    }
    backlog->done_id = present_id;
    backlog->done_us = now_us;
}

static uint64_t
max_in_flight(const struct dc_backlog *backlog)
{
    int64_t on_the_way = backlog->rtt_us < 1000 ? 0 : backlog->rtt_us / FRAME_US + 1;
    return MAX_IN_FLIGHT + (uint64_t)min(on_the_way, MAX_ON_THE_WAY);
}

int64_t
dc_backlog_ready_us(const struct dc_backlog *backlog, int64_t now_us)
{
    uint64_t waiting = backlog->sent_id - backlog->done_id;
    int64_t silence_us = backlog->sent_us[backlog->sent_id % DC_BACKLOG_PRESENTS] + SILENCE_US;
    if (waiting == 0)
        return now_us;
    if (waiting > max_in_flight(backlog))
        return silence_us;
    int64_t sent_us = backlog->sent_us[(backlog->done_id + 1) % DC_BACKLOG_PRESENTS];
    int64_t begin_us = max(sent_us + backlog->rtt_us, backlog->done_us);
    int64_t end_us = begin_us + (int64_t)waiting * backlog->service_us; // when we hear of the last
    end_us = max(end_us, now_us);
    int64_t ready_us = end_us - backlog->rtt_us - backlog->app_us - MARGIN_US;
    return min(ready_us, silence_us);
}
