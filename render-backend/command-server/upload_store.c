#include "upload_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "upload_segment.h"

struct dc_upload_segment {
    struct dc_upload_segment *next;
    char scope[DC_INSTANCE_NAME_MAX + 1];
    uint64_t epoch, size_bytes;
    uint64_t last_use; // store->uses at that time
    int memfd;         // owned
};

void
dc_upload_store_init(struct dc_upload_store *store, const struct dc_upload_quotas *quotas,
                     void (*handle_evict)(void *user, const char *scope, uint64_t epoch), void *user)
{
    *store = (struct dc_upload_store){ .quotas = *quotas, .handle_evict = handle_evict, .user = user };
    if (store->quotas.tenant_bytes > store->quotas.total_bytes)
        store->quotas.tenant_bytes = store->quotas.total_bytes;
}

static void
drop(struct dc_upload_store *store, struct dc_upload_segment *segment)
{
    struct dc_upload_segment **at = &store->first;
    while (*at != segment)
        at = &(*at)->next;
    *at = segment->next;
    store->used_bytes -= segment->size_bytes;
    close(segment->memfd);
    free(segment);
}

void
dc_upload_store_finish(struct dc_upload_store *store)
{
    while (store->first)
        drop(store, store->first);
}

const char *
dc_upload_store_scope(const struct dc_upload_store *store, const char *tenant)
{
    return store->quotas.shared ? "" : tenant; // no tenant's name is empty
}

uint64_t
dc_upload_store_link_budget(const struct dc_upload_store *store)
{
    return store->quotas.tenant_bytes / 2;
}

static struct dc_upload_segment *
find_oldest(const struct dc_upload_store *store, const char *scope, uint64_t *scope_bytes, uint32_t *scope_count)
{
    struct dc_upload_segment *oldest = NULL;
    *scope_bytes = 0;
    *scope_count = 0;
    for (struct dc_upload_segment *s = store->first; s; s = s->next) {
        if (scope && strcmp(s->scope, scope) != 0)
            continue;
        *scope_bytes += s->size_bytes;
        ++*scope_count;
        if (!oldest || s->last_use < oldest->last_use)
            oldest = s;
    }
    return oldest;
}

static void
evict_for(struct dc_upload_store *store, const char *scope, uint64_t size_bytes)
{
    for (;;) {
        uint64_t scope_bytes, all_bytes;
        uint32_t scope_count, all_count;
        struct dc_upload_segment *of_scope = find_oldest(store, scope, &scope_bytes, &scope_count);
        struct dc_upload_segment *of_all = find_oldest(store, NULL, &all_bytes, &all_count), *victim = NULL;
        if (scope_bytes + size_bytes > store->quotas.tenant_bytes || scope_count >= DC_UPLOAD_TENANT_SEGMENTS_MAX)
            victim = of_scope;
        else if (all_bytes + size_bytes > store->quotas.total_bytes || all_count >= DC_UPLOAD_SEGMENTS_MAX)
            victim = of_all;
        if (!victim)
            return;
        store->handle_evict(store->user, victim->scope, victim->epoch);
        drop(store, victim);
    }
}

uint64_t
dc_upload_store_add(struct dc_upload_store *store, const char *scope, int memfd)
{
    uint64_t size_bytes = dc_segment_check_file(memfd);
    struct dc_upload_segment *segment = NULL;
    if (size_bytes && size_bytes <= store->quotas.tenant_bytes)
        segment = calloc(1, sizeof(*segment));
    if (!segment) {
        close(memfd);
        return 0;
    }
    evict_for(store, scope, size_bytes);
    *segment = (struct dc_upload_segment){ .next = store->first, .epoch = ++store->last_epoch, .size_bytes = size_bytes,
                                           .last_use = ++store->uses, .memfd = memfd };
    snprintf(segment->scope, sizeof(segment->scope), "%s", scope);
    store->first = segment;
    store->used_bytes += size_bytes;
    return segment->epoch;
}

bool
dc_upload_store_use(struct dc_upload_store *store, const char *scope, uint64_t epoch)
{
    for (struct dc_upload_segment *s = store->first; s; s = s->next) {
        if (s->epoch == epoch && strcmp(s->scope, scope) == 0) {
            s->last_use = ++store->uses;
            return true;
        }
    }
    return false;
}

void
dc_upload_store_each(struct dc_upload_store *store, const char *scope,
                     void (*found)(void *user, uint64_t epoch, int memfd), void *user)
{
    for (struct dc_upload_segment *s = store->first; s; s = s->next) {
        if (strcmp(s->scope, scope) == 0)
            found(user, s->epoch, s->memfd);
    }
}
