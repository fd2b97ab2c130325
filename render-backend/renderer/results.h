#ifndef DC_RENDERER_RESULTS_H
#define DC_RENDERER_RESULTS_H
/*
 * What compiles and links gave, by key (protocol/gles/result_key.h), so that a program which was linked here before is
 * known to the frontend before it asks. Each new ring is told all of them. They come from a file of the tenant's, opened
 * before the sandbox closes the file system, and go into it. Thread-safe.
 *
 * The file holds records, each at a multiple of 8, the last of a key counts; a reader stops at the first that is not
 * whole. Little-endian:
 *
 *     0        4        8       16      24       28         32
 *     +--------+--------+-------+-------+--------+----------+-----------
 *     | magic  | type   | low   | high  | size   | checksum | payload …
 *     | DCRR   |        | key   | key   |        | FNV-1a   |
 *     +--------+--------+-------+-------+--------+----------+-----------
 */
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/result_key.h>

#include "exec.h"

struct dc_results;

/* `directory`: absolute, NULL for no file. `driver`: names the driver and what it can; another one's results are others'.
 * NULL: out of memory. */
struct dc_results *dc_results_create(const char *directory, const char *driver);
void dc_results_destroy(struct dc_results *results);
/* `type`: DC_REPLY_SHADER or DC_REPLY_PROGRAM, `data` as pushed. Known ones are compared, and replaced if they differ. */
void dc_results_put(struct dc_results *results, uint32_t type, struct dc_result_key key, const void *data,
                    size_t size_bytes);
/* Pushes DC_REPLY_KNOWN for each, the newest first, half a megabyte and `room_bytes` with headers at most: so many go into
 * the reply area without waiting, and a frontend that has nothing to ask does not read. */
void dc_results_push(struct dc_results *results, struct dc_exec *x, size_t room_bytes);

#endif
