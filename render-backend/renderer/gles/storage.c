/* Storage of textures and renderbuffers whose contents do not come with the command: counted before the driver makes it. */
#include "objects.h"
#include "storage.h"

#include <gles_decode.h>

/* The driver's name of the texture that a target's calls go to; 0: no such target. */
static uint32_t
bound_texture(struct dc_exec *x, GLenum target)
{
    GLenum pname;
    GLint name = 0;
    switch (target) {
    case GL_TEXTURE_2D: pname = GL_TEXTURE_BINDING_2D; break;
    case GL_TEXTURE_3D: pname = GL_TEXTURE_BINDING_3D; break;
    case GL_TEXTURE_2D_ARRAY: pname = GL_TEXTURE_BINDING_2D_ARRAY; break;
    case GL_TEXTURE_CUBE_MAP_ARRAY: pname = GL_TEXTURE_BINDING_CUBE_MAP_ARRAY; break;
    case GL_TEXTURE_2D_MULTISAMPLE: pname = GL_TEXTURE_BINDING_2D_MULTISAMPLE; break;
    case GL_TEXTURE_2D_MULTISAMPLE_ARRAY: pname = GL_TEXTURE_BINDING_2D_MULTISAMPLE_ARRAY; break;
    default:
        if (target != GL_TEXTURE_CUBE_MAP &&
            (target < GL_TEXTURE_CUBE_MAP_POSITIVE_X || target > GL_TEXTURE_CUBE_MAP_NEGATIVE_Z))
            return 0;
        pname = GL_TEXTURE_BINDING_CUBE_MAP;
    }
    x->gl->GetIntegerv(pname, &name);
    return (uint32_t)name;
}

/* Bytes of a texel, rather more than less: drivers widen three components to four, and unpack what they cannot sample. */
static uint32_t
texel_bytes(GLenum internal)
{
    switch (internal) {
    case GL_R8: case GL_R8_SNORM: case GL_R8I: case GL_R8UI: case GL_ALPHA: case GL_LUMINANCE: case GL_STENCIL_INDEX8:
        return 1;
    case GL_RG8: case GL_RG8_SNORM: case GL_RG8I: case GL_RG8UI: case GL_R16F: case GL_R16I: case GL_R16UI:
    case GL_LUMINANCE_ALPHA: case GL_DEPTH_COMPONENT16: case GL_RGB565: case GL_RGBA4: case GL_RGB5_A1:
        return 2;
    case GL_RGBA16F: case GL_RGBA16I: case GL_RGBA16UI: case GL_RGB16F: case GL_RGB16I: case GL_RGB16UI: case GL_RG32F:
    case GL_RG32I: case GL_RG32UI: case GL_DEPTH32F_STENCIL8: case 0x805B /* RGBA16_EXT */: case 0x8054 /* RGB16_EXT */:
        return 8;
    case GL_RGBA32F: case GL_RGBA32I: case GL_RGBA32UI: case GL_RGB32F: case GL_RGB32I: case GL_RGB32UI:
        return 16;
    default:
        return 4;
    }
}

static uint64_t
texels(GLsizei width, GLsizei height, GLsizei depth)
{
    // Larger than any driver's limits: it refuses them, and nothing overflows here.
    const GLsizei limit = 1 << 17;
    if (width <= 0 || height <= 0 || depth <= 0 || width > limit || height > limit || depth > limit)
        return 0;
    return (uint64_t)width * (uint64_t)height * (uint64_t)depth;
}

static GLsizei
limit(struct dc_exec *x, GLenum pname)
{
    GLint value = 0;
    x->gl->GetIntegerv(pname, &value);
    return value;
}

/* An image that the driver refuses by its size, before it looks for memory. */
static bool
is_beyond_driver(struct dc_exec *x, GLenum target, GLsizei width, GLsizei height, GLsizei depth)
{
    GLsizei most = limit(x, target == GL_TEXTURE_3D ? GL_MAX_3D_TEXTURE_SIZE : GL_MAX_TEXTURE_SIZE);
    GLsizei deepest = target == GL_TEXTURE_3D ? most : target == GL_TEXTURE_2D_ARRAY ? limit(x, GL_MAX_ARRAY_TEXTURE_LAYERS)
                                                                                     : INT32_MAX;
    return most > 0 && deepest > 0 && (width > most || height > most || depth > deepest);
}

bool
dc_storage_begin(struct dc_exec *x, struct dc_ledger_change *change, GLenum target, GLint level, GLenum internal,
                 uint32_t bytes_per_texel, GLsizei width, GLsizei height, GLsizei depth)
{
    uint32_t face = target >= GL_TEXTURE_CUBE_MAP_POSITIVE_X && target <= GL_TEXTURE_CUBE_MAP_NEGATIVE_Z
                        ? target - GL_TEXTURE_CUBE_MAP_POSITIVE_X : 0;
    uint64_t bytes = texels(width, height, depth) * (bytes_per_texel > texel_bytes(internal) ? bytes_per_texel
                                                                                            : texel_bytes(internal));
    *change = (struct dc_ledger_change){ 0 };
    if (bytes > x->quota.buffer_bytes) {
        if (is_beyond_driver(x, target, width, height, depth))
            return true;
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        return false;
    }
    if (level < 0 || level > 15)
        return true; // the driver refuses it
    return dc_ledger_begin(x, change, DC_LEDGER_TEXTURE, bound_texture(x, target), face << 4 | (uint32_t)level, bytes);
}

/* Immutable storage of `levels` levels. */
static bool
begin_whole(struct dc_exec *x, struct dc_ledger_change *change, GLenum target, GLsizei levels, GLsizei samples,
            GLenum internal, GLsizei width, GLsizei height, GLsizei depth)
{
    uint64_t bytes = 0, unit = (uint64_t)texel_bytes(internal) * (samples > 1 && samples <= 64 ? (uint64_t)samples : 1);
    bool is_volume = target == GL_TEXTURE_3D, beyond = is_beyond_driver(x, target, width, height, depth);
    if (target == GL_TEXTURE_CUBE_MAP)
        unit *= 6;
    for (GLsizei level = 0; level < levels && level < 20 && bytes <= x->quota.buffer_bytes; level++) {
        bytes += texels(width, height, depth) * unit;
        width = width > 1 ? width / 2 : width;
        height = height > 1 ? height / 2 : height;
        depth = is_volume && depth > 1 ? depth / 2 : depth;
    }
    *change = (struct dc_ledger_change){ 0 };
    if (bytes > x->quota.buffer_bytes) {
        if (beyond)
            return true;
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        return false;
    }
    return dc_ledger_begin(x, change, DC_LEDGER_TEXTURE, bound_texture(x, target), DC_LEDGER_STORAGE, bytes);
}

void
dc_exec_TexStorage2D(struct dc_exec *x, const struct dc_cmd_TexStorage2D *c)
{
    struct dc_ledger_change change;
    if (!begin_whole(x, &change, c->target, c->levels, 1, c->internalformat, c->width, c->height, 1))
        return;
    x->gl->TexStorage2D(c->target, c->levels, c->internalformat, c->width, c->height);
    dc_ledger_end(x, &change);
}

void
dc_exec_TexStorage3D(struct dc_exec *x, const struct dc_cmd_TexStorage3D *c)
{
    struct dc_ledger_change change;
    if (!begin_whole(x, &change, c->target, c->levels, 1, c->internalformat, c->width, c->height, c->depth))
        return;
    x->gl->TexStorage3D(c->target, c->levels, c->internalformat, c->width, c->height, c->depth);
    dc_ledger_end(x, &change);
}

void
dc_exec_TexStorage2DMultisample(struct dc_exec *x, const struct dc_cmd_TexStorage2DMultisample *c)
{
    struct dc_ledger_change change;
    if (!begin_whole(x, &change, c->target, 1, c->samples, c->internalformat, c->width, c->height, 1))
        return;
    x->gl->TexStorage2DMultisample(c->target, c->samples, c->internalformat, c->width, c->height,
                                   c->fixedsamplelocations);
    dc_ledger_end(x, &change);
}

void
dc_exec_TexStorage3DMultisample(struct dc_exec *x, const struct dc_cmd_TexStorage3DMultisample *c)
{
    struct dc_ledger_change change;
    if (!begin_whole(x, &change, c->target, 1, c->samples, c->internalformat, c->width, c->height, c->depth))
        return;
    x->gl->TexStorage3DMultisample(c->target, c->samples, c->internalformat, c->width, c->height, c->depth,
                                   c->fixedsamplelocations);
    dc_ledger_end(x, &change);
}

void
dc_exec_CopyTexImage2D(struct dc_exec *x, const struct dc_cmd_CopyTexImage2D *c)
{
    struct dc_ledger_change change;
    if (!dc_storage_begin(x, &change, c->target, c->level, c->internalformat, 0, c->width, c->height, 1))
        return;
    x->gl->CopyTexImage2D(c->target, c->level, c->internalformat, c->x, c->y, c->width, c->height, c->border);
    dc_ledger_end(x, &change);
}

/* A third of the base level, or what immutable storage has counted already. */
void
dc_exec_GenerateMipmap(struct dc_exec *x, const struct dc_cmd_GenerateMipmap *c)
{
    const struct dc_ledger_table *sizes = &x->context->share->sizes;
    uint32_t driver = bound_texture(x, c->target);
    uint64_t base = 0;
    struct dc_ledger_change change;
    for (uint32_t face = 0; face < 6; face++)
        base += dc_ledger_get(sizes, DC_LEDGER_TEXTURE, driver, face << 4);
    if (!dc_ledger_begin(x, &change, DC_LEDGER_TEXTURE, driver, DC_LEDGER_MIPMAPS, base / 3))
        return;
    x->gl->GenerateMipmap(c->target);
    dc_ledger_end(x, &change);
}

static bool
begin_renderbuffer(struct dc_exec *x, struct dc_ledger_change *change, GLsizei samples, GLenum internal, GLsizei width,
                   GLsizei height)
{
    uint64_t bytes = texels(width, height, 1) * texel_bytes(internal) * (samples > 1 && samples <= 64 ? (uint64_t)samples : 1);
    GLint driver = 0;
    x->gl->GetIntegerv(GL_RENDERBUFFER_BINDING, &driver);
    return dc_ledger_begin(x, change, DC_LEDGER_RENDERBUFFER, (uint32_t)driver, 0, bytes);
}

void
dc_exec_RenderbufferStorage(struct dc_exec *x, const struct dc_cmd_RenderbufferStorage *c)
{
    struct dc_ledger_change change;
    if (!begin_renderbuffer(x, &change, 1, c->internalformat, c->width, c->height))
        return;
    x->gl->RenderbufferStorage(c->target, c->internalformat, c->width, c->height);
    dc_ledger_end(x, &change);
}

void
dc_exec_RenderbufferStorageMultisample(struct dc_exec *x, const struct dc_cmd_RenderbufferStorageMultisample *c)
{
    struct dc_ledger_change change;
    if (!begin_renderbuffer(x, &change, c->samples, c->internalformat, c->width, c->height))
        return;
    x->gl->RenderbufferStorageMultisample(c->target, c->samples, c->internalformat, c->width, c->height);
    dc_ledger_end(x, &change);
}
