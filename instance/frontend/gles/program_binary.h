#ifndef DC_FRONTEND_GLES_PROGRAM_BINARY_H
#define DC_FRONTEND_GLES_PROGRAM_BINARY_H
/*
 * The one program binary format that we offer, DC_PROGRAM_BINARY_FORMAT: no driver's code but all that a program was
 * linked from. Loading one links again, on the worker, where results and compiled code are cached by content. So there
 * is nothing to fear in one that is forged, and it needs no memory of the server that gave it.
 *
 * Little-endian; string: u32 size, bytes. See docs/protocol.md, Program binaries.
 *
 *   u32 magic "DCPB"   u32 version   u64 driver   u64 low, u64 high of the digest (XXH3) of all that follows
 *   u32 separable
 *   u32 count, each { u32 type, string source }                       shaders, each type once
 *   u32 count, each { u32 kind, u32 numbers[2], string text }         enum dc_link_setting_kind
 *   u32 count, each { u32 location, string name }                     where the vertex attributes came to be
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link_recipe.h"

struct dc_profile;
struct dc_reflection;
struct dc_writer;

/* Above all that Khronos gives out or reserves (gl.xml: up to 99999), so that it never means another one's format. */
#define DC_PROGRAM_BINARY_FORMAT 0x00dcb001
#define DC_PROGRAM_BINARY_MAX_BYTES (32u << 20)

struct dc_program_binary {
    struct dc_link_recipe recipe;
    struct dc_link_settings inputs; // DC_LINK_ATTRIB
};

/* `driver` names the driver that the results are from: locations that it chose hold for it alone. */
uint64_t dc_program_binary_driver(const struct dc_profile *profile);
/* `reflection` says where the inputs are. */
void dc_program_binary_pack(struct dc_writer *w, uint64_t driver, const struct dc_link_recipe *recipe,
                            const struct dc_reflection *reflection);
/* false (and nothing to finish): malformed, of another version or driver, or out of memory. Whether types and numbers mean
 * anything is for the caller to see. */
bool dc_program_binary_unpack(struct dc_program_binary *binary, uint64_t driver, const void *data, size_t size_bytes);
void dc_program_binary_finish(struct dc_program_binary *binary);

#endif
