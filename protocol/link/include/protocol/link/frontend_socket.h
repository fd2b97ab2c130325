#ifndef DC_PROTOCOL_LINK_FRONTEND_SOCKET_H
#define DC_PROTOCOL_LINK_FRONTEND_SOCKET_H
/*
 * How an application process gets its ring: a Unix stream socket, one connection per process, held open for the
 * process's life (its end closes the ring).
 *
 * Path: $DROIDCLOUD_FRONTEND if set, else $XDG_RUNTIME_DIR/droidcloud-frontend-0.
 *
 *   frontend → supervisor   struct dc_frontend_hello
 *   supervisor → frontend   struct dc_frontend_welcome, with SCM_RIGHTS: ring memfd, cmd eventfd, profile memfd
 *                           (sealed, read-only; protocol/gles/profile.h)
 *   frontend → supervisor   struct dc_frontend_restarted, after a new epoch: the ring is empty and may be attached
 * `error` not zero: refused, no fds; `reason` says why.
 * Little-endian, fixed size, reserved bytes zero.
 */
#include <stdint.h>

#define DC_FRONTEND_MAGIC 0x45464344u // "DCFE"
#define DC_FRONTEND_VERSION 1u

struct dc_frontend_hello {
    uint32_t magic, version;
    uint32_t reserved[6];
};

struct dc_frontend_welcome {
    uint32_t magic, version;
    uint32_t error;      // errno value, 0 = welcome
    uint32_t ring_id;    // names this process towards compositor and worker, never 0
    uint32_t profile_bytes;
    uint32_t gl_error_mode; // 0 auto, 1 exact, 2 async
    uint32_t recover_mib; // contents that the frontend keeps for another worker; 0: none will come
    uint32_t reserved;
    char reason[128];    // terminated, for people
};

#define DC_FRONTEND_RESTARTED_MAGIC 0x53524344u // "DCRS"

struct dc_frontend_restarted {
    uint32_t magic, epoch;
};

#endif
