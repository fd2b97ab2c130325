#ifndef DC_RENDERER_GLES_STREAM_H
#define DC_RENDERER_GLES_STREAM_H
/* Buffers that client arrays and client indices are streamed through. */
#include "../exec.h"

/* Room for `size_bytes` at an offset of at least `min_offset`, 16-byte aligned, and the data copied there. `target` is
 * GL_ARRAY_BUFFER or GL_ELEMENT_ARRAY_BUFFER; the stream's buffer is bound to it afterwards. */
bool dc_stream_put(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, const void *data,
                   uint32_t size_bytes, uint64_t min_offset, uint32_t *offset);

#endif
