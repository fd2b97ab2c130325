#ifndef DC_PROTOCOL_GLES_GLES1_H
#define DC_PROTOCOL_GLES_GLES1_H
/*
 * GLES 3.2's types and names, and GLES 1.1's beside them. What both sides agree on about GLES 1.1: its vertex arrays are
 * attributes with these numbers, in commands of ours (dcClientArray, dcClientAttrib) and in the records of both sides.
 */
#include <stdbool.h>
#include <stdint.h>

#include <GLES3/gl32.h>

#include <GLES2/gl2ext.h>

#include <GLES/gl.h>
#include <GLES/glext.h>

#define DC_GLES1_TEXTURE_UNITS 8u // what we keep of; drivers may have more

enum dc_gles1_array {
    DC_GLES1_VERTEX,
    DC_GLES1_NORMAL,
    DC_GLES1_COLOR,
    DC_GLES1_POINT_SIZE,
    DC_GLES1_TEXTURE_COORD, // of unit 0; the other units' follow
    DC_GLES1_ARRAY_COUNT = DC_GLES1_TEXTURE_COORD + DC_GLES1_TEXTURE_UNITS,
};

/* Number of the array that gl{En,Dis}ableClientState names, while `unit` is the client's active one; -1: no such array. */
static inline int
dc_gles1_array_index(GLenum array, uint32_t unit)
{
    switch (array) {
    case GL_VERTEX_ARRAY: return DC_GLES1_VERTEX;
    case GL_NORMAL_ARRAY: return DC_GLES1_NORMAL;
    case GL_COLOR_ARRAY: return DC_GLES1_COLOR;
    case GL_POINT_SIZE_ARRAY_OES: return DC_GLES1_POINT_SIZE;
    case GL_TEXTURE_COORD_ARRAY: return unit < DC_GLES1_TEXTURE_UNITS ? (int)(DC_GLES1_TEXTURE_COORD + unit) : -1;
    default: return -1;
    }
}

/* The other way round, for a texture coordinate's whatever unit. */
static inline GLenum
dc_gles1_array_name(uint32_t index)
{
    static const GLenum names[] = { GL_VERTEX_ARRAY, GL_NORMAL_ARRAY, GL_COLOR_ARRAY, GL_POINT_SIZE_ARRAY_OES };
    return index < DC_GLES1_TEXTURE_COORD ? names[index] : GL_TEXTURE_COORD_ARRAY;
}

/* Whether an array takes elements of this kind. */
static inline bool
dc_gles1_array_takes(uint32_t index, GLint size, GLenum type)
{
    bool real = type == GL_FLOAT || type == GL_FIXED, small = type == GL_BYTE || type == GL_SHORT;
    switch (index) {
    case DC_GLES1_VERTEX: return size >= 2 && size <= 4 && (real || small);
    case DC_GLES1_NORMAL: return size == 3 && (real || small);
    case DC_GLES1_COLOR: return size == 4 && (real || type == GL_UNSIGNED_BYTE);
    case DC_GLES1_POINT_SIZE: return size == 1 && real;
    default: return index < DC_GLES1_ARRAY_COUNT && size >= 2 && size <= 4 && (real || small);
    }
}

/* Values that Fog*v, LightModel*v, Light*v, Material*v, PointParameter*v, TexEnv*v, TexGen*v and TexParameterxv read. */
static inline int32_t
dc_gles1_count(GLenum pname)
{
    switch (pname) {
    case GL_FOG_COLOR:
    case GL_LIGHT_MODEL_AMBIENT:
    case GL_AMBIENT:
    case GL_DIFFUSE:
    case GL_SPECULAR:
    case GL_POSITION:
    case GL_EMISSION:
    case GL_AMBIENT_AND_DIFFUSE:
    case GL_TEXTURE_ENV_COLOR:
    case GL_TEXTURE_CROP_RECT_OES:
    case 0x1004: // GL_TEXTURE_BORDER_COLOR
    case 0x2501: // GL_OBJECT_PLANE
    case 0x2502: // GL_EYE_PLANE
        return 4;
    case GL_SPOT_DIRECTION:
    case GL_POINT_DISTANCE_ATTENUATION:
        return 3;
    default:
        return 1;
    }
}

#endif
