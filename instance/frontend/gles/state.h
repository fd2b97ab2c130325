#ifndef DC_FRONTEND_GLES_STATE_H
#define DC_FRONTEND_GLES_STATE_H
/*
 * What a context remembers of its own GL state, so that questions about it are answered without asking the worker.
 * Hooks keep it: a call with an argument that the driver refuses leaves it as it was. Current thread only.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/gles/pixels.h>

#include "../core/context.h"
#include "debug.h"
#include "gl.h"
#include "names.h"
#include "vao.h"

#define DC_MAX_TEXTURE_UNITS 192
#define DC_MAX_DRAW_BUFFERS 8
#define DC_MAX_INDEXED 96 // uniform block bindings (Mesa: 84); the other indexed targets have fewer
#define DC_MAX_XFB_BUFFERS 4
#define DC_MAX_VIEWPORTS 16
#define DC_MAX_FORMER_PROGRAMS 32

enum dc_texture_target {
    DC_TEXTURE_2D,
    DC_TEXTURE_3D,
    DC_TEXTURE_2D_ARRAY,
    DC_TEXTURE_CUBE,
    DC_TEXTURE_EXTERNAL,
    DC_TEXTURE_BUFFER,
    DC_TEXTURE_CUBE_ARRAY,
    DC_TEXTURE_2D_MS,
    DC_TEXTURE_2D_MS_ARRAY,
    DC_TEXTURE_TARGET_COUNT,
};

/* Non-indexed buffer bindings of the context. The element array binding is the VAO's. */
enum dc_buffer_target {
    DC_BUFFER_ARRAY,
    DC_BUFFER_COPY_READ,
    DC_BUFFER_COPY_WRITE,
    DC_BUFFER_PIXEL_PACK,
    DC_BUFFER_PIXEL_UNPACK,
    DC_BUFFER_TRANSFORM_FEEDBACK,
    DC_BUFFER_UNIFORM,
    DC_BUFFER_ATOMIC,
    DC_BUFFER_DISPATCH_INDIRECT,
    DC_BUFFER_DRAW_INDIRECT,
    DC_BUFFER_SHADER_STORAGE,
    DC_BUFFER_TEXTURE,
    DC_BUFFER_TARGET_COUNT,
    DC_BUFFER_ELEMENT = DC_BUFFER_TARGET_COUNT,
};

/* Enables, a bit each. */
enum dc_cap {
    DC_CAP_BLEND, // kept per draw buffer in blend_mask; the bit is unused
    DC_CAP_CULL_FACE,
    DC_CAP_DEPTH_TEST,
    DC_CAP_DITHER,
    DC_CAP_POLYGON_OFFSET_FILL,
    DC_CAP_PRIMITIVE_RESTART,
    DC_CAP_RASTERIZER_DISCARD,
    DC_CAP_ALPHA_TO_COVERAGE,
    DC_CAP_SAMPLE_COVERAGE,
    DC_CAP_SCISSOR_TEST,
    DC_CAP_STENCIL_TEST,
    DC_CAP_SAMPLE_MASK,
    DC_CAP_SAMPLE_SHADING,
    DC_CAP_DEBUG_OUTPUT,
    DC_CAP_DEBUG_SYNCHRONOUS,
    DC_CAP_COUNT,
};

struct dc_indexed_binding {
    GLuint buffer;
    int64_t offset, size;
};

struct dc_stencil_face {
    GLenum func, fail, zfail, zpass;
    GLint ref;
    GLuint value_mask, write_mask;
};

struct dc_viewport {
    GLfloat box[4], depth_range[2];
    GLint scissor[4];
};

struct dc_blend {
    GLenum src_rgb, dst_rgb, src_alpha, dst_alpha, equation_rgb, equation_alpha;
};

/* Transform feedback object: what decides on errors and on which buffers the GPU writes. */
struct dc_xfb {
    GLuint name;
    bool active, paused;
    GLuint generic; // unused by ES, kept because BindBufferBase also sets the generic binding
    struct dc_indexed_binding buffers[DC_MAX_XFB_BUFFERS];
};

struct dc_glsl_object;
struct dc_client_cache;
struct dc_gles1_state; // gles1.h

struct dc_gles_state {
    // Enables
    uint32_t caps;       // 1 << enum dc_cap
    uint32_t blend_mask; // a bit per draw buffer

    // Rasterisation and per-fragment state
    struct dc_viewport viewport[DC_MAX_VIEWPORTS];
    GLuint viewports_kept;  // the others are as the first one: 1 until a command with an index comes
    uint32_t scissor_mask;  // a bit per viewport; the first one's is in `caps` too
    GLfloat viewport_most[2], viewport_bounds[2]; // limits: width and height, least and greatest coordinate
    GLfloat line_width;
    GLenum cull_face, front_face;
    GLfloat polygon_offset_factor, polygon_offset_units;
    GLfloat sample_coverage;
    bool sample_coverage_invert;
    GLfloat blend_color[4];
    struct dc_blend blend[DC_MAX_DRAW_BUFFERS];
    uint8_t color_mask[DC_MAX_DRAW_BUFFERS]; // bits: r g b a
    GLenum depth_func;
    bool depth_mask;
    struct dc_stencil_face stencil[2]; // front, back
    GLfloat clear_color[4], clear_depth;
    GLint clear_stencil;
    GLenum hint_mipmap, hint_derivative;

    // Textures
    GLuint active_texture; // unit number
    GLuint used_texture_units; // no unit from here on was ever bound
    GLuint texture[DC_MAX_TEXTURE_UNITS][DC_TEXTURE_TARGET_COUNT];
    GLuint sampler[DC_MAX_TEXTURE_UNITS];

    // Buffers
    GLuint buffer[DC_BUFFER_TARGET_COUNT];
    struct dc_indexed_binding uniform_buffer[DC_MAX_INDEXED], storage_buffer[DC_MAX_INDEXED],
        atomic_buffer[DC_MAX_INDEXED];

    struct dc_pixel_store pack, unpack;

    // What the driver said of default framebuffers: a surface's answers do not change, and GTK 4 asks in every frame.
    struct dc_default_framebuffer_answer {
        uint32_t surface; // id, 0: surfaceless
        GLenum attachment, pname;
        GLint value;
    } default_framebuffer[16];
    uint32_t default_framebuffer_count; // answers ever remembered; the oldest is forgotten

    // Containers of this context alone
    struct dc_names vao_names, framebuffer_names, query_names, xfb_names, pipeline_names;
    struct dc_vao default_vao, *vao; // vao: the bound one
    struct dc_xfb default_xfb, *xfb;
    GLuint draw_framebuffer, read_framebuffer, renderbuffer;
    GLuint program, pipeline;
    struct dc_glsl_object *program_object; // of `program`; its use is counted
    // Where `program` was made current before its link's result came: what is current if that link failed, the newest
    // last. Only the first is certain. Their uses are counted; NULL: no program.
    struct dc_glsl_object *former_program[DC_MAX_FORMER_PROGRAMS];
    GLuint former_program_count;
    GLuint active_query[4];            // slots of query.c

    GLuint base_instance; // of the draw being sent

    // Errors
    GLenum local_error;       // raised by us, not yet read
    bool error_sync;          // auto: GetError asks the worker at present
    uint32_t clean_frames;    // auto: frames without an error while asking
    uint32_t clean_answers;   // auto, far worker: answers without an error while asking
    uint32_t pushed_error;    // atomic: GL error that the worker reported and nobody read
    uint32_t reset_status;    // atomic: GL reset status pushed by the worker

    // Limits, from the profile
    GLuint max_texture_units, max_attribs, max_bindings, max_draw_buffers, max_uniform_bindings,
        max_storage_bindings, max_atomic_bindings, max_xfb_bindings, max_stride, max_relative_offset, max_viewports;

    bool viewport_set; // first bind done

    struct dc_client_cache *client_cache; // owned; NULL before the first client array that is worth keeping
    uint8_t *scratch; // owned; for repacking
    size_t scratch_bytes;

    // Strings that glGetString hands out
    char version[128], glsl_version[64];
    char *extensions, **extension_list; // owned
    uint32_t extension_list_count;

    struct dc_debug debug;
    struct dc_gles1_state *gles1; // owned; NULL: a context of GLES 2 or above
};

/* Values of a new context, limits from `process->profile`. */
void dc_gles_state_init(struct dc_gles_state *state, struct dc_context *context);
void dc_gles_state_finish(struct dc_gles_state *state);

static inline bool
dc_gles_cap(const struct dc_gles_state *state, enum dc_cap cap)
{
    return state->caps >> cap & 1;
}

/* At least `size_bytes` of memory that stays valid until the next call; NULL when out of memory. */
void *dc_gles_scratch(struct dc_gles_state *state, size_t size_bytes);
/* Limit from the profile, `otherwise` if it does not say. */
int64_t dc_gles_limit(const struct dc_context *context, GLenum pname, int64_t otherwise);

/* -1 for an enumerant that is no such target. */
int dc_texture_target_index(GLenum target);  // GL_TEXTURE_2D …
int dc_texture_binding_index(GLenum pname);  // GL_TEXTURE_BINDING_2D …
int dc_buffer_target_index(GLenum target);   // GL_ARRAY_BUFFER …; DC_BUFFER_ELEMENT for the VAO's
int dc_cap_index(GLenum cap);                // GL_CULL_FACE …

/* The first values, and limits from the profile. */
void dc_viewport_init(struct dc_gles_state *state, const struct dc_profile *profile);
/* Scissor test of all viewports. false: it was so. */
bool dc_viewport_set_scissor_test(struct dc_gles_state *state, bool on);
/* Of one of them; nothing for no such viewport. */
void dc_viewport_set_scissor_test_of(struct dc_gles_state *state, GLuint index, bool on);
/* What `index` has; it may be any below max_viewports. */
const struct dc_viewport *dc_viewport_of(const struct dc_gles_state *state, GLuint index);

/* Bindings of an indexed buffer target in the bound objects, NULL for no such target. */
struct dc_indexed_binding *dc_gles_indexed(struct dc_gles_state *state, GLenum target, GLuint *count);

#endif
