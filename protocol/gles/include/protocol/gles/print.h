#ifndef DC_PROTOCOL_GLES_PRINT_H
#define DC_PROTOCOL_GLES_PRINT_H
/* Commands as text, one line each. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A capture (DC_CAPTURE_GL=FILE in the application's environment): u32 magic, u32 version, then batches as they go into
 * the ring (struct dc_batch_header, commands, padding to 8 bytes). Bulk data is not in it. */
#define DC_CAPTURE_MAGIC 0x4c474344u // "DCGL"
#define DC_CAPTURE_VERSION 1u

/* Prints each command of a batch with `prefix` before it. false: malformed, said in the text; the rest of the batch is not
 * printed. */
bool dc_gles_print(FILE *out, const char *prefix, const uint32_t *words, size_t word_count);

#endif
