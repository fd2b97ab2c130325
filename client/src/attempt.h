#ifndef DC_CLIENT_ATTEMPT_H
#define DC_CLIENT_ATTEMPT_H
/*
 * One attempt to connect, and what ends it early. The first one of a session is made before anybody reads signals: they kill,
 * as usual. A later one is made behind a window that is open: a signal, the player's end or the time ends the attempt alone.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DC_ATTEMPT_STEP_US 100000 // how long nobody looks whether it is over

struct dc_attempt {
    bool signals_kill;       // then nothing below counts
    const atomic_bool *stop; // borrowed
    int64_t until_us;
};

extern const struct dc_attempt dc_attempt_first;

/* Looks, waits for nothing. */
bool dc_attempt_is_over(const struct dc_attempt *attempt);
/* The time until which to wait before looking again, at most `until_us`. */
int64_t dc_attempt_next_us(const struct dc_attempt *attempt, int64_t until_us);

#endif
