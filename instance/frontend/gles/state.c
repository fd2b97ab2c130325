#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "client_cache.h"
#include "gles1.h"

int64_t
dc_gles_limit(const struct dc_context *context, GLenum pname, int64_t otherwise)
{
    const struct dc_profile_limit *limit = dc_profile_find_limit(&context->process->profile, pname);
    if (!limit || !limit->value_count)
        return otherwise;
    return limit->is_float ? (int64_t)limit->f[0] : limit->i[0];
}

static GLuint
bounded_limit(const struct dc_context *context, GLenum pname, GLuint otherwise, GLuint most)
{
    int64_t value = dc_gles_limit(context, pname, otherwise);
    return value < 0 ? 0 : value > most ? most : (GLuint)value;
}

static void
init_limits(struct dc_gles_state *state, const struct dc_context *context)
{
    state->max_texture_units = bounded_limit(context, GL_MAX_COMBINED_TEXTURE_IMAGE_UNITS, 32, DC_MAX_TEXTURE_UNITS);
    state->max_attribs = context->version_major == 1 ? DC_GLES1_ARRAY_COUNT : bounded_limit(context, GL_MAX_VERTEX_ATTRIBS, DC_MAX_ATTRIBS, DC_MAX_ATTRIBS);
    state->max_bindings = bounded_limit(context, GL_MAX_VERTEX_ATTRIB_BINDINGS, DC_MAX_BINDINGS, DC_MAX_BINDINGS);
    state->max_draw_buffers = bounded_limit(context, GL_MAX_DRAW_BUFFERS, 4, DC_MAX_DRAW_BUFFERS);
    state->max_uniform_bindings = bounded_limit(context, GL_MAX_UNIFORM_BUFFER_BINDINGS, 36, DC_MAX_INDEXED);
    state->max_storage_bindings = bounded_limit(context, GL_MAX_SHADER_STORAGE_BUFFER_BINDINGS, 0, DC_MAX_INDEXED);
    state->max_atomic_bindings = bounded_limit(context, GL_MAX_ATOMIC_COUNTER_BUFFER_BINDINGS, 0, DC_MAX_INDEXED);
    state->max_stride = bounded_limit(context, GL_MAX_VERTEX_ATTRIB_STRIDE, INT32_MAX, INT32_MAX);
    state->max_relative_offset = bounded_limit(context, GL_MAX_VERTEX_ATTRIB_RELATIVE_OFFSET, 2047, INT32_MAX);
    state->max_viewports = bounded_limit(context, GL_MAX_VIEWPORTS_OES, 1, DC_MAX_VIEWPORTS);
    if (!state->max_viewports)
        state->max_viewports = 1;
    state->max_xfb_bindings =
        bounded_limit(context, GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS, DC_MAX_XFB_BUFFERS, DC_MAX_XFB_BUFFERS);
}

void
dc_gles_state_init(struct dc_gles_state *state, struct dc_context *context)
{
    memset(state, 0, sizeof *state);
    state->caps = 1u << DC_CAP_DITHER;
    if (context->debug)
        state->caps |= 1u << DC_CAP_DEBUG_OUTPUT;
    dc_viewport_init(state, &context->process->profile);
    state->line_width = 1;
    state->cull_face = GL_BACK;
    state->front_face = GL_CCW;
    state->sample_coverage = 1;
    for (unsigned i = 0; i < DC_MAX_DRAW_BUFFERS; i++) {
        state->blend[i] = (struct dc_blend){ GL_ONE, GL_ZERO, GL_ONE, GL_ZERO, GL_FUNC_ADD, GL_FUNC_ADD };
        state->color_mask[i] = 15;
    }
    state->depth_func = GL_LESS;
    state->depth_mask = true;
    for (unsigned i = 0; i < 2; i++) {
        state->stencil[i] = (struct dc_stencil_face){
            .func = GL_ALWAYS, .fail = GL_KEEP, .zfail = GL_KEEP, .zpass = GL_KEEP,
            .value_mask = ~0u, .write_mask = ~0u,
        };
    }
    state->clear_depth = 1;
    state->hint_mipmap = state->hint_derivative = GL_DONT_CARE;
    state->pack.alignment = state->unpack.alignment = 4;
    dc_vao_init(&state->default_vao, 0);
    state->vao = &state->default_vao;
    state->xfb = &state->default_xfb;
    state->error_sync = !__atomic_load_n(&context->process->errors_trusted, __ATOMIC_RELAXED);
    dc_names_init(&state->vao_names);
    dc_names_init(&state->framebuffer_names);
    dc_names_init(&state->query_names);
    dc_names_init(&state->xfb_names);
    dc_names_init(&state->pipeline_names);
    init_limits(state, context);
    dc_debug_init(&state->debug, context);
}

static void
free_object(void *user, uint32_t name, void *value)
{
    if ((uintptr_t)value >= DC_NAME_OBJECT)
        free(value);
}

void
dc_gles_state_finish(struct dc_gles_state *state)
{
    dc_debug_finish(&state->debug);
    dc_names_each(&state->vao_names, free_object, 0);
    dc_names_each(&state->xfb_names, free_object, 0);
    dc_names_each(&state->query_names, free_object, 0);
    dc_names_each(&state->framebuffer_names, free_object, 0);
    dc_names_finish(&state->vao_names);
    dc_names_finish(&state->framebuffer_names);
    dc_names_finish(&state->query_names);
    dc_names_finish(&state->xfb_names);
    dc_names_finish(&state->pipeline_names);
    dc_client_cache_destroy(state->client_cache);
    dc_gles1_destroy(state->gles1);
    free(state->scratch);
    free(state->extensions);
    free(state->extension_list);
}

void *
dc_gles_scratch(struct dc_gles_state *state, size_t size_bytes)
{
    if (state->scratch_bytes >= size_bytes && state->scratch)
        return state->scratch;
    size_t rounded = (size_bytes + 65535) & ~(size_t)65535;
    if (rounded < size_bytes)
        return 0;
    free(state->scratch);
    state->scratch = malloc(rounded ? rounded : 65536);
    state->scratch_bytes = state->scratch ? rounded : 0;
    return state->scratch;
}

int
dc_texture_target_index(GLenum target)
{
    switch (target) {
    case GL_TEXTURE_2D: return DC_TEXTURE_2D;
    case GL_TEXTURE_3D: return DC_TEXTURE_3D;
    case GL_TEXTURE_2D_ARRAY: return DC_TEXTURE_2D_ARRAY;
    case GL_TEXTURE_CUBE_MAP: return DC_TEXTURE_CUBE;
    case GL_TEXTURE_EXTERNAL_OES: return DC_TEXTURE_EXTERNAL;
    case GL_TEXTURE_BUFFER: return DC_TEXTURE_BUFFER;
    case GL_TEXTURE_CUBE_MAP_ARRAY: return DC_TEXTURE_CUBE_ARRAY;
    case GL_TEXTURE_2D_MULTISAMPLE: return DC_TEXTURE_2D_MS;
    case GL_TEXTURE_2D_MULTISAMPLE_ARRAY: return DC_TEXTURE_2D_MS_ARRAY;
    default: return -1;
    }
}

int
dc_texture_binding_index(GLenum pname)
{
    switch (pname) {
    case GL_TEXTURE_BINDING_2D: return DC_TEXTURE_2D;
    case GL_TEXTURE_BINDING_3D: return DC_TEXTURE_3D;
    case GL_TEXTURE_BINDING_2D_ARRAY: return DC_TEXTURE_2D_ARRAY;
    case GL_TEXTURE_BINDING_CUBE_MAP: return DC_TEXTURE_CUBE;
    case GL_TEXTURE_BINDING_EXTERNAL_OES: return DC_TEXTURE_EXTERNAL;
    case GL_TEXTURE_BINDING_BUFFER: return DC_TEXTURE_BUFFER;
    case GL_TEXTURE_BINDING_CUBE_MAP_ARRAY: return DC_TEXTURE_CUBE_ARRAY;
    case GL_TEXTURE_BINDING_2D_MULTISAMPLE: return DC_TEXTURE_2D_MS;
    case GL_TEXTURE_BINDING_2D_MULTISAMPLE_ARRAY: return DC_TEXTURE_2D_MS_ARRAY;
    default: return -1;
    }
}

int
dc_buffer_target_index(GLenum target)
{
    switch (target) {
    case GL_ARRAY_BUFFER: return DC_BUFFER_ARRAY;
    case GL_ELEMENT_ARRAY_BUFFER: return DC_BUFFER_ELEMENT;
    case GL_COPY_READ_BUFFER: return DC_BUFFER_COPY_READ;
    case GL_COPY_WRITE_BUFFER: return DC_BUFFER_COPY_WRITE;
    case GL_PIXEL_PACK_BUFFER: return DC_BUFFER_PIXEL_PACK;
    case GL_PIXEL_UNPACK_BUFFER: return DC_BUFFER_PIXEL_UNPACK;
    case GL_TRANSFORM_FEEDBACK_BUFFER: return DC_BUFFER_TRANSFORM_FEEDBACK;
    case GL_UNIFORM_BUFFER: return DC_BUFFER_UNIFORM;
    case GL_ATOMIC_COUNTER_BUFFER: return DC_BUFFER_ATOMIC;
    case GL_DISPATCH_INDIRECT_BUFFER: return DC_BUFFER_DISPATCH_INDIRECT;
    case GL_DRAW_INDIRECT_BUFFER: return DC_BUFFER_DRAW_INDIRECT;
    case GL_SHADER_STORAGE_BUFFER: return DC_BUFFER_SHADER_STORAGE;
    case GL_TEXTURE_BUFFER: return DC_BUFFER_TEXTURE;
    default: return -1;
    }
}

int
dc_cap_index(GLenum cap)
{
    switch (cap) {
    case GL_BLEND: return DC_CAP_BLEND;
    case GL_CULL_FACE: return DC_CAP_CULL_FACE;
    case GL_DEPTH_TEST: return DC_CAP_DEPTH_TEST;
    case GL_DITHER: return DC_CAP_DITHER;
    case GL_POLYGON_OFFSET_FILL: return DC_CAP_POLYGON_OFFSET_FILL;
    case GL_PRIMITIVE_RESTART_FIXED_INDEX: return DC_CAP_PRIMITIVE_RESTART;
    case GL_RASTERIZER_DISCARD: return DC_CAP_RASTERIZER_DISCARD;
    case GL_SAMPLE_ALPHA_TO_COVERAGE: return DC_CAP_ALPHA_TO_COVERAGE;
    case GL_SAMPLE_COVERAGE: return DC_CAP_SAMPLE_COVERAGE;
    case GL_SCISSOR_TEST: return DC_CAP_SCISSOR_TEST;
    case GL_STENCIL_TEST: return DC_CAP_STENCIL_TEST;
    case GL_SAMPLE_MASK: return DC_CAP_SAMPLE_MASK;
    case GL_SAMPLE_SHADING: return DC_CAP_SAMPLE_SHADING;
    case GL_DEBUG_OUTPUT: return DC_CAP_DEBUG_OUTPUT;
    case GL_DEBUG_OUTPUT_SYNCHRONOUS: return DC_CAP_DEBUG_SYNCHRONOUS;
    default: return -1;
    }
}
