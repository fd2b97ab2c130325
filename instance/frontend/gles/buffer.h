#ifndef DC_FRONTEND_GLES_BUFFER_H
#define DC_FRONTEND_GLES_BUFFER_H
/*
 * Buffer objects. The worker has the contents; we keep a copy (the shadow) of those whose bytes we need ourselves:
 * element arrays (index ranges of client arrays) and whatever is mapped. A buffer that the GPU may write has no valid
 * shadow: its bytes are fetched.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gl.h"

#include "../core/process.h"

struct dc_context;

struct dc_buffer {
    GLuint name;
    int64_t size;
    GLenum usage;
    uint8_t *shadow;   // owned, `size` bytes; NULL: none
    bool shadow_valid; // the shadow has what the worker's buffer has, or the contents are undefined
    bool undefined;    // nothing was ever written to this storage
    bool gpu_writable; // was bound where shaders, transform feedback or copies write: never trust the shadow again

    bool mapped;
    int64_t map_offset, map_length;
    GLbitfield map_access;
};

/* Object of a buffer name; shared->lock held. NULL if there is none. */
struct dc_buffer *dc_buffer_find(struct dc_context *context, GLuint name);
/* Name bound to a target, 0 for none. false: no such target. */
bool dc_buffer_bound(struct dc_context *context, GLenum target, GLuint *name);
/* Makes the object of a name that is bound for the first time; shared->lock held. */
struct dc_buffer *dc_buffer_make(struct dc_context *context, GLuint name);
void dc_buffer_free(struct dc_buffer *buffer);
/* The GPU (or another buffer) writes it from now on; takes the lock. Name 0 is ignored. */
void dc_buffer_mark_gpu_writable(struct dc_context *context, GLuint name);

/* Copies bytes [offset, offset + size) of a buffer into `out`, from the shadow or from the worker, keeping the shadow
 * afterwards. Takes the lock. false: out of range, lost or out of memory. */
bool dc_buffer_read(struct dc_context *context, GLuint name, int64_t offset, size_t size_bytes, void *out);

/* Makes the shadow hold the buffer's bytes now; waits for the worker if it does not. Takes the lock. */
bool dc_buffer_fill_shadow(struct dc_context *context, GLuint name, enum dc_wait_kind kind);

/* Raises INVALID_OPERATION if the buffer is mapped: the worker's is not, so the driver cannot. Takes the lock. true: it
 * is. Name 0 is ignored. */
bool dc_buffer_refuse_mapped(struct dc_context *context, GLuint name);
/* Sends bytes into a bound buffer, in pieces that the arena takes. */
void dc_buffer_send(struct dc_context *context, GLenum target, int64_t offset, const void *data, size_t size_bytes);

#endif
