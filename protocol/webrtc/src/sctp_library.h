#ifndef DC_WEBRTC_SCTP_LIBRARY_H
#define DC_WEBRTC_SCTP_LIBRARY_H
/* usrsctp's one state, its lock, and what its callbacks leave for each association. */
#include <usrsctp.h>

#include "sctp.h"

enum dc_sctp_item_kind { DC_SCTP_PACKET, DC_SCTP_MESSAGE, DC_SCTP_NOTIFICATION };

struct dc_sctp_item {
    struct dc_sctp_item *next;
    enum dc_sctp_item_kind kind;
    bool is_end;      // message: the last part of it
    uint16_t stream;
    uint32_t ppid;    // host order
    uint8_t *data;    // owned
    size_t size_bytes;
};

/* Takes the lock and lets usrsctp's timers catch up. Starts usrsctp the first time. */
void dc_sctp_library_lock(void);
void dc_sctp_library_unlock(void);
/* With the lock: gives the association its number and finds it from now on; ends that. */
void dc_sctp_library_add(struct dc_sctp *sctp);
void dc_sctp_library_remove(struct dc_sctp *sctp);
/* With the lock: the oldest item, or NULL. The caller frees it with its data. */
struct dc_sctp_item *dc_sctp_library_pull(struct dc_sctp *sctp);
void dc_sctp_item_destroy(struct dc_sctp_item *item);
/* For usrsctp_socket(). */
int dc_sctp_library_receive(struct socket *socket, union sctp_sockstore address, void *data, size_t size_bytes,
                            struct sctp_rcvinfo info, int flags, void *user);
int dc_sctp_library_acknowledge(struct socket *socket, uint32_t free_bytes, void *user);

#define DC_SCTP_SEND_BUFFER_BYTES (2 << 20) // our own limit is below it

#endif
