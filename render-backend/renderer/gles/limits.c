#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <GLES2/gl2ext.h>

#include <protocol/gles/table.h>

struct pname {
    uint16_t pname, version; // 20 … 32; 0: an extension's, dropped if the driver refuses it
    uint8_t count;
    char type; // i, f
};

static const struct pname pnames[] = {
    // ES 2.0
    { GL_ALIASED_LINE_WIDTH_RANGE, 20, 2, 'f' }, { GL_ALIASED_POINT_SIZE_RANGE, 20, 2, 'f' },
    { GL_MAX_COMBINED_TEXTURE_IMAGE_UNITS, 20, 1, 'i' }, { GL_MAX_CUBE_MAP_TEXTURE_SIZE, 20, 1, 'i' },
    { GL_MAX_FRAGMENT_UNIFORM_VECTORS, 20, 1, 'i' }, { GL_MAX_RENDERBUFFER_SIZE, 20, 1, 'i' },
    { GL_MAX_TEXTURE_IMAGE_UNITS, 20, 1, 'i' }, { GL_MAX_TEXTURE_SIZE, 20, 1, 'i' },
    { GL_MAX_VARYING_VECTORS, 20, 1, 'i' }, { GL_MAX_VERTEX_ATTRIBS, 20, 1, 'i' },
    { GL_MAX_VERTEX_TEXTURE_IMAGE_UNITS, 20, 1, 'i' }, { GL_MAX_VERTEX_UNIFORM_VECTORS, 20, 1, 'i' },
    { GL_MAX_VIEWPORT_DIMS, 20, 2, 'i' }, { GL_SHADER_COMPILER, 20, 1, 'i' }, { GL_SUBPIXEL_BITS, 20, 1, 'i' },
    // ES 3.0
    { GL_MAJOR_VERSION, 30, 1, 'i' }, { GL_MINOR_VERSION, 30, 1, 'i' }, { GL_MAX_3D_TEXTURE_SIZE, 30, 1, 'i' },
    { GL_MAX_ARRAY_TEXTURE_LAYERS, 30, 1, 'i' }, { GL_MAX_COLOR_ATTACHMENTS, 30, 1, 'i' },
    { GL_MAX_COMBINED_FRAGMENT_UNIFORM_COMPONENTS, 30, 1, 'i' }, { GL_MAX_COMBINED_UNIFORM_BLOCKS, 30, 1, 'i' },
    { GL_MAX_COMBINED_VERTEX_UNIFORM_COMPONENTS, 30, 1, 'i' }, { GL_MAX_DRAW_BUFFERS, 30, 1, 'i' },
    { GL_MAX_ELEMENT_INDEX, 30, 1, 'i' }, { GL_MAX_ELEMENTS_INDICES, 30, 1, 'i' },
    { GL_MAX_ELEMENTS_VERTICES, 30, 1, 'i' }, { GL_MAX_FRAGMENT_INPUT_COMPONENTS, 30, 1, 'i' },
    { GL_MAX_FRAGMENT_UNIFORM_BLOCKS, 30, 1, 'i' }, { GL_MAX_FRAGMENT_UNIFORM_COMPONENTS, 30, 1, 'i' },
    { GL_MAX_PROGRAM_TEXEL_OFFSET, 30, 1, 'i' }, { GL_MAX_SAMPLES, 30, 1, 'i' },
    { GL_MAX_SERVER_WAIT_TIMEOUT, 30, 1, 'i' }, { GL_MAX_TEXTURE_LOD_BIAS, 30, 1, 'f' },
    { GL_MAX_TRANSFORM_FEEDBACK_INTERLEAVED_COMPONENTS, 30, 1, 'i' },
    { GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS, 30, 1, 'i' },
    { GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_COMPONENTS, 30, 1, 'i' }, { GL_MAX_UNIFORM_BLOCK_SIZE, 30, 1, 'i' },
    { GL_MAX_UNIFORM_BUFFER_BINDINGS, 30, 1, 'i' }, { GL_MAX_VARYING_COMPONENTS, 30, 1, 'i' },
    { GL_MAX_VERTEX_OUTPUT_COMPONENTS, 30, 1, 'i' }, { GL_MAX_VERTEX_UNIFORM_BLOCKS, 30, 1, 'i' },
    { GL_MAX_VERTEX_UNIFORM_COMPONENTS, 30, 1, 'i' }, { GL_MIN_PROGRAM_TEXEL_OFFSET, 30, 1, 'i' },
    { GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT, 30, 1, 'i' },
    // ES 3.1
    { GL_MAX_ATOMIC_COUNTER_BUFFER_BINDINGS, 31, 1, 'i' }, { GL_MAX_ATOMIC_COUNTER_BUFFER_SIZE, 31, 1, 'i' },
    { GL_MAX_COLOR_TEXTURE_SAMPLES, 31, 1, 'i' }, { GL_MAX_COMBINED_ATOMIC_COUNTER_BUFFERS, 31, 1, 'i' },
    { GL_MAX_COMBINED_ATOMIC_COUNTERS, 31, 1, 'i' }, { GL_MAX_COMBINED_COMPUTE_UNIFORM_COMPONENTS, 31, 1, 'i' },
    { GL_MAX_COMBINED_IMAGE_UNIFORMS, 31, 1, 'i' }, { GL_MAX_COMBINED_SHADER_OUTPUT_RESOURCES, 31, 1, 'i' },
    { GL_MAX_COMBINED_SHADER_STORAGE_BLOCKS, 31, 1, 'i' }, { GL_MAX_COMPUTE_ATOMIC_COUNTER_BUFFERS, 31, 1, 'i' },
    { GL_MAX_COMPUTE_ATOMIC_COUNTERS, 31, 1, 'i' }, { GL_MAX_COMPUTE_IMAGE_UNIFORMS, 31, 1, 'i' },
    { GL_MAX_COMPUTE_SHADER_STORAGE_BLOCKS, 31, 1, 'i' }, { GL_MAX_COMPUTE_SHARED_MEMORY_SIZE, 31, 1, 'i' },
    { GL_MAX_COMPUTE_TEXTURE_IMAGE_UNITS, 31, 1, 'i' }, { GL_MAX_COMPUTE_UNIFORM_BLOCKS, 31, 1, 'i' },
    { GL_MAX_COMPUTE_UNIFORM_COMPONENTS, 31, 1, 'i' }, { GL_MAX_COMPUTE_WORK_GROUP_INVOCATIONS, 31, 1, 'i' },
    { GL_MAX_DEPTH_TEXTURE_SAMPLES, 31, 1, 'i' }, { GL_MAX_FRAGMENT_ATOMIC_COUNTER_BUFFERS, 31, 1, 'i' },
    { GL_MAX_FRAGMENT_ATOMIC_COUNTERS, 31, 1, 'i' }, { GL_MAX_FRAGMENT_IMAGE_UNIFORMS, 31, 1, 'i' },
    { GL_MAX_FRAGMENT_SHADER_STORAGE_BLOCKS, 31, 1, 'i' }, { GL_MAX_FRAMEBUFFER_HEIGHT, 31, 1, 'i' },
    { GL_MAX_FRAMEBUFFER_SAMPLES, 31, 1, 'i' }, { GL_MAX_FRAMEBUFFER_WIDTH, 31, 1, 'i' },
    { GL_MAX_IMAGE_UNITS, 31, 1, 'i' }, { GL_MAX_INTEGER_SAMPLES, 31, 1, 'i' },
    { GL_MAX_PROGRAM_TEXTURE_GATHER_OFFSET, 31, 1, 'i' }, { GL_MAX_SAMPLE_MASK_WORDS, 31, 1, 'i' },
    { GL_MAX_SHADER_STORAGE_BLOCK_SIZE, 31, 1, 'i' }, { GL_MAX_SHADER_STORAGE_BUFFER_BINDINGS, 31, 1, 'i' },
    { GL_MAX_UNIFORM_LOCATIONS, 31, 1, 'i' }, { GL_MAX_VERTEX_ATOMIC_COUNTER_BUFFERS, 31, 1, 'i' },
    { GL_MAX_VERTEX_ATOMIC_COUNTERS, 31, 1, 'i' }, { GL_MAX_VERTEX_ATTRIB_BINDINGS, 31, 1, 'i' },
    { GL_MAX_VERTEX_ATTRIB_RELATIVE_OFFSET, 31, 1, 'i' }, { GL_MAX_VERTEX_ATTRIB_STRIDE, 31, 1, 'i' },
    { GL_MAX_VERTEX_IMAGE_UNIFORMS, 31, 1, 'i' }, { GL_MAX_VERTEX_SHADER_STORAGE_BLOCKS, 31, 1, 'i' },
    { GL_MIN_PROGRAM_TEXTURE_GATHER_OFFSET, 31, 1, 'i' }, { GL_SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT, 31, 1, 'i' },
    // ES 3.2
    { GL_CONTEXT_FLAGS, 32, 1, 'i' }, { GL_FRAGMENT_INTERPOLATION_OFFSET_BITS, 32, 1, 'i' },
    { GL_LAYER_PROVOKING_VERTEX, 32, 1, 'i' }, { GL_MAX_COMBINED_GEOMETRY_UNIFORM_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_COMBINED_TESS_CONTROL_UNIFORM_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_COMBINED_TESS_EVALUATION_UNIFORM_COMPONENTS, 32, 1, 'i' }, { GL_MAX_DEBUG_GROUP_STACK_DEPTH, 32, 1, 'i' },
    { GL_MAX_DEBUG_LOGGED_MESSAGES, 32, 1, 'i' }, { GL_MAX_DEBUG_MESSAGE_LENGTH, 32, 1, 'i' },
    { GL_MAX_FRAGMENT_INTERPOLATION_OFFSET, 32, 1, 'f' }, { GL_MAX_FRAMEBUFFER_LAYERS, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_ATOMIC_COUNTER_BUFFERS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_ATOMIC_COUNTERS, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_IMAGE_UNIFORMS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_INPUT_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_OUTPUT_COMPONENTS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_OUTPUT_VERTICES, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_SHADER_INVOCATIONS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_SHADER_STORAGE_BLOCKS, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_TEXTURE_IMAGE_UNITS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_TOTAL_OUTPUT_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_GEOMETRY_UNIFORM_BLOCKS, 32, 1, 'i' }, { GL_MAX_GEOMETRY_UNIFORM_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_LABEL_LENGTH, 32, 1, 'i' }, { GL_MAX_PATCH_VERTICES, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_ATOMIC_COUNTER_BUFFERS, 32, 1, 'i' }, { GL_MAX_TESS_CONTROL_ATOMIC_COUNTERS, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_IMAGE_UNIFORMS, 32, 1, 'i' }, { GL_MAX_TESS_CONTROL_INPUT_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_OUTPUT_COMPONENTS, 32, 1, 'i' }, { GL_MAX_TESS_CONTROL_SHADER_STORAGE_BLOCKS, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_TEXTURE_IMAGE_UNITS, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_TOTAL_OUTPUT_COMPONENTS, 32, 1, 'i' }, { GL_MAX_TESS_CONTROL_UNIFORM_BLOCKS, 32, 1, 'i' },
    { GL_MAX_TESS_CONTROL_UNIFORM_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_ATOMIC_COUNTER_BUFFERS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_ATOMIC_COUNTERS, 32, 1, 'i' }, { GL_MAX_TESS_EVALUATION_IMAGE_UNIFORMS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_INPUT_COMPONENTS, 32, 1, 'i' }, { GL_MAX_TESS_EVALUATION_OUTPUT_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_SHADER_STORAGE_BLOCKS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_TEXTURE_IMAGE_UNITS, 32, 1, 'i' },
    { GL_MAX_TESS_EVALUATION_UNIFORM_BLOCKS, 32, 1, 'i' }, { GL_MAX_TESS_EVALUATION_UNIFORM_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_TESS_GEN_LEVEL, 32, 1, 'i' }, { GL_MAX_TESS_PATCH_COMPONENTS, 32, 1, 'i' },
    { GL_MAX_TEXTURE_BUFFER_SIZE, 32, 1, 'i' }, { GL_MIN_FRAGMENT_INTERPOLATION_OFFSET, 32, 1, 'f' },
    { GL_MULTISAMPLE_LINE_WIDTH_GRANULARITY, 32, 1, 'f' }, { GL_MULTISAMPLE_LINE_WIDTH_RANGE, 32, 2, 'f' },
    { GL_PRIMITIVE_RESTART_FOR_PATCHES_SUPPORTED, 32, 1, 'i' }, { GL_RESET_NOTIFICATION_STRATEGY, 32, 1, 'i' },
    { GL_TEXTURE_BUFFER_OFFSET_ALIGNMENT, 32, 1, 'i' },
    // extensions
    { GL_MAX_TEXTURE_MAX_ANISOTROPY_EXT, 0, 1, 'f' }, { GL_MAX_DUAL_SOURCE_DRAW_BUFFERS_EXT, 0, 1, 'i' },
    { GL_MAX_CLIP_DISTANCES_EXT, 0, 1, 'i' }, { GL_MAX_CULL_DISTANCES_EXT, 0, 1, 'i' },
    { GL_MAX_COMBINED_CLIP_AND_CULL_DISTANCES_EXT, 0, 1, 'i' }, { GL_MAX_VIEWPORTS_OES, 0, 1, 'i' },
    { GL_VIEWPORT_SUBPIXEL_BITS_OES, 0, 1, 'i' }, { GL_VIEWPORT_BOUNDS_RANGE_OES, 0, 2, 'f' },
    { GL_VIEWPORT_INDEX_PROVOKING_VERTEX_OES, 0, 1, 'i' },
};
// indexed: one limit per axis, found as pname with three values
static const uint16_t indexed[] = { GL_MAX_COMPUTE_WORK_GROUP_COUNT, GL_MAX_COMPUTE_WORK_GROUP_SIZE };

static void
drop_errors(const struct dc_gl *gl)
{
    for (int i = 0; i < 16 && gl->GetError(); i++)
        ;
}

/* Fills the limit. false: the driver does not have it. */
static bool
read_one(const struct dc_gl *gl, const struct pname *pname, uint32_t version, struct dc_profile_limit *limit)
{
    *limit = (struct dc_profile_limit){ .pname = pname->pname, .is_float = pname->type == 'f',
                                        .value_count = pname->count };
    GLint64 wide[4] = { 0 };
    GLint narrow[4] = { 0 };
    if (limit->is_float)
        gl->GetFloatv(pname->pname, limit->f);
    else if (version >= 30)
        gl->GetInteger64v(pname->pname, wide);
    else
        gl->GetIntegerv(pname->pname, narrow);
    for (int i = 0; i < 4 && !limit->is_float; i++)
        limit->i[i] = version >= 30 ? wide[i] : narrow[i];
    return gl->GetError() == GL_NO_ERROR;
}

static void
add_constant(struct dc_profile *profile, uint32_t pname, int64_t value)
{
    profile->limits[profile->limit_count++] =
        (struct dc_profile_limit){ .pname = pname, .value_count = 1, .i = { value } };
}

static bool
read_limits(const struct dc_gl *gl, uint32_t version, struct dc_profile *profile)
{
    size_t count = sizeof(pnames) / sizeof(pnames[0]);
    profile->limits = calloc(count + 8, sizeof(*profile->limits));
    if (!profile->limits)
        return false;
    for (size_t i = 0; i < count; i++)
        if (pnames[i].version <= version)
            profile->limit_count += read_one(gl, &pnames[i], version, &profile->limits[profile->limit_count]);
    for (size_t i = 0; i < sizeof(indexed) / sizeof(indexed[0]) && version >= 31; i++) {
        struct dc_profile_limit limit = { .pname = indexed[i], .value_count = 3 };
        for (GLuint axis = 0; axis < 3; axis++) {
            GLint value = 0;
            gl->GetIntegeri_v(indexed[i], axis, &value);
            limit.i[axis] = value;
        }
        profile->limits[profile->limit_count++] = limit;
    }
    // None of the driver's: those would hand its parser to whoever sends bytes. The frontend has a format of its own.
    add_constant(profile, GL_NUM_PROGRAM_BINARY_FORMATS, 0);
    add_constant(profile, GL_NUM_SHADER_BINARY_FORMATS, 0);
    return true;
}

static bool
read_precisions(const struct dc_gl *gl, struct dc_profile *profile)
{
    static const GLenum shaders[] = { GL_VERTEX_SHADER, GL_FRAGMENT_SHADER };
    profile->precisions = calloc(12, sizeof(*profile->precisions));
    if (!profile->precisions)
        return false;
    for (int s = 0; s < 2; s++) {
        for (GLenum type = GL_LOW_FLOAT; type <= GL_HIGH_INT; type++) {
            struct dc_profile_precision *p = &profile->precisions[profile->precision_count++];
            p->shader = shaders[s];
            p->precision_type = type;
            gl->GetShaderPrecisionFormat(shaders[s], type, p->range, &p->precision);
        }
    }
    return true;
}

static bool
read_compressed(const struct dc_gl *gl, uint32_t **formats, uint32_t *format_count)
{
    GLint count = 0;
    gl->GetIntegerv(GL_NUM_COMPRESSED_TEXTURE_FORMATS, &count);
    if (count < 0 || count > 1024)
        count = 0;
    *formats = calloc((size_t)count + 1, sizeof(uint32_t));
    if (!*formats)
        return false;
    if (count)
        gl->GetIntegerv(GL_COMPRESSED_TEXTURE_FORMATS, (GLint *)*formats);
    *format_count = (uint32_t)count;
    return true;
}

static bool
allowed(const char *const *list, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (!strncmp(list[i], name, length) && !list[i][length])
            return true;
    return false;
}

/* What both the driver and the overlay's list have, space separated. */
static char *
filter_extensions(const char *all, const char *const *list, size_t count)
{
    char *out = calloc(1, strlen(all) + 1);
    char *at = out;
    while (out && *all) {
        size_t length = strcspn(all, " ");
        if (length && allowed(list, count, all, length)) {
            if (at != out)
                *at++ = ' ';
            memcpy(at, all, length);
            at += length;
        }
        all += length + strspn(all + length, " ");
    }
    return out;
}

static char *
copy_string(const struct dc_gl *gl, GLenum name)
{
    const char *s = (const char *)gl->GetString(name);
    return strdup(s ? s : "");
}

bool
dc_gles_limits_read(const struct dc_gl *gl, struct dc_profile *profile)
{
    int major = 2, minor = 0;
    drop_errors(gl);
    profile->strings[DC_PROFILE_GL_VENDOR] = copy_string(gl, GL_VENDOR);
    profile->strings[DC_PROFILE_GL_RENDERER] = copy_string(gl, GL_RENDERER);
    profile->strings[DC_PROFILE_GL_VERSION] = copy_string(gl, GL_VERSION);
    profile->strings[DC_PROFILE_GLSL_VERSION] = copy_string(gl, GL_SHADING_LANGUAGE_VERSION);
    char *extensions = copy_string(gl, GL_EXTENSIONS);
    profile->strings[DC_PROFILE_GL_EXTENSIONS] = extensions ? filter_extensions(extensions, dc_gles_extensions,
                                                                                           dc_gles_extension_count)
                                                                       : NULL;
    free(extensions);
    for (int i = 0; i < DC_PROFILE_EGL_VENDOR; i++)
        if (!profile->strings[i])
            return false;
    if (sscanf(profile->strings[DC_PROFILE_GL_VERSION], "OpenGL ES %d.%d", &major, &minor) != 2)
        major = 2, minor = 0;
    bool ok = read_limits(gl, (uint32_t)(major * 10 + minor), profile) && read_precisions(gl, profile)
              && read_compressed(gl, &profile->compressed_formats, &profile->compressed_format_count);
    drop_errors(gl);
    return ok;
}

static const struct pname gles1_pnames[] = {
    { GL_ALIASED_LINE_WIDTH_RANGE, 11, 2, 'f' }, { GL_ALIASED_POINT_SIZE_RANGE, 11, 2, 'f' },
    { GL_SMOOTH_LINE_WIDTH_RANGE, 11, 2, 'f' }, { GL_SMOOTH_POINT_SIZE_RANGE, 11, 2, 'f' },
    { GL_MAX_CLIP_PLANES, 11, 1, 'i' }, { GL_MAX_LIGHTS, 11, 1, 'i' }, { GL_MAX_MODELVIEW_STACK_DEPTH, 11, 1, 'i' },
    { GL_MAX_PROJECTION_STACK_DEPTH, 11, 1, 'i' }, { GL_MAX_TEXTURE_STACK_DEPTH, 11, 1, 'i' },
    { GL_MAX_TEXTURE_SIZE, 11, 1, 'i' }, { GL_MAX_TEXTURE_UNITS, 11, 1, 'i' }, { GL_MAX_VIEWPORT_DIMS, 11, 2, 'i' },
    { GL_SUBPIXEL_BITS, 11, 1, 'i' }, { GL_MAX_RENDERBUFFER_SIZE, 0, 1, 'i' }, { GL_MAX_CUBE_MAP_TEXTURE_SIZE, 0, 1, 'i' },
    { GL_MAX_TEXTURE_MAX_ANISOTROPY_EXT, 0, 1, 'f' }, { GL_MAX_TEXTURE_LOD_BIAS_EXT, 0, 1, 'f' },
};

bool
dc_gles1_limits_read(const struct dc_gl *gl, struct dc_profile *profile)
{
    struct dc_profile_gles1 *gles1 = &profile->gles1;
    size_t count = sizeof(gles1_pnames) / sizeof(gles1_pnames[0]);
    drop_errors(gl);
    char *extensions = copy_string(gl, GL_EXTENSIONS);
    gles1->version = copy_string(gl, GL_VERSION);
    gles1->extensions = extensions ? filter_extensions(extensions, dc_gles1_extensions, dc_gles1_extension_count) : NULL;
    gles1->limits = calloc(count, sizeof(*gles1->limits));
    free(extensions);
    if (!gles1->version || !gles1->extensions || !gles1->limits ||
        strncmp(gles1->version, "OpenGL ES-CM 1.1", strlen("OpenGL ES-CM 1.1")) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        gles1->limit_count += read_one(gl, &gles1_pnames[i], 11, &gles1->limits[gles1->limit_count]);
    for (uint32_t i = 0; i < gles1->limit_count; i++)
        if (gles1->limits[i].pname == GL_MAX_TEXTURE_UNITS && gles1->limits[i].i[0] > DC_GLES1_TEXTURE_UNITS)
            gles1->limits[i].i[0] = DC_GLES1_TEXTURE_UNITS;
    bool ok = read_compressed(gl, &gles1->compressed_formats, &gles1->compressed_format_count);
    drop_errors(gl);
    return ok;
}
