#ifndef DC_COMMAND_SERVER_UPLOAD_HUB_H
#define DC_COMMAND_SERVER_UPLOAD_HUB_H
/* The store of uploads and who may see what of it: processes of bulk connections, each of one tenant, on the sockets of
 * store_message.h. Main process only, one thread. */
#include "store_message.h"
#include "upload_store.h"

struct dc_upload_hub;

struct dc_upload_member { // zeroed: has not joined
    struct dc_upload_member *next;
    struct dc_upload_hub *hub;
    int fd; // borrowed
    char scope[DC_INSTANCE_NAME_MAX + 1];
};

struct dc_upload_hub {
    struct dc_upload_store store;
    struct dc_upload_member *members; // borrowed, linked
};

/* The hub stays where it is. */
void dc_upload_hub_init(struct dc_upload_hub *hub, const struct dc_upload_quotas *quotas);
void dc_upload_hub_finish(struct dc_upload_hub *hub);
/* Hears of all that its tenant has, now and later. */
void dc_upload_hub_join(struct dc_upload_hub *hub, struct dc_upload_member *member, int fd, const char *tenant);
/* Accepts one that has not joined. */
void dc_upload_hub_leave(struct dc_upload_member *member);
/* Takes what the member says. false: it is gone, or talks nonsense; what it said before is taken. */
bool dc_upload_hub_read(struct dc_upload_member *member);

#endif
