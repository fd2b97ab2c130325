#include "vao.h"

void
dc_vao_init(struct dc_vao *vao, GLuint name)
{
    *vao = (struct dc_vao){ .name = name };
    for (unsigned i = 0; i < DC_MAX_ATTRIBS; i++) {
        vao->attribs[i] = (struct dc_vertex_attrib){ .size = 4, .type = GL_FLOAT, .binding = i };
        vao->bindings[i].stride = 16;
    }
}

void
dc_vao_update(struct dc_vao *vao)
{
    uint32_t client = 0;
    for (unsigned i = 0; i < DC_MAX_ATTRIBS; i++) {
        const struct dc_vertex_attrib *attrib = &vao->attribs[i];
        // NULL is what an attribute that was never set up looks like: the driver decides.
        if (attrib->from_client && attrib->pointer && attrib->binding < DC_MAX_BINDINGS && !vao->bindings[attrib->binding].buffer)
            client |= 1u << i;
    }
    vao->client = client;
}

void
dc_vao_detach_buffer(struct dc_vao *vao, GLuint buffer)
{
    if (vao->element_buffer == buffer)
        vao->element_buffer = 0;
    for (unsigned i = 0; i < DC_MAX_BINDINGS; i++) {
        if (vao->bindings[i].buffer == buffer)
            vao->bindings[i].buffer = 0;
    }
    dc_vao_update(vao);
}
