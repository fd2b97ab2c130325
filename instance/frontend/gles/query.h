#ifndef DC_FRONTEND_GLES_QUERY_H
#define DC_FRONTEND_GLES_QUERY_H
/* Query objects: the worker pushes each result when the GPU has it; nobody polls. */
#include <stdbool.h>
#include <stdint.h>

#include "gl.h"

struct dc_context;

struct dc_query {
    GLuint name;
    GLenum target;
    bool active;
    uint32_t pending; // atomic: ended, result not pushed yet
    uint64_t result;  // written by the push before pending goes down
};

/* Called by the push with the registry locked, so that `context` lives. */
void dc_query_handle_result(struct dc_context *context, GLuint name, uint64_t result);

#endif
