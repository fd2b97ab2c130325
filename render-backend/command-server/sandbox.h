#ifndef DC_COMMAND_SERVER_SANDBOX_H
#define DC_COMMAND_SERVER_SANDBOX_H
/* What a worker may still do once it has its driver. Each call logs its own failure; a worker that cannot be locked in
 * does not start. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DC_SANDBOX_MAX_FILE_BYTES (256ll << 20) // of files, which are those of the program cache, and of memfds

/* Whom root becomes. */
void dc_sandbox_get_user(uid_t *uid, gid_t *gid);
/* Before the driver is opened, while there is one thread: another uid where we are root (nobody, keeping the groups of the
 * render nodes), namespaces (namespaces.h), no new privileges, no core files, bounded memory, files and descriptors.
 * `keep_network`: the host's network stays until dc_sandbox_enter(), for opening RDMA devices. */
/* Before it: this process may write larger files (--dump-frames). */
void dc_sandbox_allow_large_files(void);
bool dc_sandbox_drop_privileges(uint32_t memory_mib, bool keep_network);
/* Whether that came with user and mount namespaces, as it does wherever the host allows them. */
bool dc_sandbox_has_namespaces(void);
/* After the driver is open and before any byte of the peer is read: an empty root directory, and an allow-list of system
 * calls for this and every thread. No files, sockets, processes, mounts. */
enum dc_sandbox_need {
    DC_SANDBOX_IOCTL = 1, // a hardware driver talks to its open DRM node
    DC_SANDBOX_MEMFD = 2, // makes memory files
    // Talks to open RDMA devices, and keeps the credentials that opened them: CAP_SYS_ADMIN of its user namespace, with
    // which the allowed calls can do nothing.
    DC_SANDBOX_RDMA = 4,
};
bool dc_sandbox_enter(unsigned needs);

#endif
