#ifndef DC_RENDERER_GLES_STREAM_H
#define DC_RENDERER_GLES_STREAM_H
/* Buffers that client arrays and client indices are streamed through. */
#include "../exec.h"

/* Room for `size_bytes` at an offset of at least `min_offset`, 16-byte aligned, and the data copied there. `target` is
 * GL_ARRAY_BUFFER or GL_ELEMENT_ARRAY_BUFFER; the stream's buffer is bound to it afterwards. keep: what was put before is
 * still to be drawn. false: too large. */
bool dc_stream_put(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, const struct dc_blob *data,
                   uint64_t min_offset, bool keep, uint32_t *offset);
/* After the draw: what was kept for it goes. */
void dc_stream_release(struct dc_exec *x, struct dc_exec_stream *stream);

#endif
