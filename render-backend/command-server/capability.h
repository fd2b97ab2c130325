#ifndef DC_COMMAND_SERVER_CAPABILITY_H
#define DC_COMMAND_SERVER_CAPABILITY_H
/*
 * The capability that admits one link to dc-render, once. Issued by whoever holds the key file (`dc-render capability`,
 * later the manager), shown by the supervisor in Admit, checked and spent by dc-render's main process.
 *
 *     0       4       8        16       32        36        40     44       48   49     49+n  50+n     50+n+t
 *     +-------+-------+--------+--------+---------+---------+------+--------+----+------+----+--------+--------+
 *     | magic | ver.  | expiry | nonce  | memory  | rings   | max  | max    | n  | name | t  | tenant | HMAC   |
 *     | DCCP  | 2     | s, UTC | random | MiB     |         | width| height | u8 |      | u8 |        | SHA256 |
 *     +-------+-------+--------+--------+---------+---------+------+--------+----+------+----+--------+--------+
 *                                                                                                  little-endian
 * The tenant is whose instance it is: what one instance leaves behind on the server (compiled programs, uploads) may
 * serve others of the same tenant, and of no other.
 * The HMAC (RFC 2104 with SHA-256) covers everything before it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_CAPABILITY_VERSION 2u
#define DC_CAPABILITY_KEY_BYTES 32u
#define DC_CAPABILITY_NONCE_BYTES 16u
#define DC_CAPABILITY_MAX_BYTES 256u
#define DC_CAPABILITY_MAX_TTL_S (30 * 24 * 3600)
#define DC_INSTANCE_NAME_MAX 63u

struct dc_quotas {
    uint32_t memory_mib;            // private memory of the worker
    uint32_t rings;                 // application processes
    uint32_t max_width, max_height; // output and surfaces
};
extern const struct dc_quotas dc_quotas_default;

struct dc_capability {
    int64_t expiry_s; // CLOCK_REALTIME
    uint8_t nonce[DC_CAPABILITY_NONCE_BYTES];
    struct dc_quotas quotas;
    char instance[DC_INSTANCE_NAME_MAX + 1];
    char tenant[DC_INSTANCE_NAME_MAX + 1]; // form of an instance's name; sealing an empty one makes it the instance's name
};

struct dc_capability_key {
    uint8_t bytes[DC_CAPABILITY_KEY_BYTES];
};

/* [a-zA-Z0-9._-]{1,63}, not beginning with a dot: it names files, too. */
bool dc_instance_name_is_valid(const char *name);

/* Reads the key, or creates it (mode 0600, random) where the file is absent. false: logged. */
bool dc_capability_key_load(struct dc_capability_key *key, const char *path);

/* Signs; returns the size, 0 on failure. The caller has filled everything, the nonce from dc_capability_nonce(). */
size_t dc_capability_seal(const struct dc_capability_key *key, const struct dc_capability *capability,
                          uint8_t out[DC_CAPABILITY_MAX_BYTES]);
bool dc_capability_nonce(uint8_t nonce[DC_CAPABILITY_NONCE_BYTES]);

/* Checks form, signature, instance and expiry. NULL: good, `capability` is filled; otherwise the reason for people. It
 * does not know what was spent (spent.h). */
const char *dc_capability_open(const struct dc_capability_key *key, const void *data, size_t size_bytes,
                               const char *instance, int64_t now_s, struct dc_capability *capability);

#endif
