/* State by name, from the shadow. */
#include "get.h"

#include "program_use.h"
#include "shared.h"
#include "state.h"
#include "value.h"

static bool
get_viewport(const struct dc_viewport *viewport, GLenum pname, struct dc_value *v)
{
    switch (pname) {
    case GL_VIEWPORT: dc_value_set_floats(v, DC_VALUE_FLOAT, viewport->box, 4); return true;
    case GL_SCISSOR_BOX: dc_value_set_ints(v, viewport->scissor, 4); return true;
    case GL_DEPTH_RANGE: dc_value_set_floats(v, DC_VALUE_NORMALIZED, viewport->depth_range, 2); return true;
    default: return false;
    }
}

static bool
get_raster(const struct dc_gles_state *s, GLenum pname, struct dc_value *v)
{
    switch (pname) {
    case GL_LINE_WIDTH: dc_value_set_floats(v, DC_VALUE_FLOAT, &s->line_width, 1); return true;
    case GL_CULL_FACE_MODE: dc_value_set_int(v, s->cull_face); return true;
    case GL_FRONT_FACE: dc_value_set_int(v, s->front_face); return true;
    case GL_POLYGON_OFFSET_FACTOR: dc_value_set_floats(v, DC_VALUE_FLOAT, &s->polygon_offset_factor, 1); return true;
    case GL_POLYGON_OFFSET_UNITS: dc_value_set_floats(v, DC_VALUE_FLOAT, &s->polygon_offset_units, 1); return true;
    case GL_SAMPLE_COVERAGE_VALUE: dc_value_set_floats(v, DC_VALUE_FLOAT, &s->sample_coverage, 1); return true;
    case GL_SAMPLE_COVERAGE_INVERT: dc_value_set_boolean(v, s->sample_coverage_invert); return true;
    case GL_COLOR_CLEAR_VALUE: dc_value_set_floats(v, DC_VALUE_NORMALIZED, s->clear_color, 4); return true;
    case GL_DEPTH_CLEAR_VALUE: dc_value_set_floats(v, DC_VALUE_NORMALIZED, &s->clear_depth, 1); return true;
    case GL_STENCIL_CLEAR_VALUE: dc_value_set_int(v, s->clear_stencil); return true;
    case GL_DEPTH_FUNC: dc_value_set_int(v, s->depth_func); return true;
    case GL_DEPTH_WRITEMASK: dc_value_set_boolean(v, s->depth_mask); return true;
    case GL_GENERATE_MIPMAP_HINT: dc_value_set_int(v, s->hint_mipmap); return true;
    case GL_FRAGMENT_SHADER_DERIVATIVE_HINT: dc_value_set_int(v, s->hint_derivative); return true;
    default: return false;
    }
}

static void
set_mask(struct dc_value *v, uint8_t mask)
{
    v->type = DC_VALUE_BOOLEAN;
    v->count = 4;
    for (unsigned i = 0; i < 4; i++)
        v->i[i] = mask >> i & 1;
}

static bool
get_blend(const struct dc_gles_state *s, GLuint buf, GLenum pname, struct dc_value *v)
{
    const struct dc_blend *blend = &s->blend[buf];
    switch (pname) {
    case GL_BLEND_SRC_RGB: dc_value_set_int(v, blend->src_rgb); return true;
    case GL_BLEND_DST_RGB: dc_value_set_int(v, blend->dst_rgb); return true;
    case GL_BLEND_SRC_ALPHA: dc_value_set_int(v, blend->src_alpha); return true;
    case GL_BLEND_DST_ALPHA: dc_value_set_int(v, blend->dst_alpha); return true;
    case GL_BLEND_EQUATION_RGB: dc_value_set_int(v, blend->equation_rgb); return true;
    case GL_BLEND_EQUATION_ALPHA: dc_value_set_int(v, blend->equation_alpha); return true;
    case GL_COLOR_WRITEMASK: set_mask(v, s->color_mask[buf]); return true;
    case GL_BLEND_COLOR: dc_value_set_floats(v, DC_VALUE_NORMALIZED, s->blend_color, 4); return true;
    default: return false;
    }
}

/* How many bits of a mask a driver keeps is its own business: beyond the eight that all have, it is asked. */
static bool
set_stencil_mask(struct dc_value *v, GLuint mask)
{
    dc_value_set_int(v, mask);
    return mask <= 0xff;
}

static bool
get_stencil(const struct dc_gles_state *s, GLenum pname, struct dc_value *v)
{
    const struct dc_stencil_face *front = &s->stencil[0], *back = &s->stencil[1];
    switch (pname) {
    case GL_STENCIL_FUNC: dc_value_set_int(v, front->func); return true;
    case GL_STENCIL_FAIL: dc_value_set_int(v, front->fail); return true;
    case GL_STENCIL_PASS_DEPTH_FAIL: dc_value_set_int(v, front->zfail); return true;
    case GL_STENCIL_PASS_DEPTH_PASS: dc_value_set_int(v, front->zpass); return true;
    case GL_STENCIL_VALUE_MASK: return set_stencil_mask(v, front->value_mask);
    case GL_STENCIL_WRITEMASK: return set_stencil_mask(v, front->write_mask);
    case GL_STENCIL_BACK_FUNC: dc_value_set_int(v, back->func); return true;
    case GL_STENCIL_BACK_FAIL: dc_value_set_int(v, back->fail); return true;
    case GL_STENCIL_BACK_PASS_DEPTH_FAIL: dc_value_set_int(v, back->zfail); return true;
    case GL_STENCIL_BACK_PASS_DEPTH_PASS: dc_value_set_int(v, back->zpass); return true;
    case GL_STENCIL_BACK_VALUE_MASK: return set_stencil_mask(v, back->value_mask);
    case GL_STENCIL_BACK_WRITEMASK: return set_stencil_mask(v, back->write_mask);
    // The driver clamps the reference to the stencil bits of the framebuffer, which only it knows.
    case GL_STENCIL_REF: dc_value_set_int(v, 0); return front->ref == 0;
    case GL_STENCIL_BACK_REF: dc_value_set_int(v, 0); return back->ref == 0;
    default: return false;
    }
}

static bool
get_pixel_store(const struct dc_gles_state *s, GLenum pname, struct dc_value *v)
{
    switch (pname) {
    case GL_PACK_ALIGNMENT: dc_value_set_int(v, s->pack.alignment); return true;
    case GL_PACK_ROW_LENGTH: dc_value_set_int(v, s->pack.row_length); return true;
    case GL_PACK_SKIP_PIXELS: dc_value_set_int(v, s->pack.skip_pixels); return true;
    case GL_PACK_SKIP_ROWS: dc_value_set_int(v, s->pack.skip_rows); return true;
    case GL_UNPACK_ALIGNMENT: dc_value_set_int(v, s->unpack.alignment); return true;
    case GL_UNPACK_ROW_LENGTH: dc_value_set_int(v, s->unpack.row_length); return true;
    case GL_UNPACK_IMAGE_HEIGHT: dc_value_set_int(v, s->unpack.image_height); return true;
    case GL_UNPACK_SKIP_PIXELS: dc_value_set_int(v, s->unpack.skip_pixels); return true;
    case GL_UNPACK_SKIP_ROWS: dc_value_set_int(v, s->unpack.skip_rows); return true;
    case GL_UNPACK_SKIP_IMAGES: dc_value_set_int(v, s->unpack.skip_images); return true;
    default: return false;
    }
}

static bool
get_binding(const struct dc_gles_state *s, GLenum pname, struct dc_value *v)
{
    int texture = dc_texture_binding_index(pname);
    if (texture >= 0) {
        dc_value_set_int(v, s->texture[s->active_texture][texture]);
        return true;
    }
    switch (pname) {
    case GL_ACTIVE_TEXTURE: dc_value_set_int(v, GL_TEXTURE0 + s->active_texture); return true;
    case GL_SAMPLER_BINDING: dc_value_set_int(v, s->sampler[s->active_texture]); return true;
    case GL_ARRAY_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_ARRAY]); return true;
    case GL_ELEMENT_ARRAY_BUFFER_BINDING: dc_value_set_int(v, s->vao->element_buffer); return true;
    case GL_COPY_READ_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_COPY_READ]); return true;
    case GL_COPY_WRITE_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_COPY_WRITE]); return true;
    case GL_PIXEL_PACK_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_PIXEL_PACK]); return true;
    case GL_PIXEL_UNPACK_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_PIXEL_UNPACK]); return true;
    case GL_UNIFORM_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_UNIFORM]); return true;
    case GL_TRANSFORM_FEEDBACK_BUFFER_BINDING:
        dc_value_set_int(v, s->buffer[DC_BUFFER_TRANSFORM_FEEDBACK]);
        return true;
    case GL_ATOMIC_COUNTER_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_ATOMIC]); return true;
    case GL_SHADER_STORAGE_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_SHADER_STORAGE]); return true;
    case GL_DRAW_INDIRECT_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_DRAW_INDIRECT]); return true;
    case GL_DISPATCH_INDIRECT_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_DISPATCH_INDIRECT]); return true;
    case GL_TEXTURE_BUFFER_BINDING: dc_value_set_int(v, s->buffer[DC_BUFFER_TEXTURE]); return true;
    case GL_DRAW_FRAMEBUFFER_BINDING: dc_value_set_int(v, s->draw_framebuffer); return true; // = FRAMEBUFFER_BINDING
    case GL_READ_FRAMEBUFFER_BINDING: dc_value_set_int(v, s->read_framebuffer); return true;
    case GL_RENDERBUFFER_BINDING: dc_value_set_int(v, s->renderbuffer); return true;
    case GL_VERTEX_ARRAY_BINDING: dc_value_set_int(v, s->vao->name); return true;
    case GL_CURRENT_PROGRAM: dc_value_set_int(v, s->program); return true;
    case GL_PROGRAM_PIPELINE_BINDING: dc_value_set_int(v, s->pipeline); return true;
    case GL_TRANSFORM_FEEDBACK_BINDING: dc_value_set_int(v, s->xfb->name); return true;
    case GL_TRANSFORM_FEEDBACK_ACTIVE: dc_value_set_boolean(v, s->xfb->active); return true;
    case GL_TRANSFORM_FEEDBACK_PAUSED: dc_value_set_boolean(v, s->xfb->paused); return true;
    default: return false;
    }
}

bool
dc_gles_get_state(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    struct dc_gles_state *s = context->gles;
    int cap = dc_cap_index(pname);
    if (pname == GL_CURRENT_PROGRAM)
        dc_program_use_settle(context);
    if (cap >= 0) {
        dc_value_set_boolean(value, cap == DC_CAP_BLEND ? s->blend_mask & 1 : dc_gles_cap(s, (enum dc_cap)cap));
        return true;
    }
    return get_viewport(&s->viewport[0], pname, value) || get_raster(s, pname, value) || get_blend(s, 0, pname, value) || get_stencil(s, pname, value) ||
           get_pixel_store(s, pname, value) || get_binding(s, pname, value);
}

static bool
get_indexed_buffer(struct dc_gles_state *s, GLenum target, GLuint index, struct dc_value *v)
{
    static const struct {
        GLenum binding, start, size, target;
    } kinds[] = {
        { GL_UNIFORM_BUFFER_BINDING, GL_UNIFORM_BUFFER_START, GL_UNIFORM_BUFFER_SIZE, GL_UNIFORM_BUFFER },
        { GL_TRANSFORM_FEEDBACK_BUFFER_BINDING, GL_TRANSFORM_FEEDBACK_BUFFER_START,
          GL_TRANSFORM_FEEDBACK_BUFFER_SIZE, GL_TRANSFORM_FEEDBACK_BUFFER },
        { GL_SHADER_STORAGE_BUFFER_BINDING, GL_SHADER_STORAGE_BUFFER_START, GL_SHADER_STORAGE_BUFFER_SIZE,
          GL_SHADER_STORAGE_BUFFER },
        { GL_ATOMIC_COUNTER_BUFFER_BINDING, GL_ATOMIC_COUNTER_BUFFER_START, GL_ATOMIC_COUNTER_BUFFER_SIZE,
          GL_ATOMIC_COUNTER_BUFFER },
    };
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (target != kinds[i].binding && target != kinds[i].start && target != kinds[i].size)
            continue;
        GLuint count;
        const struct dc_indexed_binding *bindings = dc_gles_indexed(s, kinds[i].target, &count);
        if (index >= count)
            return false;
        const struct dc_indexed_binding *b = &bindings[index];
        dc_value_set_int(v, target == kinds[i].binding ? b->buffer : target == kinds[i].start ? b->offset : b->size);
        return true;
    }
    return false;
}

bool
dc_gles_get_indexed(struct dc_context *context, GLenum target, GLuint index, struct dc_value *value)
{
    struct dc_gles_state *s = context->gles;
    if (get_indexed_buffer(s, target, index, value))
        return true;
    if (index < s->max_draw_buffers && target != GL_BLEND_COLOR && get_blend(s, index, target, value))
        return true;
    if (s->max_viewports > 1 && index < s->max_viewports && get_viewport(dc_viewport_of(s, index), target, value)) {
        if (target == GL_DEPTH_RANGE)
            value->type = DC_VALUE_FLOAT; // as Mesa has it: with an index the depths are rounded, not stretched
        return true;
    }
    if (index < s->max_bindings) {
        const struct dc_vertex_binding *binding = &s->vao->bindings[index];
        switch (target) {
        case GL_VERTEX_BINDING_OFFSET: dc_value_set_int(value, binding->offset); return true;
        case GL_VERTEX_BINDING_STRIDE: dc_value_set_int(value, binding->stride); return true;
        case GL_VERTEX_BINDING_DIVISOR: dc_value_set_int(value, binding->divisor); return true;
        case GL_VERTEX_BINDING_BUFFER: dc_value_set_int(value, binding->buffer); return true;
        default: break;
        }
    }
    const struct dc_profile_limit *limit = dc_profile_find_limit(&context->process->profile, target);
    if ((target == GL_MAX_COMPUTE_WORK_GROUP_COUNT || target == GL_MAX_COMPUTE_WORK_GROUP_SIZE) && limit &&
        index < limit->value_count) {
        dc_value_set_int(value, limit->i[index]);
        return true;
    }
    return false;
}
