/* KHR_debug: what the driver has to say to the application is pushed to it. */
#include "objects.h"

#include <string.h>

#include <common/wire.h>
#include <gles_decode.h>

#define TEXT_MOST 4096

/* On the executor's thread, within the driver's call: GL_DEBUG_OUTPUT_SYNCHRONOUS is always enabled. */
static void GL_APIENTRY
push_message(GLenum source, GLenum type, GLuint id, GLenum severity, GLsizei length, const GLchar *text,
             const void *user)
{
    struct dc_exec *x = (struct dc_exec *)user;
    uint32_t payload[4 + TEXT_MOST / 4] = { source, type, id, severity };
    if (!x->context || !x->context->debug_output || !text)
        return;
    size_t bytes = length < 0 ? strlen(text) : (size_t)length;
    bytes = bytes > TEXT_MOST ? TEXT_MOST : bytes;
    memcpy(payload + 4, text, bytes);
    dc_exec_reply(x, DC_REPLY_DEBUG, x->context->id, payload, 16 + bytes);
}

void
dc_exec_debug_start(struct dc_exec *x)
{
    if (!x->context->debug_collected) {
        x->gl->DebugMessageCallback(push_message, x);
        x->gl->Enable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    }
    x->context->debug_collected = x->context->debug_output = true;
}

bool
dc_exec_debug_provoke(struct dc_exec *x, GLenum error)
{
    if (!x->context->debug_output)
        return false;
    switch (error) {
    case GL_INVALID_ENUM:
        x->gl->Enable(GL_NONE);
        return true;
    case GL_INVALID_VALUE:
        x->gl->Clear(1);
        return true;
    case GL_INVALID_OPERATION:
        if (x->context->version < 30)
            return false;
        x->gl->BindVertexArray(UINT32_MAX); // never generated
        return true;
    default:
        return false;
    }
}

void
dc_exec_dcSync(struct dc_exec *x, const struct dc_cmd_dcSync *c)
{
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, NULL, 0);
}
