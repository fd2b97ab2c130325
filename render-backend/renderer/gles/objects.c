/* glGen*, glDelete*, and binding by name. */
#include "objects.h"

#include <string.h>

#include <gles_decode.h>

#define CHUNK 64

bool
dc_objects_add(struct dc_exec *x, enum dc_names_kind kind, uint32_t name, uint32_t driver)
{
    struct dc_names *names = dc_exec_names(x, kind);
    if (names->count >= x->quota.objects) {
        dc_exec_fail(x, 0, "too many objects");
        return false;
    }
    if (kind == DC_NAMES_PROGRAM && !dc_programs_make_room(x, name))
        return false;
    if (!dc_names_set(names, name, driver)) {
        dc_exec_fail(x, 0, "out of memory");
        return false;
    }
    return true;
}

static void
generate(struct dc_exec *x, enum dc_names_kind kind, GLsizei n, GLuint *out)
{
    const struct dc_gl *gl = x->gl;
    void (GL_APIENTRY *const by_kind[DC_NAMES_COUNT])(GLsizei, GLuint *) = {
        [DC_NAMES_BUFFER] = gl->GenBuffers, [DC_NAMES_TEXTURE] = gl->GenTextures,
        [DC_NAMES_RENDERBUFFER] = gl->GenRenderbuffers, [DC_NAMES_SAMPLER] = gl->GenSamplers,
        [DC_NAMES_FRAMEBUFFER] = gl->GenFramebuffers, [DC_NAMES_VERTEX_ARRAY] = gl->GenVertexArrays,
        [DC_NAMES_QUERY] = gl->GenQueries, [DC_NAMES_TRANSFORM_FEEDBACK] = gl->GenTransformFeedbacks,
        [DC_NAMES_PROGRAM_PIPELINE] = gl->GenProgramPipelines,
    };
    memset(out, 0, (size_t)n * sizeof(*out));
    by_kind[kind](n, out);
}

static void
destroy(struct dc_exec *x, enum dc_names_kind kind, GLsizei n, const GLuint *names)
{
    const struct dc_gl *gl = x->gl;
    void (GL_APIENTRY *const by_kind[DC_NAMES_COUNT])(GLsizei, const GLuint *) = {
        [DC_NAMES_BUFFER] = gl->DeleteBuffers, [DC_NAMES_TEXTURE] = gl->DeleteTextures,
        [DC_NAMES_RENDERBUFFER] = gl->DeleteRenderbuffers, [DC_NAMES_SAMPLER] = gl->DeleteSamplers,
        [DC_NAMES_FRAMEBUFFER] = gl->DeleteFramebuffers, [DC_NAMES_VERTEX_ARRAY] = gl->DeleteVertexArrays,
        [DC_NAMES_QUERY] = gl->DeleteQueries, [DC_NAMES_TRANSFORM_FEEDBACK] = gl->DeleteTransformFeedbacks,
        [DC_NAMES_PROGRAM_PIPELINE] = gl->DeleteProgramPipelines,
    };
    by_kind[kind](n, names);
}

uint32_t
dc_objects_get(struct dc_exec *x, enum dc_names_kind kind, uint32_t name)
{
    uint32_t driver = dc_names_find(dc_exec_names(x, kind), name);
    if (driver || !name)
        return driver;
    GLuint fresh;
    generate(x, kind, 1, &fresh);
    if (!fresh)
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
    return fresh && dc_objects_add(x, kind, name, fresh) ? fresh : 0;
}

static void
gen(struct dc_exec *x, enum dc_names_kind kind, GLsizei n, const struct dc_blob *blob)
{
    if (!dc_exec_check_blob(x, blob, n, sizeof(GLuint)) || n <= 0)
        return;
    const uint8_t *at = blob->data;
    for (GLsizei done = 0; done < n; done += CHUNK) {
        GLuint ours[CHUNK], fresh[CHUNK];
        GLsizei part = n - done < CHUNK ? n - done : CHUNK;
        memcpy(ours, at + (size_t)done * sizeof(GLuint), (size_t)part * sizeof(GLuint));
        generate(x, kind, part, fresh);
        for (GLsizei i = 0; i < part; i++) {
            // A name that was bound before it was generated keeps its object.
            if (!ours[i] || !fresh[i] || dc_names_find(dc_exec_names(x, kind), ours[i]))
                destroy(x, kind, 1, &fresh[i]);
            else if (!dc_objects_add(x, kind, ours[i], fresh[i]))
                return;
            else if (kind == DC_NAMES_VERTEX_ARRAY && !dc_vertices_add_array(x, ours[i]))
                return;
        }
    }
}

static void
delete(struct dc_exec *x, enum dc_names_kind kind, GLsizei n, const struct dc_blob *blob)
{
    if (!dc_exec_check_blob(x, blob, n, sizeof(GLuint)))
        return;
    if (n < 0) {
        dc_exec_raise(x, GL_INVALID_VALUE);
        return;
    }
    struct dc_names *names = dc_exec_names(x, kind);
    for (GLsizei i = 0; i < n; i++) {
        GLuint name;
        memcpy(&name, (const uint8_t *)blob->data + (size_t)i * sizeof(name), sizeof(name));
        GLuint driver = dc_names_find(names, name);
        if (!driver || !name)
            continue;
        destroy(x, kind, 1, &driver);
        dc_names_set(names, name, 0);
        if (kind == DC_NAMES_BUFFER)
            dc_buffer_forget(x, name, driver);
        else if (kind == DC_NAMES_TEXTURE || kind == DC_NAMES_RENDERBUFFER)
            dc_ledger_forget(x, kind == DC_NAMES_TEXTURE ? DC_LEDGER_TEXTURE : DC_LEDGER_RENDERBUFFER, driver);
        else if (kind == DC_NAMES_VERTEX_ARRAY)
            dc_vertices_remove_array(x->context, name);
        else if (kind == DC_NAMES_QUERY)
            dc_queries_forget(x->context, name);
    }
}

#define GEN_DELETE(Name, KIND, count, names)                                                                            \
    void dc_exec_Gen##Name(struct dc_exec *x, const struct dc_cmd_Gen##Name *c)                                         \
    {                                                                                                                   \
        gen(x, DC_NAMES_##KIND, c->count, &c->names);                                                                   \
    }                                                                                                                   \
    void dc_exec_Delete##Name(struct dc_exec *x, const struct dc_cmd_Delete##Name *c)                                   \
    {                                                                                                                   \
        delete(x, DC_NAMES_##KIND, c->count, &c->names);                                                                \
    }

GEN_DELETE(Buffers, BUFFER, n, buffers)
GEN_DELETE(Textures, TEXTURE, n, textures)
GEN_DELETE(Renderbuffers, RENDERBUFFER, n, renderbuffers)
GEN_DELETE(Samplers, SAMPLER, count, samplers)
GEN_DELETE(Framebuffers, FRAMEBUFFER, n, framebuffers)
GEN_DELETE(VertexArrays, VERTEX_ARRAY, n, arrays)
GEN_DELETE(Queries, QUERY, n, ids)
GEN_DELETE(TransformFeedbacks, TRANSFORM_FEEDBACK, n, ids)
GEN_DELETE(ProgramPipelines, PROGRAM_PIPELINE, n, pipelines)

void
dc_exec_BindTexture(struct dc_exec *x, const struct dc_cmd_BindTexture *c)
{
    x->gl->BindTexture(c->target, dc_objects_get(x, DC_NAMES_TEXTURE, c->texture));
}

void
dc_exec_BindRenderbuffer(struct dc_exec *x, const struct dc_cmd_BindRenderbuffer *c)
{
    x->gl->BindRenderbuffer(c->target, dc_objects_get(x, DC_NAMES_RENDERBUFFER, c->renderbuffer));
}

void
dc_exec_BindFramebuffer(struct dc_exec *x, const struct dc_cmd_BindFramebuffer *c)
{
    x->gl->BindFramebuffer(c->target, dc_objects_get(x, DC_NAMES_FRAMEBUFFER, c->framebuffer));
}

void
dc_exec_BindTransformFeedback(struct dc_exec *x, const struct dc_cmd_BindTransformFeedback *c)
{
    x->gl->BindTransformFeedback(c->target, dc_exec_name(x, DC_NAMES_TRANSFORM_FEEDBACK, c->id));
}

void
dc_exec_BindProgramPipeline(struct dc_exec *x, const struct dc_cmd_BindProgramPipeline *c)
{
    x->gl->BindProgramPipeline(dc_exec_name(x, DC_NAMES_PROGRAM_PIPELINE, c->pipeline));
}

static enum dc_names_kind
copy_kind(GLenum target)
{
    return target == GL_RENDERBUFFER ? DC_NAMES_RENDERBUFFER : DC_NAMES_TEXTURE;
}

void
dc_exec_CopyImageSubData(struct dc_exec *x, const struct dc_cmd_CopyImageSubData *c)
{
    x->gl->CopyImageSubData(dc_exec_name(x, copy_kind(c->srcTarget), c->srcName), c->srcTarget, c->srcLevel, c->srcX,
                            c->srcY, c->srcZ, dc_exec_name(x, copy_kind(c->dstTarget), c->dstName), c->dstTarget,
                            c->dstLevel, c->dstX, c->dstY, c->dstZ, c->srcWidth, c->srcHeight, c->srcDepth);
}
