#ifndef DC_RENDERER_GLES_STORAGE_H
#define DC_RENDERER_GLES_STORAGE_H
/* Sizes of images, counted before the driver makes them. */
#include "../exec.h"

/* Before one level of the texture that is bound to `target` gets another size; dc_ledger_end() after the call. The larger
 * counts of `bytes_per_texel` (0: not known) and what `internal` says. false: GL_OUT_OF_MEMORY is raised, do not call. */
bool dc_storage_begin(struct dc_exec *x, struct dc_ledger_change *change, GLenum target, GLint level, GLenum internal,
                      uint32_t bytes_per_texel, GLsizei width, GLsizei height, GLsizei depth);

#endif
