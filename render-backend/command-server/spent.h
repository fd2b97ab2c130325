#ifndef DC_COMMAND_SERVER_SPENT_H
#define DC_COMMAND_SERVER_SPENT_H
/*
 * Capabilities that were used, remembered until they would have expired anyway. Kept in a journal beside the key file
 * too, so that a restarted server does not accept them a second time. One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capability.h"

struct dc_spent_entry {
    int64_t expiry_s;
    uint8_t nonce[DC_CAPABILITY_NONCE_BYTES];
};

struct dc_spent {
    struct dc_spent_entry *entries; // owned
    size_t count, capacity;
    int journal_fd; // -1: in memory only
};

/* `journal_path` may be NULL. An unwritable journal is a warning. */
void dc_spent_init(struct dc_spent *spent, const char *journal_path, int64_t now_s);
void dc_spent_finish(struct dc_spent *spent);
/* NULL: it was new and is spent now; otherwise the reason for people. */
const char *dc_spent_use(struct dc_spent *spent, const struct dc_capability *capability, int64_t now_s);

#endif
