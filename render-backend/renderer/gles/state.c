/* State that needs a look of its own, and labels for debuggers. */
#include "objects.h"

#include <gles_decode.h>

/* Mesa takes GLES 1.1's arrays here too: those must be known to be on. */
static void
note_array(struct dc_exec *x, GLenum cap, bool on)
{
    int index = x->context->api == DC_API_GLES1 ? dc_gles1_array_index(cap, x->context->client_unit) : -1;
    struct dc_exec_vao *vao = dc_vertices_current(x->context);
    if (index >= 0)
        vao->enabled = (vao->enabled & ~(1u << index)) | (uint32_t)on << index;
}

void
dc_exec_Enable(struct dc_exec *x, const struct dc_cmd_Enable *c)
{
    if (c->cap == GL_DEBUG_OUTPUT)
        dc_exec_debug_start(x);
    x->gl->Enable(c->cap);
    note_array(x, c->cap, true);
    if (c->cap == GL_PRIMITIVE_RESTART_FIXED_INDEX)
        x->context->primitive_restart = x->context->version >= 30;
}

void
dc_exec_Disable(struct dc_exec *x, const struct dc_cmd_Disable *c)
{
    if (c->cap == GL_DEBUG_OUTPUT_SYNCHRONOUS)
        return; // the driver must not call back from a thread of its own
    if (c->cap == GL_DEBUG_OUTPUT)
        x->context->debug_output = false;
    x->gl->Disable(c->cap);
    note_array(x, c->cap, false);
    if (c->cap == GL_PRIMITIVE_RESTART_FIXED_INDEX)
        x->context->primitive_restart = false;
}

/* Driver's name of an object that KHR_debug names by an identifier. */
static uint32_t
labelled(struct dc_exec *x, GLenum identifier, GLuint name)
{
    switch (identifier) {
    case GL_BUFFER:
        return dc_exec_name(x, DC_NAMES_BUFFER, name);
    case GL_SHADER:
    case GL_PROGRAM:
        return dc_exec_name(x, DC_NAMES_PROGRAM, name);
    case GL_VERTEX_ARRAY:
        return dc_exec_name(x, DC_NAMES_VERTEX_ARRAY, name);
    case GL_QUERY:
        return dc_exec_name(x, DC_NAMES_QUERY, name);
    case GL_PROGRAM_PIPELINE:
        return dc_exec_name(x, DC_NAMES_PROGRAM_PIPELINE, name);
    case GL_TRANSFORM_FEEDBACK:
        return dc_exec_name(x, DC_NAMES_TRANSFORM_FEEDBACK, name);
    case GL_SAMPLER:
        return dc_exec_name(x, DC_NAMES_SAMPLER, name);
    case GL_TEXTURE:
        return dc_exec_name(x, DC_NAMES_TEXTURE, name);
    case GL_RENDERBUFFER:
        return dc_exec_name(x, DC_NAMES_RENDERBUFFER, name);
    case GL_FRAMEBUFFER:
        return dc_exec_name(x, DC_NAMES_FRAMEBUFFER, name);
    default:
        return DC_NAME_UNKNOWN;
    }
}

/* The blob says how long the text is; `length` was the application's way of saying it. */
void
dc_exec_ObjectLabel(struct dc_exec *x, const struct dc_cmd_ObjectLabel *c)
{
    const char *label = dc_exec_string(x, c->label);
    if (label)
        x->gl->ObjectLabel(c->identifier, labelled(x, c->identifier, c->name), (GLsizei)c->label.size_bytes,
                           c->label.data ? label : NULL);
}

void
dc_exec_GetObjectLabel(struct dc_exec *x, const struct dc_cmd_GetObjectLabel *c)
{
    GLsizei length = 0, room = c->bufSize < (GLsizei)DC_EXEC_SCRATCH_BYTES ? c->bufSize : (GLsizei)DC_EXEC_SCRATCH_BYTES;
    x->gl->GetObjectLabel(c->identifier, labelled(x, c->identifier, c->name), room, &length, (GLchar *)x->scratch);
    dc_exec_reply_parts(x, c->serial, NULL, 0, x->scratch, length, 1);
}

void
dc_exec_PushDebugGroup(struct dc_exec *x, const struct dc_cmd_PushDebugGroup *c)
{
    const char *message = dc_exec_string(x, c->message);
    if (message)
        x->gl->PushDebugGroup(c->source, c->id, (GLsizei)c->message.size_bytes, message);
}

void
dc_exec_DebugMessageInsert(struct dc_exec *x, const struct dc_cmd_DebugMessageInsert *c)
{
    const char *message = dc_exec_string(x, c->buf);
    if (message)
        x->gl->DebugMessageInsert(c->source, c->type, c->id, c->severity, (GLsizei)c->buf.size_bytes, message);
}
