#include "line.h"

#define DEFAULT_QUEUE_US 1000000

void
dc_line_init(struct dc_line *line, const struct dc_line_config *config, uint64_t seed)
{
    *line = (struct dc_line){ .config = *config, .random = seed };
    if (!line->config.queue_us)
        line->config.queue_us = DEFAULT_QUEUE_US;
}

/* SplitMix64: even in [0, 1). */
static double
next_random(struct dc_line *line)
{
    uint64_t z = line->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Gilbert: a run ends after each loss with 1 / burst, and begins so often that the share of losses is right. */
static bool
is_lost(struct dc_line *line)
{
    double loss = line->config.loss, burst = line->config.burst, random = next_random(line);
    if (burst <= 1 || loss >= 1)
        return random < loss;
    double leave = 1 / burst;
    line->in_burst = line->in_burst ? random >= leave : random < leave * loss / (1 - loss);
    return line->in_burst;
}

static uint64_t
rate_bps(const struct dc_line *line, int64_t now_us)
{
    uint64_t bps = 0;
    for (unsigned i = 0; i < line->config.rate_count; i++)
        if (now_us >= line->config.rates[i].from_us)
            bps = line->config.rates[i].bps;
    return bps;
}

int64_t
dc_line_queue_us(const struct dc_line *line, int64_t now_us)
{
    return line->free_us > now_us ? line->free_us - now_us : 0;
}

bool
dc_line_offer(struct dc_line *line, size_t size_bytes, int64_t now_us, int64_t *due_us)
{
    const struct dc_line_config *config = &line->config;
    uint64_t bps = rate_bps(line, now_us);
    // Always drawn, so that one setting does not change another's fates.
    bool lost = is_lost(line), reordered = next_random(line) < config->reorder;
    double jitter = next_random(line);
    line->counters.datagrams++;
    line->counters.bytes += size_bytes;
    if (now_us >= config->outage_from_us && now_us < config->outage_from_us + config->outage_us) {
        line->counters.dropped_outage++;
        return false;
    }
    if (lost) {
        line->counters.lost++;
        return false;
    }
    int64_t queue_us = dc_line_queue_us(line, now_us);
    if (bps && queue_us > config->queue_us) {
        line->counters.dropped_queue++;
        return false;
    }
    if (queue_us > line->counters.queue_max_us)
        line->counters.queue_max_us = queue_us;
    line->free_us = now_us + queue_us + (bps ? (int64_t)(size_bytes * 8000000 / bps) : 0);
    *due_us = line->free_us + config->delay_us + (int64_t)(jitter * (double)config->jitter_us);
    if (*due_us < line->last_due_us)
        *due_us = line->last_due_us;
    line->last_due_us = *due_us;
    if (reordered) {
        line->counters.reordered++;
        *due_us += config->reorder_us;
    }
    line->counters.passed++;
    return true;
}
