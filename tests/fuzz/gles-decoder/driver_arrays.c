/* GLES 1.1's arrays: attributes of the array object, by the numbers of enum dc_gles1_array. */
#include "driver.h"

static void GL_APIENTRY
client_active_texture(GLenum texture)
{
    if (texture - GL_TEXTURE0 < DC_GLES1_TEXTURE_UNITS)
        driver_context()->client_unit = texture - GL_TEXTURE0;
    else
        driver_raise(GL_INVALID_ENUM);
}

static void
client_state(GLenum array, bool on)
{
    int index = driver_context()->gles1 ? dc_gles1_array_index(array, driver_current->client_unit) : -1;
    if (index < 0)
        driver_raise(GL_INVALID_ENUM);
    else
        driver_enable((GLuint)index, on);
}
static void GL_APIENTRY enable_client_state(GLenum array) { client_state(array, true); }
static void GL_APIENTRY disable_client_state(GLenum array) { client_state(array, false); }

/* Mesa takes arrays here too. */
static void
enable(GLenum cap, bool on)
{
    if (driver_context()->gles1 && dc_gles1_array_index(cap, driver_current->client_unit) >= 0)
        client_state(cap, on);
}
static void GL_APIENTRY enable_cap(GLenum cap) { enable(cap, true); }
static void GL_APIENTRY disable_cap(GLenum cap) { enable(cap, false); }

static void
set(GLuint index, GLint size, GLenum type, GLsizei stride, const void *at)
{
    if (!driver_context()->gles1)
        driver_abort("an array of GLES 1.1 in another context");
    driver_pointer(index, dc_gles1_array_takes(index, size, type) ? size : 0, type, stride, at);
}

static void GL_APIENTRY
vertex_pointer(GLint size, GLenum type, GLsizei stride, const void *at)
{
    set(DC_GLES1_VERTEX, size, type, stride, at);
}

static void GL_APIENTRY
normal_pointer(GLenum type, GLsizei stride, const void *at)
{
    set(DC_GLES1_NORMAL, 3, type, stride, at);
}

static void GL_APIENTRY
color_pointer(GLint size, GLenum type, GLsizei stride, const void *at)
{
    set(DC_GLES1_COLOR, size, type, stride, at);
}

static void GL_APIENTRY
point_size_pointer(GLenum type, GLsizei stride, const void *at)
{
    set(DC_GLES1_POINT_SIZE, 1, type, stride, at);
}

static void GL_APIENTRY
tex_coord_pointer(GLint size, GLenum type, GLsizei stride, const void *at)
{
    set(DC_GLES1_TEXTURE_COORD + driver_context()->client_unit, size, type, stride, at);
}

void
driver_fill_arrays(struct dc_gl *gl)
{
    gl->ClientActiveTexture = client_active_texture;
    gl->EnableClientState = enable_client_state;
    gl->DisableClientState = disable_client_state;
    gl->Enable = enable_cap;
    gl->Disable = disable_cap;
    gl->VertexPointer = vertex_pointer;
    gl->NormalPointer = normal_pointer;
    gl->ColorPointer = color_pointer;
    gl->PointSizePointerOES = point_size_pointer;
    gl->TexCoordPointer = tex_coord_pointer;
}
