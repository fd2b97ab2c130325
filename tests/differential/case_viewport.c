/* Several viewports (OES_viewport_array): drawn through a geometry shader, asked for by index, and refused. */
#include "gl_case.h"

#include <string.h>

#define PROC(type, name) type name = (type)eglGetProcAddress(#name)

static const char vs[] = "#version 320 es\nlayout(location = 0) in vec4 pos; void main() { gl_Position = pos; }\n";
static const char gs[] = "#version 320 es\n#extension GL_OES_viewport_array : require\n"
                         "layout(triangles, invocations = 4) in; layout(triangle_strip, max_vertices = 3) out;\n"
                         "out vec4 tint;\n"
                         "void main() { for (int i = 0; i < 3; i++) {\n"
                         "  gl_ViewportIndex = gl_InvocationID * 3; tint = vec4(float(gl_InvocationID) / 3.0, 0.5, 1.0, 1.0);\n"
                         "  gl_Position = gl_in[i].gl_Position; EmitVertex(); } EndPrimitive(); }\n";
static const char fs[] = "#version 320 es\nprecision highp float; in vec4 tint; out vec4 o;\n"
                         "void main() { o = vec4(tint.rg, gl_FragCoord.z, 1.0); }\n";

static GLuint
make_program(void)
{
    GLuint program = glCreateProgram();
    GLint linked = 0;
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, vs));
    glAttachShader(program, gl_shader(GL_GEOMETRY_SHADER, gs));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, fs));
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    printf("linked %d\n", linked);
    return program;
}

static void
print_all(const char *label)
{
    PROC(PFNGLGETFLOATI_VOESPROC, glGetFloati_vOES);
    PROC(PFNGLISENABLEDIOESPROC, glIsEnablediOES);
    GLfloat box[4], range[2];
    GLint scissor[4], whole[4], depths[2];
    for (GLuint i = 0; i < 16; i += 3) {
        glGetFloati_vOES(GL_VIEWPORT, i, box);
        glGetIntegeri_v(GL_VIEWPORT, i, whole);
        glGetIntegeri_v(GL_SCISSOR_BOX, i, scissor);
        glGetFloati_vOES(GL_DEPTH_RANGE, i, range);
        glGetIntegeri_v(GL_DEPTH_RANGE, i, depths);
        printf("%s %u: %g %g %g %g (%d %d %d %d), %d %d %d %d, %g %g (%d %d), %d\n", label, i, (double)box[0], (double)box[1],
               (double)box[2], (double)box[3], whole[0], whole[1], whole[2], whole[3], scissor[0], scissor[1],
               scissor[2], scissor[3], (double)range[0], (double)range[1], depths[0],
               depths[1], glIsEnablediOES(GL_SCISSOR_TEST, i));
    }
    glGetIntegerv(GL_VIEWPORT, whole);
    glGetIntegerv(GL_SCISSOR_BOX, scissor);
    glGetFloatv(GL_DEPTH_RANGE, range);
    printf("%s: %d %d %d %d, %d %d %d %d, %g %g, %d\n", label, whole[0], whole[1], whole[2], whole[3], scissor[0],
           scissor[1], scissor[2], scissor[3], (double)range[0], (double)range[1], glIsEnabled(GL_SCISSOR_TEST));
    gl_print_error(label);
}

static void
set_some(void)
{
    PROC(PFNGLVIEWPORTARRAYVOESPROC, glViewportArrayvOES);
    PROC(PFNGLVIEWPORTINDEXEDFOESPROC, glViewportIndexedfOES);
    PROC(PFNGLSCISSORINDEXEDVOESPROC, glScissorIndexedvOES);
    PROC(PFNGLDEPTHRANGEARRAYFVOESPROC, glDepthRangeArrayfvOES);
    PROC(PFNGLENABLEIOESPROC, glEnableiOES);
    // Mesa clamps in the application's array, const or not.
    GLfloat boxes[16] = { 0, 0, 32, 24, 1, 1, 5, 5, 2, 2, 7, 7, 31.5f, 0, 20.75f, 24 };
    static const GLfloat ranges[4] = { 0.5f, 1, -3, 0.25f };
    glViewportArrayvOES(0, 4, boxes);
    glViewportIndexedfOES(6, 0, 24, 32, 24);
    glViewportIndexedfOES(9, 30, 20, 34, 28);
    glScissorIndexedvOES(6, (const GLint[4]){ 4, 28, 20, 10 });
    glEnableiOES(GL_SCISSOR_TEST, 6);
    glDepthRangeArrayfvOES(3, 2, ranges);
}

static void
draw(GLuint program, const char *label)
{
    glClearColor(0.1f, 0.1f, 0.1f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    gl_draw_quad(program, -0.8f, -0.9f, 0.9f, 0.7f);
    gl_print_pixels(label);
}

static void
viewport_array(void)
{
    PROC(PFNGLSCISSORARRAYVOESPROC, glScissorArrayvOES);
    PROC(PFNGLSCISSORINDEXEDOESPROC, glScissorIndexedOES);
    PROC(PFNGLDISABLEIOESPROC, glDisableiOES);
    PROC(PFNGLVIEWPORTINDEXEDFVOESPROC, glViewportIndexedfvOES);
    PROC(PFNGLDEPTHRANGEINDEXEDFOESPROC, glDepthRangeIndexedfOES);
    GLuint program = make_program();
    print_all("first");
    draw(program, "all alike");
    set_some();
    print_all("some");
    draw(program, "some");
    glScissorArrayvOES(3, 4, (const GLint[16]){ 0, 0, 40, 6, 1, 1, 1, 1, 2, 2, 2, 2, 10, 30, 20, 3 });
    glScissorIndexedOES(0, 3, 4, 9, 9);
    glEnable(GL_SCISSOR_TEST);
    glDisableiOES(GL_SCISSOR_TEST, 9);
    glDepthRangeIndexedfOES(9, 0.75f, 0.5f);
    glViewportIndexedfvOES(0, (GLfloat[4]){ -1e9f, 0.25f, 1e9f, 3 });
    print_all("more");
    glDisableiOES(GL_SCISSOR_TEST, 0);
    draw(program, "more");
    glViewport(5, 6, 40, 30); // all of them again
    glScissor(0, 0, 50, 33);
    glDepthRangef(0.1f, 0.2f);
    glEnable(GL_SCISSOR_TEST);
    print_all("one");
    draw(program, "one");
    glDisable(GL_SCISSOR_TEST);
    print_all("no scissor");
}

static void
viewport_refused(void)
{
    PROC(PFNGLVIEWPORTARRAYVOESPROC, glViewportArrayvOES);
    PROC(PFNGLVIEWPORTINDEXEDFOESPROC, glViewportIndexedfOES);
    PROC(PFNGLSCISSORARRAYVOESPROC, glScissorArrayvOES);
    PROC(PFNGLSCISSORINDEXEDOESPROC, glScissorIndexedOES);
    PROC(PFNGLDEPTHRANGEARRAYFVOESPROC, glDepthRangeArrayfvOES);
    PROC(PFNGLDEPTHRANGEINDEXEDFOESPROC, glDepthRangeIndexedfOES);
    PROC(PFNGLGETFLOATI_VOESPROC, glGetFloati_vOES);
    PROC(PFNGLENABLEIOESPROC, glEnableiOES);
    PROC(PFNGLISENABLEDIOESPROC, glIsEnablediOES);
    static const GLenum limits[] = { GL_MAX_VIEWPORTS_OES, GL_VIEWPORT_SUBPIXEL_BITS_OES,
                                     GL_VIEWPORT_INDEX_PROVOKING_VERTEX_OES, GL_LAYER_PROVOKING_VERTEX };
    GLint most = 0, ints[4] = { 0 };
    GLfloat floats[64] = { 0 };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        glGetIntegerv(limits[i], &most);
        printf("%x = %d\n", limits[i], most);
    }
    glGetFloatv(GL_VIEWPORT_BOUNDS_RANGE_OES, floats);
    printf("bounds %g %g\n", (double)floats[0], (double)floats[1]);
    glGetIntegerv(GL_MAX_VIEWPORTS_OES, &most);
    GLuint end = (GLuint)most;
    GLfloat bad[8] = { 1, 2, 3, 4, 5, 6, 7, -1 };
    glViewportArrayvOES(0, 2, bad);
    gl_print_error("one bad viewport");
    glViewportArrayvOES(end - 1, 2, floats);
    gl_print_error("viewports past the end");
    glViewportArrayvOES(end, 0, floats);
    gl_print_error("no viewport at the end");
    glViewportIndexedfOES(end, 0, 0, 1, 1);
    gl_print_error("no such viewport");
    glViewportIndexedfOES(1, 0, 0, -1, 1);
    gl_print_error("negative width");
    glScissorArrayvOES(0, 2, (const GLint[8]){ 1, 2, 3, 4, 5, 6, -7, 8 });
    gl_print_error("one bad scissor");
    glScissorArrayvOES(end, 1, ints);
    gl_print_error("scissors past the end");
    glScissorIndexedOES(end, 0, 0, 1, 1);
    gl_print_error("no such scissor");
    glDepthRangeArrayfvOES(end - 2, 3, floats);
    gl_print_error("depth ranges past the end");
    glDepthRangeIndexedfOES(end, 0, 1);
    gl_print_error("no such depth range");
    glGetFloati_vOES(GL_VIEWPORT, end, floats);
    gl_print_error("asked past the end");
    glGetIntegeri_v(GL_SCISSOR_BOX, end, ints);
    gl_print_error("asked past the end");
    glGetFloati_vOES(GL_CULL_FACE_MODE, 0, floats);
    gl_print_error("has no index");
    glEnableiOES(GL_SCISSOR_TEST, end);
    gl_print_error("enable past the end");
    glIsEnablediOES(GL_SCISSOR_TEST, end);
    gl_print_error("is it on past the end");
    print_all("as before");
}

/* What the driver makes smaller, we know smaller. */
static void
viewport_large(void)
{
    GLint box[4];
    glViewport(100000, -100000, 1000000, 70000);
    glGetIntegerv(GL_VIEWPORT, box);
    printf("viewport %d %d %d %d\n", box[0], box[1], box[2], box[3]);
    gl_print_error("large");
}

static void
recover_viewports(void)
{
    GLuint program = make_program();
    glViewport(1, 2, 60, 40);
    set_some();
    gl_break();
    draw(program, "viewports");
    print_all("viewports");
}

const struct gl_case gl_cases_viewport[] = {
    { "extension-viewport-array", 3, viewport_array, 0 },
    { "extension-viewport-refused", 3, viewport_refused, 0 },
    { "viewport-large", 3, viewport_large, 0 },
    { "recover-viewports", 3, recover_viewports, 0 },
    { 0 },
};
