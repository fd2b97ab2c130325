#ifndef DC_COMMAND_SERVER_UPLOAD_STORE_H
#define DC_COMMAND_SERVER_UPLOAD_STORE_H
/*
 * dc-render's kept uploads (upload_segment.h): sealed files, each of one tenant, numbered by epochs that only grow. Within
 * a tenant's quota and the whole, those go first that nobody used for the longest time. The main process looks at no byte
 * of them. One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "capability.h"

struct dc_upload_segment;

struct dc_upload_quotas {
    uint64_t total_bytes;  // 0: nothing is kept
    uint64_t tenant_bytes;
    bool shared; // the operator says that uploads are no secret between tenants: all are one
};
#define DC_UPLOAD_QUOTAS_DEFAULT { .total_bytes = 1ull << 30, .tenant_bytes = 512ull << 20 }
// Each is an open file.
#define DC_UPLOAD_SEGMENTS_MAX 512u
#define DC_UPLOAD_TENANT_SEGMENTS_MAX 128u

struct dc_upload_store {
    struct dc_upload_quotas quotas;
    struct dc_upload_segment *first; // owned
    uint64_t used_bytes, last_epoch, uses;
    /* Required. The segment of `scope` goes; the descriptor is still open. */
    void (*handle_evict)(void *user, const char *scope, uint64_t epoch);
    void *user;
};

void dc_upload_store_init(struct dc_upload_store *store, const struct dc_upload_quotas *quotas,
                          void (*handle_evict)(void *user, const char *scope, uint64_t epoch), void *user);
void dc_upload_store_finish(struct dc_upload_store *store);
/* Whose uploads a tenant's instances see: its own name, or one for all. */
const char *dc_upload_store_scope(const struct dc_upload_store *store, const char *tenant);
/* Raw bytes that one link may have kept: half of the tenant's, so that a program that makes new data for ever does not
 * drive out what its next start would find. */
uint64_t dc_upload_store_link_budget(const struct dc_upload_store *store);
/* Takes ownership of the file. Its epoch, 0 if it is no segment or too large to keep. */
uint64_t dc_upload_store_add(struct dc_upload_store *store, const char *scope, int memfd);
/* false: that scope has no such segment. */
bool dc_upload_store_use(struct dc_upload_store *store, const char *scope, uint64_t epoch);
/* Calls found for every segment of a scope; `memfd` is borrowed. */
void dc_upload_store_each(struct dc_upload_store *store, const char *scope,
                          void (*found)(void *user, uint64_t epoch, int memfd), void *user);

#endif
