/* GLES 1.1: matrices and their stacks, questions, errors, fixed point. */
#include "gl_case.h"

#include <GLES/gl.h>
#include <GLES/glext.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
print_floats(const char *label, GLenum pname, unsigned count)
{
    GLfloat f[16] = { 0 };
    GLint i[16] = { 0 };
    GLfixed x[16] = { 0 };
    glGetFloatv(pname, f);
    glGetIntegerv(pname, i);
    glGetFixedv(pname, x);
    printf("%s %04x", label, pname);
    for (unsigned k = 0; k < count; k++)
        printf(" %a %d %d", (double)f[k], i[k], x[k]);
    printf("\n");
    gl_print_error(label);
}

static void
matrix(void)
{
    const GLfloat any[16] = { 1, 2, 3, 4, 0.5f, 0.25f, -1, 7, 3, 1, 4, 1, 5, 9, 2, 6 };
    GLfixed fixed[16];
    for (unsigned i = 0; i < 16; i++)
        fixed[i] = (GLfixed)(any[i] * 32768);
    static const GLenum names[] = { GL_MODELVIEW_MATRIX, GL_PROJECTION_MATRIX, GL_TEXTURE_MATRIX };
    static const GLenum modes[] = { GL_MODELVIEW, GL_PROJECTION, GL_TEXTURE };
    for (unsigned m = 0; m < 3; m++) {
        glMatrixMode(modes[m]);
        print_floats("first", names[m], 16);
        glFrustumf(-1.1f, 1.3f, -0.7f, 0.9f, 1.5f, 70);
        print_floats("frustum", names[m], 16);
        glTranslatef(0.3f, -0.7f, -3.1f);
        glRotatef(33.3f, 0, 1, 0);
        glRotatef(-12.1f, 1, 0, 0);
        glRotatef(77, 0, 0, -2);
        print_floats("axes", names[m], 16);
        glRotatef(50, 1.7f, -2.1f, 0.4f);
        glScalef(1.5f, 0.3f, -2);
        print_floats("any axis", names[m], 16);
        glPushMatrix();
        glLoadIdentity();
        glOrthof(-2, 3.3f, -1.7f, 4, -1, 9);
        print_floats("ortho", names[m], 16);
        glMultMatrixf(any);
        glMultMatrixx(fixed);
        print_floats("multiplied", names[m], 16);
        glRotatef(30, 0, 0, 0);
        glRotatex(30 << 16, 1 << 16, 1 << 15, 0);
        glTranslatex(1 << 15, 3 << 14, -(5 << 16));
        glScalex(1 << 17, 1 << 15, 1 << 16);
        print_floats("fixed", names[m], 16);
        glLoadMatrixx(fixed);
        glFrustumx(-(1 << 16), 1 << 16, -(1 << 15), 1 << 15, 1 << 16, 10 << 16);
        glOrthox(-(1 << 16), 1 << 16, -(1 << 15), 1 << 15, 1 << 16, 10 << 16);
        print_floats("fixed volumes", names[m], 16);
        glPopMatrix();
        print_floats("popped", names[m], 16);
        glLoadMatrixf(any);
        print_floats("loaded", names[m], 16);
        GLint bits[16] = { 0 };
        static const GLenum as_bits[] = { 0x898D, 0x898E, 0x898F }; // GL_…_MATRIX_FLOAT_AS_INT_BITS_OES
        glGetIntegerv(as_bits[m], bits);
        gl_print_error("bits");
    }
}

static void
stack(void)
{
    static const GLenum modes[] = { GL_TEXTURE, GL_PROJECTION, GL_MODELVIEW };
    static const GLenum depths[] = { GL_TEXTURE_STACK_DEPTH, GL_PROJECTION_STACK_DEPTH, GL_MODELVIEW_STACK_DEPTH };
    for (unsigned m = 0; m < 3; m++) {
        glMatrixMode(modes[m]);
        glPopMatrix();
        gl_print_error("underflow");
        for (unsigned i = 0; i < 70; i++) {
            GLint depth = 0;
            glPushMatrix();
            glTranslatef(1, 0, 0);
            GLenum error = glGetError();
            glGetIntegerv(depths[m], &depth);
            if (error || i % 8 == 0)
                printf("push %u depth %d error %04x\n", i, depth, error);
            if (error)
                break;
        }
        for (unsigned i = 0; i < 4; i++)
            glPopMatrix();
        print_floats("after", m == 0 ? GL_TEXTURE_MATRIX : m == 1 ? GL_PROJECTION_MATRIX : GL_MODELVIEW_MATRIX, 16);
    }
    for (unsigned unit = 0; unit < 8; unit += 3) {
        glActiveTexture(GL_TEXTURE0 + unit);
        glMatrixMode(GL_TEXTURE);
        glScalef((GLfloat)unit + 2, 1, 1);
        print_floats("unit", GL_TEXTURE_MATRIX, 16);
    }
    GLfixed mantissa[16];
    GLint exponent[16];
    PFNGLQUERYMATRIXXOESPROC query = (PFNGLQUERYMATRIXXOESPROC)eglGetProcAddress("glQueryMatrixxOES");
    GLbitfield valid = query(mantissa, exponent);
    printf("query %x", valid);
    for (unsigned i = 0; i < 16; i++)
        printf(" %d/%d", mantissa[i], exponent[i]);
    printf("\n");
    gl_print_error("query");
}

static void
state(void)
{
    static const GLenum names[] = {
        GL_CURRENT_COLOR, GL_CURRENT_NORMAL, GL_CURRENT_TEXTURE_COORDS, GL_MATRIX_MODE, GL_SHADE_MODEL, GL_FOG_COLOR,
        GL_FOG_DENSITY, GL_FOG_MODE, GL_LIGHT_MODEL_AMBIENT, GL_LIGHT_MODEL_TWO_SIDE, GL_ALPHA_TEST_FUNC,
        GL_ALPHA_TEST_REF, GL_LOGIC_OP_MODE, GL_POINT_SIZE, GL_POINT_SIZE_MIN, GL_POINT_DISTANCE_ATTENUATION, GL_LINE_WIDTH,
        GL_DEPTH_RANGE, GL_COLOR_CLEAR_VALUE, GL_DEPTH_CLEAR_VALUE, GL_VIEWPORT, GL_SCISSOR_BOX, GL_MAX_LIGHTS,
        GL_MAX_CLIP_PLANES, GL_MAX_TEXTURE_UNITS, GL_MAX_TEXTURE_SIZE, GL_MAX_MODELVIEW_STACK_DEPTH, GL_MAX_VIEWPORT_DIMS,
        GL_SUBPIXEL_BITS, GL_RED_BITS, GL_DEPTH_BITS, GL_STENCIL_BITS, GL_SMOOTH_POINT_SIZE_RANGE,
        GL_ALIASED_POINT_SIZE_RANGE, GL_CLIENT_ACTIVE_TEXTURE, GL_ACTIVE_TEXTURE, GL_VERTEX_ARRAY_SIZE, GL_VERTEX_ARRAY_TYPE,
        GL_NORMAL_ARRAY_TYPE, GL_COLOR_ARRAY_SIZE, GL_COLOR_ARRAY_STRIDE, GL_TEXTURE_COORD_ARRAY_SIZE,
        GL_TEXTURE_COORD_ARRAY_BUFFER_BINDING, 0x898A /* GL_POINT_SIZE_ARRAY_TYPE_OES */, GL_ARRAY_BUFFER_BINDING,
        GL_TEXTURE_BINDING_2D, GL_BLEND_SRC, GL_BLEND_DST, GL_CULL_FACE_MODE, GL_FRONT_FACE, GL_STENCIL_FUNC,
        GL_STENCIL_REF, GL_STENCIL_VALUE_MASK, GL_STENCIL_WRITEMASK, GL_COLOR_WRITEMASK, GL_DEPTH_WRITEMASK,
        GL_UNPACK_ALIGNMENT, GL_PERSPECTIVE_CORRECTION_HINT, GL_FOG_HINT, GL_GENERATE_MIPMAP_HINT,
        GL_SAMPLE_COVERAGE_VALUE, GL_SAMPLE_COVERAGE_INVERT, GL_POLYGON_OFFSET_FACTOR, GL_NUM_COMPRESSED_TEXTURE_FORMATS,
        GL_IMPLEMENTATION_COLOR_READ_TYPE_OES, GL_MAX_VERTEX_ATTRIBS, GL_COPY_READ_BUFFER_BINDING, GL_CURRENT_PROGRAM,
        GL_MAX_3D_TEXTURE_SIZE, GL_BLEND_COLOR, GL_LIGHTING, GL_TEXTURE_2D, GL_VERTEX_ARRAY,
    };
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < COUNT(names); i++)
            print_floats(pass ? "set" : "new", names[i], 4);
        glColor4f(0.1f, 1.7f, -0.3f, 0.5f);
        glNormal3x(1 << 15, -(1 << 16), 3 << 14);
        glMultiTexCoord4f(GL_TEXTURE0, 1, 2, 3, 4);
        glMultiTexCoord4x(GL_TEXTURE1, 1 << 16, 1 << 15, 0, 1 << 16);
        glClearColorx(1 << 15, 1 << 14, 1 << 16, 0);
        glClearDepthx(1 << 15);
        glDepthRangex(1 << 14, 1 << 15);
        glLineWidthx(3 << 15);
        glPolygonOffsetx(1 << 17, 1 << 14);
        glSampleCoveragex(1 << 15, GL_TRUE);
        glPointSizex(3 << 16);
        glAlphaFuncx(GL_GREATER, 1 << 15);
        glFogxv(GL_FOG_COLOR, (GLfixed[]){ 1 << 15, 1 << 14, 0, 1 << 16 });
        glFogx(GL_FOG_MODE, GL_LINEAR);
        glFogf(GL_FOG_DENSITY, 0.4f);
        glShadeModel(GL_FLAT);
        glBlendFunc(GL_SRC_ALPHA, GL_ONE);
        glHint(GL_FOG_HINT, GL_NICEST);
        glLogicOp(GL_XOR);
        glClientActiveTexture(GL_TEXTURE1);
        glEnableClientState(GL_VERTEX_ARRAY);
        glEnableClientState(GL_TEXTURE_COORD_ARRAY);
        glEnable(GL_TEXTURE_2D);
        glEnable(GL_LIGHTING);
        gl_print_error("setting");
    }
    glColor4ub(255, 128, 1, 0);
    print_floats("bytes", GL_CURRENT_COLOR, 4);
    static const GLenum caps[] = {
        GL_LIGHTING, GL_LIGHT0, GL_LIGHT7, GL_LIGHT7 + 1, GL_FOG, GL_TEXTURE_2D, 0x8513, GL_MULTISAMPLE, GL_DITHER,
        GL_COLOR_MATERIAL, GL_NORMALIZE, GL_RESCALE_NORMAL, GL_CLIP_PLANE0, GL_CLIP_PLANE5, GL_ALPHA_TEST, GL_BLEND,
        GL_COLOR_LOGIC_OP, GL_POINT_SPRITE_OES, GL_VERTEX_ARRAY, GL_NORMAL_ARRAY, GL_TEXTURE_COORD_ARRAY,
        GL_RASTERIZER_DISCARD, GL_PRIMITIVE_RESTART_FIXED_INDEX, 0x1234,
    };
    for (unsigned i = 0; i < COUNT(caps); i++) {
        GLboolean before = glIsEnabled(caps[i]);
        gl_print_error("is");
        glEnable(caps[i]);
        gl_print_error("enable");
        GLboolean after = glIsEnabled(caps[i]);
        glDisable(caps[i]);
        printf("%04x %d %d %d\n", caps[i], before, after, glIsEnabled(caps[i]));
        gl_print_error("disable");
    }
    printf("GLSL %d\n", glGetString(GL_SHADING_LANGUAGE_VERSION) != NULL);
    gl_print_error("string");
    void *pointer = NULL;
    glVertexPointer(3, GL_SHORT, 12, &pointer);
    glClientActiveTexture(GL_TEXTURE0);
    glTexCoordPointer(2, GL_BYTE, 4, (void *)8);
    static const GLenum pointers[] = { GL_VERTEX_ARRAY_POINTER, GL_TEXTURE_COORD_ARRAY_POINTER, GL_NORMAL_ARRAY_POINTER, 1 };
    for (unsigned i = 0; i < COUNT(pointers); i++) {
        void *p = (void *)1;
        glGetPointerv(pointers[i], &p);
        printf("pointer %d %d\n", p == &pointer, p == (void *)8);
        gl_print_error("pointer");
    }
}

static void
print_values(const char *label, const void *values, unsigned count)
{
    const GLfloat *f = values;
    printf("%s", label);
    for (unsigned i = 0; i < count; i++)
        printf(" %a", (double)f[i]);
    printf("\n");
}

static void
objects(void)
{
    GLfloat f[4] = { 0 };
    GLfixed x[4] = { 0 };
    glMatrixMode(GL_MODELVIEW);
    glTranslatef(1, 2, 3);
    glRotatef(30, 0, 1, 0);
    glLightfv(GL_LIGHT1, GL_POSITION, (GLfloat[]){ 1, 2, 3, 1 });
    glLightxv(GL_LIGHT1, GL_DIFFUSE, (GLfixed[]){ 1 << 15, 1 << 14, 1 << 16, 1 << 13 });
    glLightfv(GL_LIGHT1, GL_SPOT_DIRECTION, (GLfloat[]){ 0, 1, -1 });
    glLightf(GL_LIGHT1, GL_SPOT_CUTOFF, 40);
    glLightx(GL_LIGHT1, GL_LINEAR_ATTENUATION, 1 << 15);
    static const GLenum light[] = { GL_AMBIENT, GL_DIFFUSE, GL_SPECULAR, GL_POSITION, GL_SPOT_DIRECTION, GL_SPOT_EXPONENT,
                                    GL_SPOT_CUTOFF, GL_CONSTANT_ATTENUATION, GL_LINEAR_ATTENUATION, GL_TEXTURE };
    for (unsigned i = 0; i < COUNT(light); i++) {
        memset(f, 0, sizeof f);
        memset(x, 0, sizeof x);
        glGetLightfv(GL_LIGHT1, light[i], f);
        glGetLightxv(GL_LIGHT1, light[i], x);
        print_values("light", f, 4);
        printf("light %d %d %d %d\n", x[0], x[1], x[2], x[3]);
        gl_print_error("light");
    }
    glMaterialfv(GL_FRONT_AND_BACK, GL_AMBIENT_AND_DIFFUSE, (GLfloat[]){ 0.1f, 0.2f, 0.3f, 0.4f });
    glMaterialx(GL_FRONT_AND_BACK, GL_SHININESS, 20 << 16);
    glMaterialf(GL_FRONT, GL_SHININESS, 20);
    gl_print_error("one face");
    static const GLenum material[] = { GL_AMBIENT, GL_DIFFUSE, GL_SPECULAR, GL_EMISSION, GL_SHININESS, GL_FOG };
    for (unsigned i = 0; i < COUNT(material); i++) {
        memset(f, 0, sizeof f);
        glGetMaterialfv(GL_BACK, material[i], f);
        print_values("material", f, 4);
        glGetMaterialxv(GL_FRONT, material[i], x);
        printf("material %d %d\n", x[0], x[3]);
        gl_print_error("material");
    }
    glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, GL_COMBINE);
    glTexEnvf(GL_TEXTURE_ENV, GL_RGB_SCALE, 2);
    glTexEnvx(GL_TEXTURE_ENV, GL_SRC0_RGB, GL_CONSTANT);
    glTexEnvfv(GL_TEXTURE_ENV, GL_TEXTURE_ENV_COLOR, (GLfloat[]){ 0.5f, 0.25f, 1, 0 });
    static const GLenum env[] = { GL_TEXTURE_ENV_MODE, GL_TEXTURE_ENV_COLOR, GL_RGB_SCALE, GL_SRC0_RGB, GL_COMBINE_ALPHA, 5 };
    for (unsigned i = 0; i < COUNT(env); i++) {
        GLint v[4] = { 0 };
        memset(f, 0, sizeof f);
        memset(x, 0, sizeof x);
        glGetTexEnvfv(GL_TEXTURE_ENV, env[i], f);
        glGetTexEnviv(GL_TEXTURE_ENV, env[i], v);
        glGetTexEnvxv(GL_TEXTURE_ENV, env[i], x);
        print_values("env", f, 4);
        printf("env %d %d %d %d, %d %d\n", v[0], v[1], v[2], v[3], x[0], x[1]);
        gl_print_error("env");
    }
    glClipPlanef(GL_CLIP_PLANE1, (GLfloat[]){ 1, 2, 3, 4 });
    glClipPlanex(GL_CLIP_PLANE2, (GLfixed[]){ 1 << 16, 0, 0, 1 << 15 });
    glGetClipPlanef(GL_CLIP_PLANE1, f);
    print_values("plane", f, 4);
    glGetClipPlanex(GL_CLIP_PLANE2, x);
    printf("plane %d %d %d %d\n", x[0], x[1], x[2], x[3]);
    glGetClipPlanef(GL_CLIP_PLANE0 + 20, f);
    gl_print_error("plane");
    GLuint texture;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameterx(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameterxv(GL_TEXTURE_2D, GL_TEXTURE_CROP_RECT_OES, (GLfixed[]){ 1 << 16, 2 << 16, 3 << 16, 4 << 16 });
    glGetTexParameterxv(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, x);
    GLint crop[4] = { 0 };
    glGetTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_CROP_RECT_OES, crop);
    printf("texture %x crop %d %d %d %d\n", x[0], crop[0], crop[1], crop[2], crop[3]);
    gl_print_error("texture");
}

static void
error(void)
{
    GLuint name;
    GLfloat f[4] = { 0 };
    glMatrixMode(GL_COLOR_ARRAY); gl_print_error("mode");
    glLightf(GL_LIGHT0 + 9, GL_SPOT_CUTOFF, 1); gl_print_error("light");
    glLightf(GL_LIGHT0, GL_SPOT_CUTOFF, 100); gl_print_error("cutoff");
    glLightfv(GL_LIGHT0, 0x1234, f); gl_print_error("light name");
    glFogf(GL_FOG_DENSITY, -1); gl_print_error("density");
    glFogfv(0x99, f); gl_print_error("fog");
    glVertexPointer(1, GL_FLOAT, 0, f); gl_print_error("size");
    glVertexPointer(3, GL_UNSIGNED_BYTE, 0, f); gl_print_error("type");
    glVertexPointer(3, GL_FLOAT, -1, f); gl_print_error("stride");
    glColorPointer(3, GL_FLOAT, 0, f); gl_print_error("colour");
    glNormalPointer(GL_UNSIGNED_BYTE, 0, f); gl_print_error("normal");
    glTexCoordPointer(1, GL_FLOAT, 0, f); gl_print_error("coordinates");
    glEnableClientState(0x1234); gl_print_error("array");
    glClientActiveTexture(GL_TEXTURE0 + 8); gl_print_error("client unit");
    glClientActiveTexture(1); gl_print_error("client unit");
    glActiveTexture(1); gl_print_error("unit");
    glFrustumf(0, 0, 0, 1, 1, 2); gl_print_error("frustum");
    glFrustumf(0, 1, 0, 1, -1, 2); gl_print_error("frustum");
    glOrthof(0, 1, 1, 1, 1, 2); gl_print_error("ortho");
    glPointSize(0); gl_print_error("point");
    glAlphaFunc(1, 0); gl_print_error("alpha");
    glShadeModel(1); gl_print_error("shade");
    glLogicOp(1); gl_print_error("logic");
    glClipPlanef(1, f); gl_print_error("plane");
    glDrawArrays(0x77, 0, 3); gl_print_error("draw");
    glDrawArrays(GL_TRIANGLES, 0, -1); gl_print_error("draw");
    glDrawElements(GL_TRIANGLES, 3, GL_FLOAT, f); gl_print_error("draw");
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0); gl_print_error("buffer");
    glBufferData(GL_ARRAY_BUFFER, 4, f, GL_STATIC_DRAW); gl_print_error("no buffer");
    glGenBuffers(1, &name);
    glBindBuffer(GL_ARRAY_BUFFER, name);
    glBufferData(GL_ARRAY_BUFFER, 4, f, GL_STREAM_DRAW); gl_print_error("usage");
    glBindTexture(GL_TEXTURE_3D, 0); gl_print_error("target");
    glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, 3); gl_print_error("env");
    glHint(GL_FRAGMENT_SHADER_DERIVATIVE_HINT, GL_NICEST); gl_print_error("hint");
    glMaterialf(GL_FRONT_AND_BACK, GL_SHININESS, 200); gl_print_error("shininess");
    printf("%u\n", glCreateShader(GL_VERTEX_SHADER)); gl_print_error("shader");
    glUseProgram(0); gl_print_error("program");
    glVertexAttrib4f(0, 1, 1, 1, 1); gl_print_error("attribute");
    glGenVertexArrays(1, &name); gl_print_error("array object");
    glBlendColor(0, 0, 0, 0); gl_print_error("blend colour");
    glStencilFuncSeparate(GL_FRONT, GL_ALWAYS, 0, 0); gl_print_error("stencil");
}

/* GLES 1.1's commands in a context of GLES 2. */
static void
other(void)
{
    glMatrixMode(GL_MODELVIEW); gl_print_error("mode");
    glLoadIdentity(); gl_print_error("identity");
    glEnableClientState(GL_VERTEX_ARRAY); gl_print_error("array");
    glEnable(GL_LIGHTING); gl_print_error("lighting");
    glVertexPointer(3, GL_FLOAT, 0, NULL); gl_print_error("pointer");
    glColor4f(1, 1, 1, 1); gl_print_error("colour");
    glPointSize(2); gl_print_error("point");
}

const struct gl_case gl_cases_gles1[] = {
    { "gles1-matrix", 1, matrix },
    { "gles1-stack", 1, stack },
    { "gles1-state", 1, state },
    { "gles1-objects", 1, objects },
    { "gles1-error", 1, error },
    { "gles1-other", 2, other },
    { 0 },
};
