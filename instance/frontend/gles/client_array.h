#ifndef DC_FRONTEND_GLES_CLIENT_ARRAY_H
#define DC_FRONTEND_GLES_CLIENT_ARRAY_H
/* Vertex data in the application's memory: sent before the draw that reads it, exactly the vertices that it reads. */
#include <stdbool.h>
#include <stdint.h>

#include "gl.h"
#include "state.h"

/* The bound array object has enabled attributes in client memory. */
static inline bool
dc_client_arrays_used(const struct dc_gles_state *state)
{
    return __builtin_expect((state->vao->enabled & state->vao->client) != 0, 0);
}

/* Sends vertices [first, last] (and what `instances` instances need of instanced attributes). false: nothing was
 * drawn, an error was raised. */
bool dc_client_arrays_send(struct dc_context *context, int64_t first, int64_t last, GLsizei instances);

/* Lowest and highest index, restart indices left out. false: no index at all. */
bool dc_index_range(const void *indices, GLsizei count, GLenum type, bool restart, uint32_t *lowest,
                    uint32_t *highest);

#endif
