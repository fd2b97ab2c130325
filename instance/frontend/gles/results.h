#ifndef DC_FRONTEND_GLES_RESULTS_H
#define DC_FRONTEND_GLES_RESULTS_H
/*
 * What the worker said at the ring's beginning that compiles and links gave before (DC_REPLY_KNOWN): whoever asks about a
 * program that is among them does not wait. One table per process, thread-safe.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/result_key.h>

struct dc_process;

/* Payload of a DC_REPLY_KNOWN with `serial` `type`; anything malformed is dropped. */
void dc_results_handle_known(struct dc_process *process, uint64_t type, const void *payload, size_t size_bytes);
/* What `type` (DC_REPLY_SHADER, DC_REPLY_PROGRAM) gave for `key`, as pushed: valid as long as the process. NULL: not
 * known. */
const void *dc_results_find(struct dc_process *process, uint32_t type, struct dc_result_key key, size_t *size_bytes);

#endif
