/* GLES 1.1: what it draws, from client memory and from buffers. */
#include "gl_case.h"

#include <GLES/gl.h>
#include <GLES/glext.h>
#include <string.h>

struct vertex {
    GLfloat position[3];
    GLubyte color[4];
    GLbyte normal[3], pad;
    GLfloat coord[2];
};

#define SIDE 12
static struct vertex mesh[SIDE * SIDE];
static GLushort indices[(SIDE - 1) * (SIDE - 1) * 6];
#define INDEX_COUNT ((SIDE - 1) * (SIDE - 1) * 6)

static void
make_mesh(void)
{
    unsigned n = 0;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            GLfloat u = (GLfloat)x / (SIDE - 1), v = (GLfloat)y / (SIDE - 1), a = u * 2 - 1, b = v * 2 - 1;
            mesh[y * SIDE + x] = (struct vertex){
                { a, b, (a * a + b * b) * -0.4f }, { (GLubyte)(u * 255), (GLubyte)(v * 255), 128, (GLubyte)(255 - u * 128) },
                { (GLbyte)(a * 80), (GLbyte)(b * 80), 90 }, 0, { u * 2, v * 2 },
            };
            if (x < SIDE - 1 && y < SIDE - 1) {
                GLushort i = (GLushort)(y * SIDE + x);
                const GLushort cell[] = { i, (GLushort)(i + 1), (GLushort)(i + SIDE),
                                          (GLushort)(i + SIDE), (GLushort)(i + 1), (GLushort)(i + SIDE + 1) };
                memcpy(indices + n, cell, sizeof cell);
                n += 6;
            }
        }
    }
}

static void
look(void)
{
    glMatrixMode(GL_PROJECTION);
    glLoadIdentity();
    glFrustumf(-0.6f, 0.6f, -0.45f, 0.45f, 1, 20);
    glMatrixMode(GL_MODELVIEW);
    glLoadIdentity();
    glTranslatef(0, 0, -2.6f);
    glRotatef(25, 1, 0.3f, 0);
    glEnable(GL_DEPTH_TEST);
    glClearColor(0.1f, 0.2f, 0.3f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
}

/* Arrays from `base`: the mesh itself, or NULL for a buffer that has it. */
static void
point(const struct vertex *base)
{
    const char *at = (const char *)base;
    glVertexPointer(3, GL_FLOAT, sizeof(struct vertex), at + offsetof(struct vertex, position));
    glColorPointer(4, GL_UNSIGNED_BYTE, sizeof(struct vertex), at + offsetof(struct vertex, color));
    glNormalPointer(GL_BYTE, sizeof(struct vertex), at + offsetof(struct vertex, normal));
    glTexCoordPointer(2, GL_FLOAT, sizeof(struct vertex), at + offsetof(struct vertex, coord));
    glEnableClientState(GL_VERTEX_ARRAY);
}

static void
draw_mesh(const char *label)
{
    glDrawElements(GL_TRIANGLES, INDEX_COUNT, GL_UNSIGNED_SHORT, indices);
    gl_print_pixels(label);
}

static GLuint
make_texture(int size, uint32_t seed)
{
    static GLubyte texels[32 * 32 * 4];
    GLuint texture;
    gl_fill(texels, sizeof texels, seed);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_GENERATE_MIPMAP, GL_TRUE);
    glTexParameterx(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, size, size, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
    return texture;
}

static void
light(void)
{
    make_mesh();
    look();
    point(mesh);
    glEnableClientState(GL_NORMAL_ARRAY);
    glEnable(GL_LIGHTING);
    glEnable(GL_NORMALIZE);
    glEnable(GL_LIGHT0);
    glLightfv(GL_LIGHT0, GL_POSITION, (GLfloat[]){ 1, 1, 2, 0 });
    draw_mesh("directional");
    glEnable(GL_LIGHT3);
    glLightfv(GL_LIGHT3, GL_POSITION, (GLfloat[]){ 0.3f, -0.2f, 1, 1 });
    glLightfv(GL_LIGHT3, GL_DIFFUSE, (GLfloat[]){ 1, 0.2f, 0.1f, 1 });
    glLightfv(GL_LIGHT3, GL_SPECULAR, (GLfloat[]){ 1, 1, 1, 1 });
    glLightfv(GL_LIGHT3, GL_SPOT_DIRECTION, (GLfloat[]){ 0, 0, -1 });
    glLightf(GL_LIGHT3, GL_SPOT_CUTOFF, 35);
    glLightf(GL_LIGHT3, GL_SPOT_EXPONENT, 3);
    glLightf(GL_LIGHT3, GL_QUADRATIC_ATTENUATION, 0.5f);
    glMaterialfv(GL_FRONT_AND_BACK, GL_SPECULAR, (GLfloat[]){ 0.8f, 0.8f, 0.2f, 1 });
    glMaterialx(GL_FRONT_AND_BACK, GL_SHININESS, 20 << 16);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    draw_mesh("spot");
    glEnable(GL_COLOR_MATERIAL);
    glEnableClientState(GL_COLOR_ARRAY);
    glLightModelfv(GL_LIGHT_MODEL_AMBIENT, (GLfloat[]){ 0.4f, 0.1f, 0.1f, 1 });
    glLightModelx(GL_LIGHT_MODEL_TWO_SIDE, 1);
    glRotatef(160, 0, 1, 0);
    glShadeModel(GL_FLAT);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    draw_mesh("two sides");
    glDisable(GL_LIGHTING);
    glDisableClientState(GL_COLOR_ARRAY);
    glColor4x(1 << 15, 1 << 16, 0, 1 << 16);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    draw_mesh("plain");
}

static void
fog(void)
{
    static const GLenum modes[] = { GL_EXP, GL_EXP2, GL_LINEAR };
    make_mesh();
    look();
    point(mesh);
    glEnableClientState(GL_COLOR_ARRAY);
    glEnable(GL_FOG);
    glFogfv(GL_FOG_COLOR, (GLfloat[]){ 0.7f, 0.6f, 0.5f, 1 });
    glFogf(GL_FOG_DENSITY, 0.35f);
    glFogf(GL_FOG_START, 2);
    glFogx(GL_FOG_END, 3 << 16);
    for (unsigned i = 0; i < 3; i++) {
        glFogf(GL_FOG_MODE, (GLfloat)modes[i]);
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
        draw_mesh("fog");
    }
    glEnable(GL_CLIP_PLANE0);
    glClipPlanef(GL_CLIP_PLANE0, (GLfloat[]){ 1, 0.5f, 0, 0.1f });
    glEnable(GL_ALPHA_TEST);
    glAlphaFunc(GL_LESS, 0.8f);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    draw_mesh("clipped");
    glEnable(GL_COLOR_LOGIC_OP);
    glLogicOp(GL_XOR);
    draw_mesh("xor");
}

static void
environment(void)
{
    static const GLint modes[] = { GL_MODULATE, GL_DECAL, GL_BLEND, GL_REPLACE, GL_ADD };
    make_mesh();
    look();
    GLuint first = make_texture(32, 1), second;
    point(mesh);
    glEnableClientState(GL_COLOR_ARRAY);
    glEnableClientState(GL_TEXTURE_COORD_ARRAY);
    glEnable(GL_TEXTURE_2D);
    glTexEnvfv(GL_TEXTURE_ENV, GL_TEXTURE_ENV_COLOR, (GLfloat[]){ 0.9f, 0.1f, 0.4f, 0.5f });
    for (unsigned i = 0; i < 5; i++) {
        glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, modes[i]);
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
        draw_mesh("mode");
    }
    glActiveTexture(GL_TEXTURE1);
    second = make_texture(16, 2);
    glEnable(GL_TEXTURE_2D);
    glClientActiveTexture(GL_TEXTURE1);
    glEnableClientState(GL_TEXTURE_COORD_ARRAY);
    glTexCoordPointer(2, GL_FLOAT, sizeof(struct vertex), &mesh->position);
    glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, GL_COMBINE);
    glTexEnvi(GL_TEXTURE_ENV, GL_COMBINE_RGB, GL_INTERPOLATE);
    glTexEnvi(GL_TEXTURE_ENV, GL_SRC0_RGB, GL_TEXTURE);
    glTexEnvi(GL_TEXTURE_ENV, GL_SRC1_RGB, GL_PREVIOUS);
    glTexEnvi(GL_TEXTURE_ENV, GL_SRC2_RGB, GL_PRIMARY_COLOR);
    glTexEnvi(GL_TEXTURE_ENV, GL_OPERAND2_RGB, GL_SRC_ALPHA);
    glTexEnvx(GL_TEXTURE_ENV, GL_RGB_SCALE, 2 << 16);
    glMatrixMode(GL_TEXTURE);
    glRotatef(40, 0, 0, 1);
    glScalef(1.5f, 2, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    draw_mesh("combine");
    glTexEnvi(GL_TEXTURE_ENV, GL_COMBINE_RGB, GL_DOT3_RGB);
    draw_mesh("dot3");
    // The other unit's array is from a buffer, and client memory only feeds one of them.
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof mesh, mesh, GL_STATIC_DRAW);
    glTexCoordPointer(2, GL_FLOAT, sizeof(struct vertex), NULL);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    draw_mesh("mixed");
    glClientActiveTexture(GL_TEXTURE0);
    glDisableClientState(GL_TEXTURE_COORD_ARRAY);
    glMultiTexCoord4f(GL_TEXTURE0, 0.3f, 0.6f, 0, 1);
    draw_mesh("constant");
    glDeleteTextures(1, &first);
    glDeleteTextures(1, &second);
    draw_mesh("deleted");
}

static void
arrays(void)
{
    make_mesh();
    look();
    GLuint buffers[2];
    glGenBuffers(2, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof mesh, mesh, GL_STATIC_DRAW);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffers[1]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof indices, indices, GL_STATIC_DRAW);
    point(NULL);
    glEnableClientState(GL_COLOR_ARRAY);
    glDrawElements(GL_TRIANGLES, INDEX_COUNT, GL_UNSIGNED_SHORT, NULL);
    gl_print_pixels("buffers");
    // Client memory by indices in a buffer.
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    point(mesh);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glDrawElements(GL_TRIANGLES, INDEX_COUNT / 2, GL_UNSIGNED_SHORT, (void *)60);
    gl_print_pixels("client by buffer");
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, 0);
    for (unsigned i = 0; i < 3; i++) { // the same twice, then changed in place
        if (i == 2)
            mesh[40].position[0] += 0.4f;
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
        draw_mesh("client");
    }
    static const GLshort shorts[] = { -1, -1, 0, 0, 1, -1, 0, 0, 0, 1, 0, 0 };
    static const GLfixed fixed[] = { 1 << 16, 0, 0, 1 << 16, 0, 1 << 16, 0, 1 << 15, 0, 0, 1 << 16, 1 << 16 };
    static const GLbyte bytes[] = { -1, 0, 1, 0, 0, 1 };
    glVertexPointer(3, GL_SHORT, 8, shorts);
    glColorPointer(4, GL_FIXED, 0, fixed);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("short");
    glVertexPointer(2, GL_BYTE, 2, bytes);
    glDrawArrays(GL_TRIANGLE_FAN, 0, 3);
    gl_print_pixels("byte");
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferSubData(GL_ARRAY_BUFFER, 0, sizeof mesh / 2, mesh + 20);
    point(NULL);
    glDrawArrays(GL_LINE_STRIP, 3, 100);
    gl_print_pixels("lines");
    glDeleteBuffers(2, buffers);
    glVertexPointer(3, GL_FLOAT, sizeof(struct vertex), mesh);
    glColorPointer(4, GL_UNSIGNED_BYTE, sizeof(struct vertex), mesh->color);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 60);
    gl_print_pixels("deleted");
    glDisableClientState(GL_VERTEX_ARRAY);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 60);
    gl_print_pixels("no vertices");
    void *(GL_APIENTRYP map)(GLenum, GLenum) = (void *)eglGetProcAddress("glMapBufferOES");
    GLboolean (GL_APIENTRYP unmap)(GLenum) = (void *)eglGetProcAddress("glUnmapBufferOES");
    glGenBuffers(1, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferData(GL_ARRAY_BUFFER, sizeof mesh, NULL, GL_DYNAMIC_DRAW);
    void *mapped = map(GL_ARRAY_BUFFER, GL_WRITE_ONLY_OES);
    if (mapped)
        memcpy(mapped, mesh, sizeof mesh);
    printf("mapped %d %d\n", mapped != NULL, unmap(GL_ARRAY_BUFFER));
    point(NULL);
    draw_mesh("mapped");
}

static void
points(void)
{
    static const GLfloat sizes[] = { 1, 3, 5, 7, 9, 11, 13, 2 };
    void(GL_APIENTRYP size_pointer)(GLenum, GLsizei, const void *) = (void *)eglGetProcAddress("glPointSizePointerOES");
    make_mesh();
    look();
    make_texture(16, 3);
    point(mesh + 40);
    glEnableClientState(GL_COLOR_ARRAY);
    glPointSize(6);
    glDrawArrays(GL_POINTS, 0, 8);
    gl_print_pixels("points");
    glEnableClientState(GL_POINT_SIZE_ARRAY_OES);
    size_pointer(GL_FLOAT, 0, sizes);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glDrawArrays(GL_POINTS, 0, 8);
    gl_print_pixels("sizes");
    glEnable(GL_POINT_SPRITE_OES);
    glTexEnvi(GL_POINT_SPRITE_OES, GL_COORD_REPLACE_OES, GL_TRUE);
    glEnable(GL_TEXTURE_2D);
    glPointParameterfv(GL_POINT_DISTANCE_ATTENUATION, (GLfloat[]){ 0, 0.2f, 0.05f });
    glPointParameterf(GL_POINT_SIZE_MIN, 4);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    glDrawArrays(GL_POINTS, 0, 8);
    gl_print_pixels("sprites");
    size_pointer(GL_SHORT, 0, sizes);
    gl_print_error("size type");
}

static void
draw_texture(void)
{
    PFNGLDRAWTEXIOESPROC integers = (PFNGLDRAWTEXIOESPROC)eglGetProcAddress("glDrawTexiOES");
    PFNGLDRAWTEXFVOESPROC floats = (PFNGLDRAWTEXFVOESPROC)eglGetProcAddress("glDrawTexfvOES");
    PFNGLDRAWTEXSOESPROC shorts = (PFNGLDRAWTEXSOESPROC)eglGetProcAddress("glDrawTexsOES");
    PFNGLDRAWTEXSVOESPROC short_array = (PFNGLDRAWTEXSVOESPROC)eglGetProcAddress("glDrawTexsvOES");
    PFNGLDRAWTEXXOESPROC fixed = (PFNGLDRAWTEXXOESPROC)eglGetProcAddress("glDrawTexxOES");
    look();
    make_texture(32, 4);
    glEnable(GL_TEXTURE_2D);
    glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_CROP_RECT_OES, (GLint[]){ 0, 0, 32, 32 });
    integers(4, 5, 0, 20, 30);
    gl_print_pixels("integers");
    glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_CROP_RECT_OES, (GLint[]){ 8, 30, 16, -16 });
    floats((GLfloat[]){ 30.5f, 10, 0.5f, 24, 12 });
    gl_print_pixels("floats");
    shorts(0, 40, 0, 8, 8);
    short_array((GLshort[]){ 20, 38, 0, 9, 7 });
    fixed(40 << 16, 30 << 16, 1 << 15, 10 << 16, 10 << 16);
    gl_print_pixels("others");
    integers(0, 0, 0, 0, 5);
    gl_print_error("empty");
}

static void
framebuffer(void)
{
    PFNGLGENFRAMEBUFFERSOESPROC gen = (PFNGLGENFRAMEBUFFERSOESPROC)eglGetProcAddress("glGenFramebuffersOES");
    PFNGLBINDFRAMEBUFFEROESPROC bind = (PFNGLBINDFRAMEBUFFEROESPROC)eglGetProcAddress("glBindFramebufferOES");
    PFNGLFRAMEBUFFERTEXTURE2DOESPROC attach =
        (PFNGLFRAMEBUFFERTEXTURE2DOESPROC)eglGetProcAddress("glFramebufferTexture2DOES");
    PFNGLCHECKFRAMEBUFFERSTATUSOESPROC check =
        (PFNGLCHECKFRAMEBUFFERSTATUSOESPROC)eglGetProcAddress("glCheckFramebufferStatusOES");
    PFNGLBLENDEQUATIONOESPROC equation = (PFNGLBLENDEQUATIONOESPROC)eglGetProcAddress("glBlendEquationOES");
    make_mesh();
    GLuint texture = make_texture(32, 5), name;
    gen(1, &name);
    bind(GL_FRAMEBUFFER_OES, name);
    attach(GL_FRAMEBUFFER_OES, GL_COLOR_ATTACHMENT0_OES, GL_TEXTURE_2D, texture, 0);
    printf("status %04x\n", check(GL_FRAMEBUFFER_OES));
    glViewport(0, 0, 32, 32);
    look();
    point(mesh);
    glEnableClientState(GL_COLOR_ARRAY);
    glDrawElements(GL_TRIANGLES, INDEX_COUNT, GL_UNSIGNED_SHORT, indices);
    gl_print_area("inside", 0, 0, 32, 32, GL_RGBA, GL_UNSIGNED_BYTE, 4);
    bind(GL_FRAMEBUFFER_OES, 0);
    glViewport(0, 0, CASE_WIDTH, CASE_HEIGHT);
    look();
    glEnable(GL_TEXTURE_2D);
    glEnable(GL_BLEND);
    glBlendFunc(GL_ONE, GL_ONE);
    equation(GL_FUNC_REVERSE_SUBTRACT_OES);
    glEnableClientState(GL_TEXTURE_COORD_ARRAY);
    draw_mesh("outside");
    static GLubyte palette[16 * 3 + 32 * 32 / 2];
    gl_fill(palette, sizeof palette, 6);
    glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_PALETTE4_RGB8_OES, 32, 32, 0, sizeof palette, palette);
    gl_print_error("palette");
    glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_PALETTE4_RGB8_OES, 32, 32, 0, sizeof palette - 1, palette);
    gl_print_error("short palette");
    glDisable(GL_BLEND);
    draw_mesh("palette");
}

const struct gl_case gl_cases_gles1_draw[] = {
    { "gles1-light", 1, light },
    { "gles1-fog", 1, fog },
    { "gles1-environment", 1, environment },
    { "gles1-arrays", 1, arrays },
    { "gles1-points", 1, points },
    { "gles1-draw-texture", 1, draw_texture },
    { "gles1-framebuffer", 1, framebuffer },
    { 0 },
};
