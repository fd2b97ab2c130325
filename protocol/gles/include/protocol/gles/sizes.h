#ifndef DC_PROTOCOL_GLES_SIZES_H
#define DC_PROTOCOL_GLES_SIZES_H
/* Element counts that gl.xml leaves open; both sides use them. */
#include <stdint.h>

#include <protocol/gles/gles1.h>

/* Values that Tex/SamplerParameter*v read for a pname. */
static inline int32_t
dc_gles_parameter_count(GLenum pname)
{
    return pname == GL_TEXTURE_BORDER_COLOR || pname == GL_TEXTURE_CROP_RECT_OES ? 4 : 1;
}

/* Values that ClearBuffer*v reads. */
static inline int32_t
dc_gles_clear_count(GLenum buffer)
{
    return buffer == GL_COLOR ? 4 : 1;
}

/* Bytes of an index or of a component of a vertex attribute; 0 for no such type. Packed types (2_10_10_10) are whole
 * elements: size 4 counts once. */
static inline uint32_t
dc_gles_type_bytes(GLenum type)
{
    switch (type) {
    case GL_BYTE:
    case GL_UNSIGNED_BYTE:
        return 1;
    case GL_SHORT:
    case GL_UNSIGNED_SHORT:
    case GL_HALF_FLOAT:
    case 0x8D61: // GL_HALF_FLOAT_OES
        return 2;
    case GL_INT:
    case GL_UNSIGNED_INT:
    case GL_FLOAT:
    case GL_FIXED:
    case GL_INT_2_10_10_10_REV:
    case GL_UNSIGNED_INT_2_10_10_10_REV:
        return 4;
    default:
        return 0;
    }
}

/* Bytes of one index; 0 for no index type. */
static inline uint32_t
dc_gles_index_bytes(GLenum type)
{
    return type == GL_UNSIGNED_BYTE ? 1 : type == GL_UNSIGNED_SHORT ? 2 : type == GL_UNSIGNED_INT ? 4 : 0;
}

/* Bytes of one vertex of an attribute, 0 for no such type or size. */
static inline uint32_t
dc_gles_vertex_bytes(GLint size, GLenum type)
{
    if (size < 1 || size > 4)
        return 0;
    if (type == GL_INT_2_10_10_10_REV || type == GL_UNSIGNED_INT_2_10_10_10_REV)
        return size == 4 ? 4 : 0;
    return dc_gles_type_bytes(type) * (uint32_t)size;
}

#endif
