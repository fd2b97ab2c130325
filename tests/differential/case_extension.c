/* Extensions with commands of their own: queries of time, textures, shaders and state. */
#include "gl_case.h"

#include <string.h>
#include <unistd.h>

#define PROC(type, name) type name = (type)eglGetProcAddress(#name)

static bool
has(const char *name)
{
    GLint count = 0;
    bool found = false;
    glGetIntegerv(GL_NUM_EXTENSIONS, &count);
    for (GLint i = 0; i < count && !found; i++)
        found = strcmp((const char *)glGetStringi(GL_EXTENSIONS, (GLuint)i), name) == 0;
    printf("%s %s\n", name, found ? "there" : "not there");
    return found;
}

static void
advertised(void)
{
    static const char *const names[] = {
        "GL_ARM_shader_framebuffer_fetch_depth_stencil", "GL_EXT_EGL_image_storage", "GL_EXT_base_instance",
        "GL_EXT_blend_func_extended", "GL_EXT_clear_texture", "GL_EXT_clip_control", "GL_EXT_clip_cull_distance",
        "GL_EXT_disjoint_timer_query", "GL_EXT_draw_elements_base_vertex", "GL_EXT_multi_draw_arrays",
        "GL_EXT_polygon_offset_clamp", "GL_EXT_separate_shader_objects", "GL_EXT_shader_framebuffer_fetch",
        "GL_EXT_shader_framebuffer_fetch_non_coherent", "GL_EXT_texture_view", "GL_KHR_parallel_shader_compile",
        "GL_MESA_bgra", "GL_MESA_framebuffer_flip_y", "GL_NV_conditional_render", "GL_NV_draw_buffers",
        "GL_OES_EGL_image", "GL_OES_EGL_image_external", "GL_OES_EGL_image_external_essl3", "GL_OES_EGL_sync",
        "GL_OES_get_program_binary", "GL_OES_texture_view", "GL_OES_mapbuffer", "GL_OES_vertex_array_object",
        "GL_KHR_debug", "GL_KHR_robustness", "GL_KHR_blend_equation_advanced", "GL_EXT_discard_framebuffer",
        "GL_OES_viewport_array",
    };
    static const GLenum limits[] = {
        GL_MAX_DUAL_SOURCE_DRAW_BUFFERS_EXT, GL_MAX_CLIP_DISTANCES_EXT, GL_MAX_CULL_DISTANCES_EXT,
        GL_MAX_COMBINED_CLIP_AND_CULL_DISTANCES_EXT, GL_CLIP_ORIGIN_EXT, GL_CLIP_DEPTH_MODE_EXT,
        GL_POLYGON_OFFSET_CLAMP_EXT, GL_FRAGMENT_SHADER_DISCARDS_SAMPLES_EXT, GL_GPU_DISJOINT_EXT,
        GL_NUM_PROGRAM_BINARY_FORMATS, GL_TEXTURE_BINDING_EXTERNAL_OES,
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        has(names[i]);
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        GLint value = -7;
        glGetIntegerv(limits[i], &value);
        printf("%x = %d error %x\n", limits[i], value, glGetError());
    }
}

static void
timer(void)
{
    PROC(PFNGLGENQUERIESEXTPROC, glGenQueriesEXT);
    PROC(PFNGLBEGINQUERYEXTPROC, glBeginQueryEXT);
    PROC(PFNGLENDQUERYEXTPROC, glEndQueryEXT);
    PROC(PFNGLQUERYCOUNTEREXTPROC, glQueryCounterEXT);
    PROC(PFNGLGETQUERYIVEXTPROC, glGetQueryivEXT);
    PROC(PFNGLGETQUERYOBJECTIVEXTPROC, glGetQueryObjectivEXT);
    PROC(PFNGLGETQUERYOBJECTUIVEXTPROC, glGetQueryObjectuivEXT);
    PROC(PFNGLGETQUERYOBJECTUI64VEXTPROC, glGetQueryObjectui64vEXT);
    PROC(PFNGLGETQUERYOBJECTI64VEXTPROC, glGetQueryObjecti64vEXT);
    PROC(PFNGLGETINTEGER64VPROC, glGetInteger64vEXT);
    GLuint ids[4], program = gl_program(gl_vs_uv, gl_fs_color);
    GLint bits = 0, current = -1;
    GLuint64 first = 0, second = 0, elapsed = 0;
    GLint64 now = 0, later = 0, i64 = 0;
    glGenQueriesEXT(4, ids);
    glGetQueryivEXT(GL_TIME_ELAPSED_EXT, GL_QUERY_COUNTER_BITS_EXT, &bits);
    printf("elapsed bits %d error %x\n", bits, glGetError());
    glGetQueryivEXT(GL_TIMESTAMP_EXT, GL_QUERY_COUNTER_BITS_EXT, &bits);
    printf("timestamp bits %d error %x\n", bits, glGetError());
    glGetInteger64vEXT(GL_TIMESTAMP_EXT, &now);
    glQueryCounterEXT(ids[0], GL_TIMESTAMP_EXT);
    glBeginQueryEXT(GL_TIME_ELAPSED_EXT, ids[1]);
    glGetQueryivEXT(GL_TIME_ELAPSED_EXT, GL_CURRENT_QUERY, &current);
    printf("current %d\n", current == (GLint)ids[1]);
    for (int i = 0; i < 20; i++)
        gl_draw_quad(program, -1, -1, 1, 1);
    glEndQueryEXT(GL_TIME_ELAPSED_EXT);
    glQueryCounterEXT(ids[2], GL_TIMESTAMP_EXT);
    glGetQueryObjectui64vEXT(ids[0], GL_QUERY_RESULT, &first);
    glGetQueryObjectui64vEXT(ids[1], GL_QUERY_RESULT, &elapsed);
    glGetQueryObjectui64vEXT(ids[2], GL_QUERY_RESULT, &second);
    glGetQueryObjecti64vEXT(ids[2], GL_QUERY_RESULT, &i64);
    glGetInteger64vEXT(GL_TIMESTAMP_EXT, &later);
    printf("ordered %d %d %d elapsed %d %d same %d error %x\n", (GLuint64)now <= first, first <= second,
           second <= (GLuint64)later, elapsed > 0, elapsed <= second - first, (GLuint64)i64 == second, glGetError());
    GLint available = -1;
    glGetQueryObjectivEXT(ids[2], GL_QUERY_RESULT_AVAILABLE, &available);
    printf("available %d\n", available);
    glQueryCounterEXT(ids[3], GL_TIME_ELAPSED_EXT);
    gl_print_error("counter of a span");
    glQueryCounterEXT(0, GL_TIMESTAMP_EXT);
    gl_print_error("counter of none");
    glQueryCounterEXT(ids[1], GL_TIMESTAMP_EXT);
    gl_print_error("counter of another kind");
    glBeginQueryEXT(GL_TIMESTAMP_EXT, ids[3]);
    gl_print_error("begin of an instant");
    GLuint u = 0;
    glGetQueryObjectuivEXT(ids[3], GL_QUERY_RESULT, &u);
    gl_print_error("never begun");
}

static void
conditional(void)
{
    PROC(PFNGLBEGINCONDITIONALRENDERNVPROC, glBeginConditionalRenderNV);
    PROC(PFNGLENDCONDITIONALRENDERNVPROC, glEndConditionalRenderNV);
    GLuint queries[2], program = gl_program(gl_vs_uv, gl_fs_color);
    GLint color = glGetUniformLocation(program, "color");
    glGenQueries(2, queries);
    glUseProgram(program);
    for (int i = 0; i < 2; i++) { // the first sees nothing, the second something
        glBeginQuery(GL_ANY_SAMPLES_PASSED, queries[i]);
        glUniform4f(color, 0, 0, 0.5f, 1);
        if (i)
            gl_draw_quad(program, -1, -1, 0, 0);
        glEndQuery(GL_ANY_SAMPLES_PASSED);
    }
    for (int i = 0; i < 2; i++) {
        glBeginConditionalRenderNV(queries[i], GL_QUERY_WAIT_NV);
        glUniform4f(color, i ? 0 : 1, i ? 1 : 0, 0, 1);
        gl_draw_quad(program, 0, i ? 0 : -1, 1, i ? 1 : 0);
        glEndConditionalRenderNV();
        gl_print_error("conditional");
    }
    gl_print_pixels("conditional");
    glBeginConditionalRenderNV(4711, GL_QUERY_WAIT_NV);
    gl_print_error("unknown query");
    glEndConditionalRenderNV();
    gl_print_error("end without begin");
}

static void
print_texture(const char *label, GLenum target, GLuint texture, GLint level, int width, int height)
{
    GLuint fbo;
    glGenFramebuffers(1, &fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, fbo);
    if (target == GL_TEXTURE_2D)
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, target, texture, level);
    else
        glFramebufferTextureLayer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, texture, level, 1);
    printf("%s %x\n", label, glCheckFramebufferStatus(GL_FRAMEBUFFER));
    gl_print_area(label, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, 4);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(1, &fbo);
}

static void
clear_texture(void)
{
    PROC(PFNGLCLEARTEXIMAGEEXTPROC, glClearTexImageEXT);
    PROC(PFNGLCLEARTEXSUBIMAGEEXTPROC, glClearTexSubImageEXT);
    const GLubyte orange[] = { 255, 128, 0, 77 };
    const GLfloat half[] = { 0.5f, 0.25f, 0.125f, 1 };
    GLubyte noise[16 * 8 * 4];
    GLuint texture;
    gl_fill(noise, sizeof noise, 5);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 2, GL_RGBA8, 16, 8);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 16, 8, GL_RGBA, GL_UNSIGNED_BYTE, noise);
    glClearTexSubImageEXT(texture, 0, 3, 2, 0, 5, 4, 1, GL_RGBA, GL_UNSIGNED_BYTE, orange);
    print_texture("part", GL_TEXTURE_2D, texture, 0, 16, 8);
    glClearTexImageEXT(texture, 1, GL_RGBA, GL_FLOAT, half);
    print_texture("level", GL_TEXTURE_2D, texture, 1, 8, 4);
    glClearTexImageEXT(texture, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    print_texture("zeros", GL_TEXTURE_2D, texture, 0, 16, 8);
    glClearTexSubImageEXT(texture, 0, 14, 2, 0, 5, 4, 1, GL_RGBA, GL_UNSIGNED_BYTE, orange);
    gl_print_error("outside");
    glClearTexImageEXT(texture, 0, GL_RGBA, 0x1234, orange);
    gl_print_error("type");
    glClearTexImageEXT(texture, 0, GL_DEPTH_COMPONENT, GL_FLOAT, half);
    gl_print_error("depth");
    glClearTexImageEXT(0, 0, GL_RGBA, GL_UNSIGNED_BYTE, orange);
    gl_print_error("texture 0");
    glClearTexImageEXT(4711, 0, GL_RGBA, GL_UNSIGNED_BYTE, orange);
    gl_print_error("unknown texture");
}

static void
texture_view(void)
{
    PROC(PFNGLTEXTUREVIEWEXTPROC, glTextureViewEXT);
    PROC(PFNGLTEXTUREVIEWOESPROC, glTextureViewOES);
    GLubyte noise[8 * 8 * 4];
    GLuint array, views[3];
    gl_fill(noise, sizeof noise, 8);
    glGenTextures(1, &array);
    glBindTexture(GL_TEXTURE_2D_ARRAY, array);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_RGBA8, 8, 8, 3);
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 1, 8, 8, 1, GL_RGBA, GL_UNSIGNED_BYTE, noise);
    glGenTextures(3, views);
    glTextureViewEXT(views[0], GL_TEXTURE_2D, array, GL_RGBA8, 0, 1, 1, 1);
    gl_print_error("view");
    printf("is texture %d\n", glIsTexture(views[0]));
    print_texture("view", GL_TEXTURE_2D, views[0], 0, 8, 8);
    glBindTexture(GL_TEXTURE_2D, views[0]);
    GLint bound = 0, layers = 0;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
    glGetTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_VIEW_NUM_LAYERS_EXT, &layers);
    printf("bound %d layers %d error %x\n", bound == (GLint)views[0], layers, glGetError());
    glTextureViewOES(views[1], GL_TEXTURE_2D_ARRAY, array, GL_RGBA8UI, 0, 1, 0, 2);
    gl_print_error("other format");
    glTextureViewEXT(views[2], GL_TEXTURE_2D, array, GL_R8, 0, 1, 0, 1);
    gl_print_error("other size");
    glTextureViewEXT(views[0], GL_TEXTURE_2D, array, GL_RGBA8, 0, 1, 0, 1);
    gl_print_error("taken");
    glTextureViewEXT(0, GL_TEXTURE_2D, array, GL_RGBA8, 0, 1, 0, 1);
    gl_print_error("name 0");
    glTextureViewEXT(views[2], GL_TEXTURE_2D, 4711, GL_RGBA8, 0, 1, 0, 1);
    gl_print_error("unknown origin");
}

static void
bgra(void)
{
    // Types that MESA_bgra brings, with a row length that is not the width.
    static const struct {
        GLenum format, type;
        int bytes;
    } kinds[] = {
        { GL_BGRA_EXT, GL_UNSIGNED_BYTE, 4 }, { GL_BGRA_EXT, 0x8367, 4 }, { GL_RGBA, 0x8367, 4 }, { GL_RGBA, 0x8035, 4 },
        { 0x80E0, GL_UNSIGNED_BYTE, 3 }, { GL_BGRA_EXT, 0x8365, 2 }, { GL_BGRA_EXT, 0x8366, 2 }, { GL_RGB, 0x8364, 2 },
    };
    GLubyte noise[16 * 8 * 4];
    gl_fill(noise, sizeof noise, 31);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        GLuint texture;
        glGenTextures(1, &texture);
        glBindTexture(GL_TEXTURE_2D, texture);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
        glPixelStorei(GL_UNPACK_ROW_LENGTH, 10);
        glTexImage2D(GL_TEXTURE_2D, 0, kinds[i].format == GL_BGRA_EXT ? GL_BGRA_EXT : GL_RGBA, 8, 8, 0,
                     kinds[i].format, kinds[i].type, noise);
        printf("kind %zu ", i);
        gl_print_error("upload");
        print_texture("kind", GL_TEXTURE_2D, texture, 0, 8, 8);
        glDeleteTextures(1, &texture);
    }
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
}

static void
parallel_compile(void)
{
    PROC(PFNGLMAXSHADERCOMPILERTHREADSKHRPROC, glMaxShaderCompilerThreadsKHR);
    GLint value = -1;
    glMaxShaderCompilerThreadsKHR(2);
    gl_print_error("threads");
    glGetIntegerv(GL_MAX_SHADER_COMPILER_THREADS_KHR, &value);
    printf("threads %d\n", value);
    const char *source = gl_fs_color;
    GLuint shader = glCreateShader(GL_FRAGMENT_SHADER), program;
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    for (int i = 0; i < 5000; i++) {
        value = -1;
        glGetShaderiv(shader, GL_COMPLETION_STATUS_KHR, &value);
        if (value != GL_FALSE)
            break;
        usleep(1000);
    }
    printf("compiled %d error %x\n", value, glGetError());
    program = gl_program(gl_vs_uv, gl_fs_color);
    for (int i = 0; i < 5000; i++) {
        value = -1;
        glGetProgramiv(program, GL_COMPLETION_STATUS_KHR, &value);
        if (value != GL_FALSE)
            break;
        usleep(1000);
    }
    printf("linked %d error %x\n", value, glGetError());
}

const struct gl_case gl_cases_extension[] = {
    { "extensions-advertised", 3, advertised, 0 },
    { "extension-timer-query", 3, timer, 0 },
    { "extension-conditional-render", 3, conditional, 0 },
    { "extension-clear-texture", 3, clear_texture, 0 },
    { "extension-texture-view", 3, texture_view, 0 },
    { "extension-bgra", 3, bgra, 0 },
    { "extension-parallel-compile", 3, parallel_compile, 0 },
    { 0 },
};
