#ifndef DC_COMMAND_SERVER_ADMISSION_H
#define DC_COMMAND_SERVER_ADMISSION_H
/*
 * Who gets a worker. The rules (capability, instance name, certificate) and the socket on which a TCP link's process
 * asks dc-render's main process, which alone holds the key and the zygote.
 *
 * Admission socket (SOCK_SEQPACKET, made by the main process before it forks the link's process):
 *
 *   link → main   struct dc_admission_request    once per TCP connection, after TLS and the peer's Admit
 *   main → link   struct dc_admission_answer     error 0: with one fd
 *                   kind DC_ADMISSION_WORKER     answer to a first connection: the fd speaks to the worker exactly as
 *                                                a local supervisor's Unix socket does, after its Admit
 *                   kind DC_ADMISSION_BULK_PEER  answer to a bulk connection: the fd is a SOCK_STREAM pair whose other
 *                                                end goes to the link's first process
 *                   kind DC_ADMISSION_BULK_JOIN  to the first process, unasked: that other end
 * Both stay on the same host and build, so the structs are sent as they are.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capability.h"
#include "spent.h"

#define DC_ADMISSION_MAX_ADMIT_BYTES 1024u
#define DC_ADMISSION_TOKEN_BYTES 16u

struct dc_admission_request {
    char common_name[DC_INSTANCE_NAME_MAX + 1]; // of the verified client certificate, terminated
    uint32_t admit_bytes;
    uint8_t admit[DC_ADMISSION_MAX_ADMIT_BYTES]; // payload of the DC_LINK_CONTROL message: packed ToWorker{admit}
};

enum dc_admission_kind { DC_ADMISSION_WORKER, DC_ADMISSION_BULK_PEER, DC_ADMISSION_BULK_JOIN };

struct dc_admission_answer {
    uint32_t error; // errno value, 0: admitted
    uint32_t kind;
    uint8_t bulk_token[DC_ADMISSION_TOKEN_BYTES]; // WORKER: to be sent to the peer in Admitted
    char instance[DC_INSTANCE_NAME_MAX + 1];
    char reason[128]; // error: for Refused, terminated
    uint64_t store_budget_bytes; // BULK_PEER: of uploads that this link may have kept; store_message.h goes on from here
};

/* Link's process. Asks and waits for the answer. 0, or -errno when the main process is gone or refused (`answer` is
 * filled then: reason). *fd is the caller's. */
int dc_admission_ask(int admission_fd, const struct dc_admission_request *request, struct dc_admission_answer *answer,
                     int *fd);
/* Link's first process, when admission_fd is readable: the other end of a bulk connection, or -errno. */
int dc_admission_take_bulk(int admission_fd);

/* ---- main process ---- */

/* What an Admit message asks for, after form checks. */
struct dc_admission {
    char instance[DC_INSTANCE_NAME_MAX + 1];
    char tenant[DC_INSTANCE_NAME_MAX + 1]; // empty with is_bulk
    struct dc_quotas quotas;
    bool is_bulk;
    uint8_t bulk_token[DC_ADMISSION_TOKEN_BYTES];
};

/* `common_name`: of the verified client certificate, NULL on a local socket. Spends the capability. NULL: admitted (or,
 * with is_bulk, well-formed: the caller knows the tokens); otherwise the reason for people. */
const char *dc_admission_check(const struct dc_capability_key *key, struct dc_spent *spent, const void *admit,
                               size_t admit_bytes, const char *common_name, int64_t now_s,
                               struct dc_admission *admission);
bool dc_admission_send_answer(int admission_fd, const struct dc_admission_answer *answer, int fd);

#endif
