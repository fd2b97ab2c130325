#ifndef DC_RENDERER_WATCHDOG_H
#define DC_RENDERER_WATCHDOG_H
/*
 * Who notices that a driver does not come back, be it that a shader loops, that it takes hours to compile, or that the GPU
 * hangs. The executor says when it is in the driver, which costs it three stores a batch; somebody else's thread looks
 * whether commands pass (dc_renderer_watch()). What the driver does after the executor has left it is seen by a fence
 * behind a swap, a flush or what comes before a rest, a few times a second at most, which the executor itself looks at while
 * it waits for commands.
 *
 * Where the driver draws on the CPU, time is the process's CPU time: a machine that has none to give is no hang. Hence what
 * waits without using any has six times as long.
 */
#include "renderer_private.h"

/* Executor thread, around all that enters the driver. */
void dc_watchdog_enter(struct dc_executor *executor);
void dc_watchdog_leave(struct dc_executor *executor);
/* Around a wait for others that happens inside of that. */
void dc_watchdog_wait_begin(struct dc_executor *executor);
void dc_watchdog_wait_end(struct dc_executor *executor);
/* After each batch. */
void dc_watchdog_note_batch(struct dc_executor *executor);
/* Before the current context is let go: a fence, if it has work that none is behind. */
void dc_watchdog_guard(struct dc_executor *executor);
/* false: x has failed, since the fence is older than allowed. `quiet`: no commands have come for a while. `*look_ms`: when to
 * look again, -1: never. */
bool dc_watchdog_check(struct dc_executor *executor, bool quiet, int *look_ms);
void dc_watchdog_finish(struct dc_executor *executor);

/* What counts of a time that took so long by the clock and so much of the process's CPU. */
int64_t dc_watchdog_elapsed_us(bool software, int64_t wall_us, int64_t cpu_us);

#endif
