/* Queries whose answer is an object's name: the driver's, which the application never saw, becomes its own. */
#include "objects.h"

#include <string.h>

#include <gles_decode.h>

/* After both passes of a query: its first value is a driver's name of `kind`. */
static void
translate(struct dc_exec *x, enum dc_names_kind kind)
{
    uint32_t first, second;
    memcpy(&first, x->fill, sizeof(first));
    memcpy(&second, x->scratch, sizeof(second));
    if (first != second)
        return; // nothing was written: an error
    uint32_t name = dc_names_of_driver(dc_exec_names(x, kind), first); // only questions come here: it may search
    memcpy(x->fill, &name, sizeof(name));
    memcpy(x->scratch, &name, sizeof(name));
}

void
dc_exec_GetFramebufferAttachmentParameteriv(struct dc_exec *x, const struct dc_cmd_GetFramebufferAttachmentParameteriv *c)
{
    GLint type = GL_NONE;
    for (int pass = 0; pass < 2; pass++) {
        dc_exec_get_fill(x, pass);
        x->gl->GetFramebufferAttachmentParameteriv(c->target, c->attachment, c->pname, (void *)x->scratch);
    }
    if (c->pname == GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME && memcmp(x->fill, x->scratch, sizeof(type)) == 0) {
        x->gl->GetFramebufferAttachmentParameteriv(c->target, c->attachment, GL_FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE, &type);
        translate(x, type == GL_RENDERBUFFER ? DC_NAMES_RENDERBUFFER : DC_NAMES_TEXTURE);
    }
    dc_exec_get_reply(x, c->serial, sizeof(GLint));
}

void
dc_exec_GetProgramPipelineiv(struct dc_exec *x, const struct dc_cmd_GetProgramPipelineiv *c)
{
    for (int pass = 0; pass < 2; pass++) {
        dc_exec_get_fill(x, pass);
        x->gl->GetProgramPipelineiv(dc_exec_name(x, DC_NAMES_PROGRAM_PIPELINE, c->pipeline), c->pname,
                                    (void *)x->scratch);
    }
    if (c->pname != GL_VALIDATE_STATUS && c->pname != GL_INFO_LOG_LENGTH)
        translate(x, DC_NAMES_PROGRAM);
    dc_exec_get_reply(x, c->serial, sizeof(GLint));
}

void
dc_exec_GetIntegeri_v(struct dc_exec *x, const struct dc_cmd_GetIntegeri_v *c)
{
    for (int pass = 0; pass < 2; pass++) {
        dc_exec_get_fill(x, pass);
        x->gl->GetIntegeri_v(c->target, c->index, (void *)x->scratch);
    }
    if (c->target == GL_IMAGE_BINDING_NAME)
        translate(x, DC_NAMES_TEXTURE);
    dc_exec_get_reply(x, c->serial, sizeof(GLint));
}
