/* State queries: every value, before and after it was set, through every Get. */
#include "gl_case.h"

static const struct {
    GLenum name;
    int count;
} states[] = {
    { GL_ACTIVE_TEXTURE, 1 }, { GL_ARRAY_BUFFER_BINDING, 1 }, { GL_BLEND, 1 }, { GL_BLEND_COLOR, 4 },
    { GL_BLEND_DST_ALPHA, 1 }, { GL_BLEND_DST_RGB, 1 }, { GL_BLEND_EQUATION_ALPHA, 1 }, { GL_BLEND_EQUATION_RGB, 1 },
    { GL_BLEND_SRC_ALPHA, 1 }, { GL_BLEND_SRC_RGB, 1 }, { GL_COLOR_CLEAR_VALUE, 4 }, { GL_COLOR_WRITEMASK, 4 },
    { GL_COPY_READ_BUFFER_BINDING, 1 }, { GL_COPY_WRITE_BUFFER_BINDING, 1 }, { GL_CULL_FACE, 1 },
    { GL_CULL_FACE_MODE, 1 }, { GL_CURRENT_PROGRAM, 1 }, { GL_DEPTH_CLEAR_VALUE, 1 }, { GL_DEPTH_FUNC, 1 },
    { GL_DEPTH_RANGE, 2 }, { GL_DEPTH_TEST, 1 }, { GL_DEPTH_WRITEMASK, 1 }, { GL_DITHER, 1 }, { GL_DRAW_BUFFER0, 1 },
    { GL_DRAW_FRAMEBUFFER_BINDING, 1 }, { GL_ELEMENT_ARRAY_BUFFER_BINDING, 1 },
    { GL_FRAGMENT_SHADER_DERIVATIVE_HINT, 1 }, { GL_FRONT_FACE, 1 }, { GL_GENERATE_MIPMAP_HINT, 1 },
    { GL_LINE_WIDTH, 1 }, { GL_PACK_ALIGNMENT, 1 }, { GL_PACK_ROW_LENGTH, 1 }, { GL_PACK_SKIP_PIXELS, 1 },
    { GL_PACK_SKIP_ROWS, 1 }, { GL_PIXEL_PACK_BUFFER_BINDING, 1 }, { GL_PIXEL_UNPACK_BUFFER_BINDING, 1 },
    { GL_POLYGON_OFFSET_FACTOR, 1 }, { GL_POLYGON_OFFSET_FILL, 1 }, { GL_POLYGON_OFFSET_UNITS, 1 },
    { GL_PRIMITIVE_RESTART_FIXED_INDEX, 1 }, { GL_RASTERIZER_DISCARD, 1 }, { GL_READ_BUFFER, 1 },
    { GL_READ_FRAMEBUFFER_BINDING, 1 }, { GL_RENDERBUFFER_BINDING, 1 }, { GL_SAMPLE_ALPHA_TO_COVERAGE, 1 },
    { GL_SAMPLE_COVERAGE, 1 }, { GL_SAMPLE_COVERAGE_INVERT, 1 }, { GL_SAMPLE_COVERAGE_VALUE, 1 },
    { GL_SAMPLER_BINDING, 1 }, { GL_SCISSOR_BOX, 4 }, { GL_SCISSOR_TEST, 1 }, { GL_STENCIL_BACK_FAIL, 1 },
    { GL_STENCIL_BACK_FUNC, 1 }, { GL_STENCIL_BACK_PASS_DEPTH_FAIL, 1 }, { GL_STENCIL_BACK_PASS_DEPTH_PASS, 1 },
    { GL_STENCIL_BACK_REF, 1 }, { GL_STENCIL_BACK_VALUE_MASK, 1 }, { GL_STENCIL_BACK_WRITEMASK, 1 },
    { GL_STENCIL_CLEAR_VALUE, 1 }, { GL_STENCIL_FAIL, 1 }, { GL_STENCIL_FUNC, 1 },
    { GL_STENCIL_PASS_DEPTH_FAIL, 1 }, { GL_STENCIL_PASS_DEPTH_PASS, 1 }, { GL_STENCIL_REF, 1 },
    { GL_STENCIL_TEST, 1 }, { GL_STENCIL_VALUE_MASK, 1 }, { GL_STENCIL_WRITEMASK, 1 }, { GL_TEXTURE_BINDING_2D, 1 },
    { GL_TEXTURE_BINDING_2D_ARRAY, 1 }, { GL_TEXTURE_BINDING_3D, 1 }, { GL_TEXTURE_BINDING_CUBE_MAP, 1 },
    { GL_TRANSFORM_FEEDBACK_ACTIVE, 1 }, { GL_TRANSFORM_FEEDBACK_BINDING, 1 },
    { GL_TRANSFORM_FEEDBACK_BUFFER_BINDING, 1 }, { GL_TRANSFORM_FEEDBACK_PAUSED, 1 },
    { GL_UNIFORM_BUFFER_BINDING, 1 }, { GL_UNPACK_ALIGNMENT, 1 }, { GL_UNPACK_IMAGE_HEIGHT, 1 },
    { GL_UNPACK_ROW_LENGTH, 1 }, { GL_UNPACK_SKIP_IMAGES, 1 }, { GL_UNPACK_SKIP_PIXELS, 1 },
    { GL_UNPACK_SKIP_ROWS, 1 }, { GL_VERTEX_ARRAY_BINDING, 1 }, { GL_VIEWPORT, 4 },
    // of the framebuffer
    { GL_RED_BITS, 1 }, { GL_GREEN_BITS, 1 }, { GL_BLUE_BITS, 1 }, { GL_ALPHA_BITS, 1 }, { GL_DEPTH_BITS, 1 },
    { GL_STENCIL_BITS, 1 }, { GL_SAMPLES, 1 }, { GL_SAMPLE_BUFFERS, 1 }, { GL_SUBPIXEL_BITS, 1 },
};

static const struct {
    GLenum name;
    int count;
} limits[] = {
    { GL_ALIASED_LINE_WIDTH_RANGE, 2 }, { GL_ALIASED_POINT_SIZE_RANGE, 2 }, { GL_MAJOR_VERSION, 1 },
    { GL_MINOR_VERSION, 1 }, { GL_MAX_3D_TEXTURE_SIZE, 1 }, { GL_MAX_ARRAY_TEXTURE_LAYERS, 1 },
    { GL_MAX_COLOR_ATTACHMENTS, 1 }, { GL_MAX_COMBINED_FRAGMENT_UNIFORM_COMPONENTS, 1 },
    { GL_MAX_COMBINED_TEXTURE_IMAGE_UNITS, 1 }, { GL_MAX_COMBINED_UNIFORM_BLOCKS, 1 },
    { GL_MAX_COMBINED_VERTEX_UNIFORM_COMPONENTS, 1 }, { GL_MAX_CUBE_MAP_TEXTURE_SIZE, 1 }, { GL_MAX_DRAW_BUFFERS, 1 },
    { GL_MAX_ELEMENT_INDEX, 1 }, { GL_MAX_ELEMENTS_INDICES, 1 }, { GL_MAX_ELEMENTS_VERTICES, 1 },
    { GL_MAX_FRAGMENT_INPUT_COMPONENTS, 1 }, { GL_MAX_FRAGMENT_UNIFORM_BLOCKS, 1 },
    { GL_MAX_FRAGMENT_UNIFORM_COMPONENTS, 1 }, { GL_MAX_FRAGMENT_UNIFORM_VECTORS, 1 },
    { GL_MAX_PROGRAM_TEXEL_OFFSET, 1 }, { GL_MIN_PROGRAM_TEXEL_OFFSET, 1 }, { GL_MAX_RENDERBUFFER_SIZE, 1 },
    { GL_MAX_SAMPLES, 1 }, { GL_MAX_SERVER_WAIT_TIMEOUT, 1 }, { GL_MAX_TEXTURE_IMAGE_UNITS, 1 },
    { GL_MAX_TEXTURE_LOD_BIAS, 1 }, { GL_MAX_TEXTURE_SIZE, 1 },
    { GL_MAX_TRANSFORM_FEEDBACK_INTERLEAVED_COMPONENTS, 1 }, { GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS, 1 },
    { GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_COMPONENTS, 1 }, { GL_MAX_UNIFORM_BLOCK_SIZE, 1 },
    { GL_MAX_UNIFORM_BUFFER_BINDINGS, 1 }, { GL_MAX_VARYING_COMPONENTS, 1 }, { GL_MAX_VARYING_VECTORS, 1 },
    { GL_MAX_VERTEX_ATTRIBS, 1 }, { GL_MAX_VERTEX_OUTPUT_COMPONENTS, 1 }, { GL_MAX_VERTEX_TEXTURE_IMAGE_UNITS, 1 },
    { GL_MAX_VERTEX_UNIFORM_BLOCKS, 1 }, { GL_MAX_VERTEX_UNIFORM_COMPONENTS, 1 }, { GL_MAX_VERTEX_UNIFORM_VECTORS, 1 },
    { GL_MAX_VIEWPORT_DIMS, 2 }, { GL_SHADER_COMPILER, 1 }, { GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT, 1 },
};

static void
print_value(GLenum name, int count)
{
    GLint i[16] = { 0 };
    GLint64 l[16] = { 0 };
    GLfloat f[16] = { 0 };
    GLboolean b[16] = { 0 };
    glGetIntegerv(name, i);
    glGetInteger64v(name, l);
    glGetFloatv(name, f);
    glGetBooleanv(name, b);
    printf("%04x:", name);
    for (int k = 0; k < count; k++)
        printf(" %d %lld %.7g %d", i[k], (long long)l[k], (double)f[k], b[k]);
    printf(" beyond %d\n", i[count]);
}

static void
print_states(void)
{
    for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        print_value(states[i].name, states[i].count);
    gl_print_error("states");
}

static void
state(void)
{
    print_states();
    GLuint names[8], framebuffer, renderbuffer, vao, sampler;
    glGenBuffers(8, names);
    glGenVertexArrays(1, &vao);
    glBindVertexArray(vao);
    glActiveTexture(GL_TEXTURE3);
    static const GLenum buffers[] = { GL_ARRAY_BUFFER, GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER,
                                      GL_ELEMENT_ARRAY_BUFFER, GL_PIXEL_PACK_BUFFER, GL_PIXEL_UNPACK_BUFFER,
                                      GL_TRANSFORM_FEEDBACK_BUFFER, GL_UNIFORM_BUFFER };
    for (int i = 0; i < 8; i++)
        glBindBuffer(buffers[i], names[i]);
    static const GLenum textures[] = { GL_TEXTURE_2D, GL_TEXTURE_3D, GL_TEXTURE_2D_ARRAY, GL_TEXTURE_CUBE_MAP };
    for (GLuint i = 0; i < 4; i++)
        glBindTexture(textures[i], 10 + i);
    glGenSamplers(1, &sampler);
    glBindSampler(3, sampler);
    static const GLenum caps[] = { GL_BLEND, GL_CULL_FACE, GL_DEPTH_TEST, GL_POLYGON_OFFSET_FILL,
                                   GL_PRIMITIVE_RESTART_FIXED_INDEX, GL_RASTERIZER_DISCARD, GL_SAMPLE_ALPHA_TO_COVERAGE,
                                   GL_SAMPLE_COVERAGE, GL_SCISSOR_TEST, GL_STENCIL_TEST };
    for (int i = 0; i < 10; i++) {
        glEnable(caps[i]);
        printf("enabled %d\n", glIsEnabled(caps[i]));
    }
    glDisable(GL_DITHER);
    glBlendColor(0.1f, 0.7f, -0.3f, 0.5f);
    glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE, GL_DST_COLOR, GL_CONSTANT_ALPHA);
    glBlendEquationSeparate(GL_MAX, GL_FUNC_SUBTRACT);
    glClearColor(0.2f, 0.4f, 0.5f, -0.75f);
    glColorMask(GL_TRUE, GL_FALSE, GL_TRUE, GL_FALSE);
    glCullFace(GL_FRONT);
    glFrontFace(GL_CW);
    glClearDepthf(0.3f);
    glDepthFunc(GL_GEQUAL);
    glDepthRangef(0.25f, 0.875f);
    glDepthMask(GL_FALSE);
    glHint(GL_GENERATE_MIPMAP_HINT, GL_NICEST);
    glHint(GL_FRAGMENT_SHADER_DERIVATIVE_HINT, GL_FASTEST);
    glLineWidth(2.6f);
    glPolygonOffset(1.25f, -3.5f);
    glSampleCoverage(0.6f, GL_TRUE);
    glScissor(1, 2, 3, 4);
    glViewport(5, 6, 70, 80);
    glStencilFuncSeparate(GL_FRONT, GL_LESS, 3, 0x55);
    glStencilFuncSeparate(GL_BACK, GL_GREATER, 300, 0xffffffff);
    glStencilMaskSeparate(GL_BACK, 0x0f);
    glStencilOpSeparate(GL_FRONT, GL_ZERO, GL_INVERT, GL_INCR_WRAP);
    glClearStencil(99);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glPixelStorei(GL_PACK_SKIP_ROWS, 7);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 11);
    glPixelStorei(GL_UNPACK_SKIP_IMAGES, 12);
    print_states();
    glGenFramebuffers(1, &framebuffer);
    glGenRenderbuffers(1, &renderbuffer);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer);
    glUseProgram(gl_program(gl_vs_uv, gl_fs_color));
    print_states();
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glDeleteBuffers(8, names);
    glDeleteVertexArrays(1, &vao);
    glDeleteTextures(4, (const GLuint[]){ 10, 11, 12, 13 });
    glDeleteFramebuffers(1, &framebuffer);
    glDeleteRenderbuffers(1, &renderbuffer);
    print_states();
}

static void
limit_values(void)
{
    for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        print_value(limits[i].name, limits[i].count);
    gl_print_error("limits");
    printf("vendor %s\nrenderer %s\nversion %s\nglsl %s\n", (const char *)glGetString(GL_VENDOR),
           (const char *)glGetString(GL_RENDERER), (const char *)glGetString(GL_VERSION),
           (const char *)glGetString(GL_SHADING_LANGUAGE_VERSION));
    static const GLenum formats[] = { GL_RGBA8, GL_RGBA16F, GL_DEPTH_COMPONENT24, GL_RGBA8UI, GL_STENCIL_INDEX8 };
    for (unsigned i = 0; i < 5; i++) {
        GLint count = -1, samples[8] = { 0 };
        glGetInternalformativ(GL_RENDERBUFFER, formats[i], GL_NUM_SAMPLE_COUNTS, 1, &count);
        glGetInternalformativ(GL_RENDERBUFFER, formats[i], GL_SAMPLES, 8, samples);
        printf("format %04x %d %d %d %d\n", formats[i], count, samples[0], samples[1], samples[2]);
    }
    // Strings of extensions are the stack's own; they must agree with each other.
    GLint count = 0;
    glGetIntegerv(GL_NUM_EXTENSIONS, &count);
    int words = 0;
    for (const char *s = (const char *)glGetString(GL_EXTENSIONS); *s; s++)
        words += *s != ' ' && (s[1] == ' ' || !s[1]);
    printf("extensions agree %d\n", words == count && count > 10 && glGetStringi(GL_EXTENSIONS, (GLuint)count - 1));
}

static void
names(void)
{
    // Names are given out as natively.
    GLuint n[4];
    glGenBuffers(3, n);
    glDeleteBuffers(1, n + 1);
    glGenBuffers(1, n + 3);
    printf("buffers %u %u %u %u\n", n[0], n[1], n[2], n[3]);
    glGenTextures(2, n);
    glBindTexture(GL_TEXTURE_2D, 1000);
    glGenTextures(2, n + 2);
    printf("textures %u %u %u %u\n", n[0], n[1], n[2], n[3]);
    n[0] = glCreateShader(GL_VERTEX_SHADER);
    n[1] = glCreateProgram();
    n[2] = glCreateShader(GL_FRAGMENT_SHADER);
    printf("programs %u %u %u\n", n[0], n[1], n[2]);
}

const struct gl_case gl_cases_get[] = {
    { "get-state", 3, state, 0 },
    { "get-limits", 3, limit_values, 0 },
    { "get-names", 3, names, 0 },
    { 0 },
};
