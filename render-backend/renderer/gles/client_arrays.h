#ifndef DC_RENDERER_GLES_CLIENT_ARRAYS_H
#define DC_RENDERER_GLES_CLIENT_ARRAYS_H
/* Client arrays of the current context. */
#include "../exec.h"

/* The context ends and its share group lives on: deletes the buffers that hold its client arrays. */
void dc_client_arrays_release(struct dc_exec *x);

#endif
