#ifndef DC_INSTANCE_LINK_MESSAGE_H
#define DC_INSTANCE_LINK_MESSAGE_H
/* Outgoing messages, and those that wait for admission. */
#include <render.pb-c.h>

#include "link_priv.h"

#define DC_LINK_MAX_WAITING_BYTES (8u << 20)

struct dc_link_outgoing {
    struct dc_link_outgoing *next;
    uint16_t type;
    int fds[DC_CHANNEL_MAX_FDS]; // owned
    int fd_count;
    size_t size_bytes;
    uint8_t data[];
};

int dc_link_post_control(struct dc_link *link, const Dc__Render__ToWorker *message, const int *fds, int fd_count);
void dc_link_drop_outgoing(struct dc_link *link);

/* What the answer to Admit says. */
enum dc_link_answer { DC_LINK_ANSWER_ADMITTED, DC_LINK_ANSWER_REFUSED, DC_LINK_ANSWER_NONSENSE };
#define DC_LINK_MAX_TOKEN_BYTES 64u
struct dc_link_admission {
    enum dc_link_answer answer;
    char reason[160]; // refused or nonsense
    uint8_t bulk_token[DC_LINK_MAX_TOKEN_BYTES];
    size_t bulk_token_bytes;
};
void dc_link_read_admission(const struct dc_channel_message *message, struct dc_link_admission *admission);

#endif
