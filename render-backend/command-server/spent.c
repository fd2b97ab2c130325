#include "spent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>

#define MAX_ENTRIES 65536u

static void
forget_expired(struct dc_spent *spent, int64_t now_s)
{
    size_t kept = 0;
    for (size_t i = 0; i < spent->count; i++) {
        if (spent->entries[i].expiry_s > now_s)
            spent->entries[kept++] = spent->entries[i];
    }
    spent->count = kept;
}

static bool
append(struct dc_spent *spent, const struct dc_spent_entry *entry)
{
    if (spent->count == spent->capacity) {
        size_t capacity = spent->capacity ? spent->capacity * 2 : 64;
        struct dc_spent_entry *entries = realloc(spent->entries, capacity * sizeof *entries);
        if (!entries)
            return false;
        spent->entries = entries;
        spent->capacity = capacity;
    }
    spent->entries[spent->count++] = *entry;
    return true;
}

void
dc_spent_init(struct dc_spent *spent, const char *journal_path, int64_t now_s)
{
    *spent = (struct dc_spent){ .journal_fd = -1 };
    if (!journal_path)
        return;
    spent->journal_fd = open(journal_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (spent->journal_fd < 0) {
        dc_warn("journal of used capabilities %s: %s; a restart forgets them", journal_path, strerror(errno));
        return;
    }
    struct dc_spent_entry entry;
    while (spent->count < MAX_ENTRIES && read(spent->journal_fd, &entry, sizeof entry) == (ssize_t)sizeof entry) {
        if (entry.expiry_s > now_s && !append(spent, &entry))
            break;
    }
    // Rewritten at each start without what expired, so it does not grow for ever.
    if (ftruncate(spent->journal_fd, 0) < 0 || lseek(spent->journal_fd, 0, SEEK_SET) < 0 ||
        write(spent->journal_fd, spent->entries, spent->count * sizeof entry) < 0)
        dc_warn("journal of used capabilities %s: %s", journal_path, strerror(errno));
}

void
dc_spent_finish(struct dc_spent *spent)
{
    if (spent->journal_fd >= 0)
        close(spent->journal_fd);
    free(spent->entries);
    *spent = (struct dc_spent){ .journal_fd = -1 };
}

const char *
dc_spent_use(struct dc_spent *spent, const struct dc_capability *capability, int64_t now_s)
{
    for (size_t i = 0; i < spent->count; i++) {
        if (memcmp(spent->entries[i].nonce, capability->nonce, sizeof capability->nonce) == 0)
            return "capability was used before";
    }
    forget_expired(spent, now_s);
    struct dc_spent_entry entry = { .expiry_s = capability->expiry_s };
    memcpy(entry.nonce, capability->nonce, sizeof entry.nonce);
    if (spent->count >= MAX_ENTRIES || !append(spent, &entry))
        return "too many capabilities in use";
    if (spent->journal_fd >= 0 && write(spent->journal_fd, &entry, sizeof entry) != (ssize_t)sizeof entry)
        dc_warn("journal of used capabilities: %s", strerror(errno));
    return NULL;
}
