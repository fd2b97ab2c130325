#include "upload_hub.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>

/* Whoever may name the segment is told. */
static void
tell_evicted(void *user, const char *scope, uint64_t epoch)
{
    struct dc_upload_hub *hub = user;
    const struct dc_store_message message = { .kind = DC_STORE_EVICT, .epoch = epoch };
    dc_debug("uploads: segment %llu of %s goes", (unsigned long long)epoch, *scope ? scope : "all");
    for (struct dc_upload_member *member = hub->members; member; member = member->next) {
        if (strcmp(member->scope, scope) != 0 || dc_store_message_send(member->fd, &message, -1))
            continue;
        // It would go on naming what is gone, and hold the memory: its socket ends, and so does it.
        dc_warn("uploads: a bulk connection of %s does not listen", *scope ? scope : "a tenant");
        shutdown(member->fd, SHUT_RDWR);
    }
}

void
dc_upload_hub_init(struct dc_upload_hub *hub, const struct dc_upload_quotas *quotas)
{
    *hub = (struct dc_upload_hub){ 0 };
    dc_upload_store_init(&hub->store, quotas, tell_evicted, hub);
}

void
dc_upload_hub_finish(struct dc_upload_hub *hub)
{
    dc_upload_store_finish(&hub->store);
}

/* One that does not listen does not know, and its supervisor sends the chunks itself. */
static void
tell_added(const struct dc_upload_member *member, uint64_t epoch, int memfd, bool own)
{
    const struct dc_store_message message = { .kind = DC_STORE_ADDED, .own = own, .epoch = epoch };
    dc_store_message_send(member->fd, &message, memfd);
}

static void
tell_present(void *user, uint64_t epoch, int memfd)
{
    tell_added(user, epoch, memfd, false);
}

void
dc_upload_hub_join(struct dc_upload_hub *hub, struct dc_upload_member *member, int fd, const char *tenant)
{
    *member = (struct dc_upload_member){ .next = hub->members, .hub = hub, .fd = fd };
    snprintf(member->scope, sizeof(member->scope), "%s", dc_upload_store_scope(&hub->store, tenant));
    hub->members = member;
    dc_upload_store_each(&hub->store, member->scope, tell_present, member);
}

void
dc_upload_hub_leave(struct dc_upload_member *member)
{
    if (!member->hub)
        return;
    struct dc_upload_member **at = &member->hub->members;
    while (*at != member)
        at = &(*at)->next;
    *at = member->next;
    member->hub = NULL;
}

/* Takes ownership of the file. */
static void
handle_offer(struct dc_upload_member *member, int memfd)
{
    struct dc_upload_hub *hub = member->hub;
    int kept = dup(memfd); // the store's own
    uint64_t epoch = kept >= 0 ? dc_upload_store_add(&hub->store, member->scope, kept) : 0;
    if (!epoch) {
        dc_warn("uploads of %s cannot be kept", *member->scope ? member->scope : "a tenant");
        tell_added(member, 0, -1, true); // it counts on an answer to each
    }
    for (struct dc_upload_member *other = hub->members; epoch && other; other = other->next) {
        if (strcmp(other->scope, member->scope) == 0)
            tell_added(other, epoch, other == member ? -1 : memfd, other == member);
    }
    close(memfd);
}

bool
dc_upload_hub_read(struct dc_upload_member *member)
{
    struct dc_store_message message;
    int fd, got;
    while ((got = dc_store_message_receive(member->fd, &message, &fd)) > 0) {
        if (message.kind == DC_STORE_OFFER && fd >= 0) {
            handle_offer(member, fd);
            continue;
        }
        if (fd >= 0)
            close(fd);
        if (message.kind != DC_STORE_USED)
            return false;
        dc_upload_store_use(&member->hub->store, member->scope, message.epoch);
    }
    return got == 0;
}
