/*
 * What each command changes. A command that is neither named here nor a question is unknown, and the test of this table
 * fails: whoever adds one says what a fresh worker must be told of it.
 */
#include "fold.h"

#include <gles_opcodes.h>

#include <GLES3/gl32.h>

static bool
has_size(const struct dc_fold *fold) // x, y, width, height
{
    return (int32_t)fold->w[3] >= 0 && (int32_t)fold->w[4] >= 0;
}

static bool
is_positive(const struct dc_fold *fold)
{
    float value;
    __builtin_memcpy(&value, &fold->w[1], 4);
    return value > 0;
}

static bool
is_comparison(const struct dc_fold *fold)
{
    return fold->w[1] >= GL_NEVER && fold->w[1] <= GL_ALWAYS;
}

static bool
is_face(const struct dc_fold *fold)
{
    return fold->w[1] == GL_FRONT || fold->w[1] == GL_BACK || fold->w[1] == GL_FRONT_AND_BACK;
}

static bool
is_winding(const struct dc_fold *fold)
{
    return fold->w[1] == GL_CW || fold->w[1] == GL_CCW;
}

#define NOTHING(op) [DC_OP_##op] = { .scope = DC_FOLD_NOTHING }
#define CONTEXT(op, keys_) [DC_OP_##op] = { .scope = DC_FOLD_CONTEXT, .keys = (keys_) }
#define CHECKED(op, keys_, check_) [DC_OP_##op] = { .scope = DC_FOLD_CONTEXT, .keys = (keys_), .check = (check_) }
#define AS(op, scope_, keys_, as) [DC_OP_##op] = { .scope = DC_FOLD_##scope_, .keys = (keys_), .same_as = DC_OP_##as }
#define OF(op, scope_, keys_) [DC_OP_##op] = { .scope = DC_FOLD_##scope_, .keys = (keys_) }
#define UNIFORM(op) [DC_OP_##op] = { .scope = DC_FOLD_UNIFORM }, \
                    [DC_OP_Program##op] = { .scope = DC_FOLD_PROGRAM_UNIFORM }
#define UNIFORMS(n) UNIFORM(Uniform##n##f), UNIFORM(Uniform##n##i), UNIFORM(Uniform##n##ui), UNIFORM(Uniform##n##fv), \
                    UNIFORM(Uniform##n##iv), UNIFORM(Uniform##n##uiv)
#define DRAW(op) [DC_OP_##op] = { .scope = DC_FOLD_DRAW }
#define HAND(op, function) [DC_OP_##op] = { .scope = DC_FOLD_BY_HAND, .by_hand = (function) }

const struct dc_fold_rule dc_fold_rules[DC_OP_END] = {
    // State of the context
    AS(Enable, CONTEXT, 1, Enable), AS(Disable, CONTEXT, 1, Enable), AS(Enablei, CONTEXT, 2, Enablei),
    AS(Disablei, CONTEXT, 2, Enablei),
    CONTEXT(BlendColor, 0), CONTEXT(BlendEquation, 0), CONTEXT(BlendEquationSeparate, 0), CONTEXT(BlendFunc, 0),
    CONTEXT(BlendFuncSeparate, 0), CONTEXT(BlendEquationi, 1), CONTEXT(BlendEquationSeparatei, 1),
    CONTEXT(BlendFunci, 1), CONTEXT(BlendFuncSeparatei, 1), CONTEXT(ColorMask, 0), CONTEXT(ColorMaski, 1),
    CONTEXT(ClearColor, 0), CONTEXT(ClearDepthf, 0), CONTEXT(ClearStencil, 0), CHECKED(CullFace, 0, is_face),
    CHECKED(FrontFace, 0, is_winding), CHECKED(DepthFunc, 0, is_comparison), CONTEXT(DepthMask, 0),
    CONTEXT(DepthRangef, 0), CONTEXT(Hint, 1), CHECKED(LineWidth, 0, is_positive), CONTEXT(PixelStorei, 1),
    AS(PolygonOffset, CONTEXT, 0, PolygonOffset),
    AS(PolygonOffsetClampEXT, CONTEXT, 0, PolygonOffset), CONTEXT(ClipControlEXT, 0),
    CONTEXT(MaxShaderCompilerThreadsKHR, 0), CONTEXT(SampleCoverage, 0), CONTEXT(SampleMaski, 1), CONTEXT(MinSampleShading, 0),
    CONTEXT(PatchParameteri, 1), CONTEXT(PrimitiveBoundingBox, 0), CHECKED(Scissor, 0, has_size),
    CHECKED(Viewport, 0, has_size), CONTEXT(ViewportIndexedfOES, 1), CONTEXT(ScissorIndexedOES, 1),
    CONTEXT(DepthRangeIndexedfOES, 1), CONTEXT(StencilFunc, 0), CONTEXT(StencilFuncSeparate, 1), CONTEXT(StencilMask, 0),
    CONTEXT(StencilMaskSeparate, 1), CONTEXT(StencilOp, 0), CONTEXT(StencilOpSeparate, 1),
    AS(VertexAttrib1f, CONTEXT, 1, VertexAttrib4f), AS(VertexAttrib1fv, CONTEXT, 1, VertexAttrib4f),
    AS(VertexAttrib2f, CONTEXT, 1, VertexAttrib4f), AS(VertexAttrib2fv, CONTEXT, 1, VertexAttrib4f),
    AS(VertexAttrib3f, CONTEXT, 1, VertexAttrib4f), AS(VertexAttrib3fv, CONTEXT, 1, VertexAttrib4f),
    AS(VertexAttrib4f, CONTEXT, 1, VertexAttrib4f), AS(VertexAttrib4fv, CONTEXT, 1, VertexAttrib4f),
    AS(VertexAttribI4i, CONTEXT, 1, VertexAttrib4f), AS(VertexAttribI4iv, CONTEXT, 1, VertexAttrib4f),
    AS(VertexAttribI4ui, CONTEXT, 1, VertexAttrib4f), AS(VertexAttribI4uiv, CONTEXT, 1, VertexAttrib4f),
    CONTEXT(ObjectLabel, 2),

    // Bindings
    HAND(ActiveTexture, dc_fold_active_texture), HAND(BindTexture, dc_fold_bind_texture),
    HAND(BindBuffer, dc_fold_bind_buffer), HAND(BindBufferBase, dc_fold_bind_indexed),
    HAND(BindBufferRange, dc_fold_bind_indexed), HAND(BindVertexArray, dc_fold_bind_array),
    HAND(BindFramebuffer, dc_fold_bind_framebuffer), HAND(BindRenderbuffer, dc_fold_bind_renderbuffer),
    HAND(BindSampler, dc_fold_bind_sampler), HAND(BindTransformFeedback, dc_fold_bind_feedback),
    HAND(BindProgramPipeline, dc_fold_bind_pipeline), HAND(BindImageTexture, dc_fold_bind_image),

    // Vertex arrays
    HAND(BindVertexBuffer, dc_fold_bind_vertex_buffer), HAND(VertexAttribPointer, dc_fold_attrib_pointer),
    HAND(VertexAttribIPointer, dc_fold_attrib_pointer),
    AS(EnableVertexAttribArray, ARRAY, 1, EnableVertexAttribArray),
    AS(DisableVertexAttribArray, ARRAY, 1, EnableVertexAttribArray), OF(VertexAttribDivisor, ARRAY, 1),
    AS(VertexAttribFormat, ARRAY, 1, VertexAttribFormat), AS(VertexAttribIFormat, ARRAY, 1, VertexAttribFormat),
    OF(VertexAttribBinding, ARRAY, 1), OF(VertexBindingDivisor, ARRAY, 1),

    // Parameters of objects
    AS(TexParameterf, TEXTURE, 1, TexParameteri), AS(TexParameteri, TEXTURE, 1, TexParameteri),
    AS(TexParameterfv, TEXTURE, 1, TexParameteri), AS(TexParameteriv, TEXTURE, 1, TexParameteri),
    AS(TexParameterIiv, TEXTURE, 1, TexParameteri), AS(TexParameterIuiv, TEXTURE, 1, TexParameteri),
    AS(SamplerParameterf, SAMPLER, 1, SamplerParameteri), AS(SamplerParameteri, SAMPLER, 1, SamplerParameteri),
    AS(SamplerParameterfv, SAMPLER, 1, SamplerParameteri), AS(SamplerParameteriv, SAMPLER, 1, SamplerParameteri),
    AS(SamplerParameterIiv, SAMPLER, 1, SamplerParameteri), AS(SamplerParameterIuiv, SAMPLER, 1, SamplerParameteri),
    AS(RenderbufferStorage, RENDERBUFFER, 0, RenderbufferStorage),
    AS(RenderbufferStorageMultisample, RENDERBUFFER, 0, RenderbufferStorage),
    HAND(FramebufferRenderbuffer, dc_fold_attach), HAND(FramebufferTexture2D, dc_fold_attach),
    HAND(FramebufferTexture, dc_fold_attach), HAND(FramebufferTextureLayer, dc_fold_attach),
    OF(FramebufferParameteri, FRAMEBUFFER, 1), HAND(ReadBuffer, dc_fold_attach), HAND(DrawBuffers, dc_fold_attach),

    // Names
    HAND(GenBuffers, dc_fold_gen), HAND(GenTextures, dc_fold_gen), HAND(GenRenderbuffers, dc_fold_gen),
    HAND(GenSamplers, dc_fold_gen), HAND(GenFramebuffers, dc_fold_gen), HAND(GenVertexArrays, dc_fold_gen),
    HAND(GenQueries, dc_fold_gen), HAND(GenTransformFeedbacks, dc_fold_gen), HAND(GenProgramPipelines, dc_fold_gen),
    HAND(DeleteBuffers, dc_fold_delete), HAND(DeleteTextures, dc_fold_delete),
    HAND(DeleteRenderbuffers, dc_fold_delete), HAND(DeleteSamplers, dc_fold_delete),
    HAND(DeleteFramebuffers, dc_fold_delete), HAND(DeleteVertexArrays, dc_fold_delete),
    HAND(DeleteQueries, dc_fold_delete), HAND(DeleteTransformFeedbacks, dc_fold_delete),
    HAND(DeleteProgramPipelines, dc_fold_delete),

    // Buffers
    HAND(BufferData, dc_fold_buffer_data), HAND(BufferSubData, dc_fold_buffer_sub_data),
    HAND(CopyBufferSubData, dc_fold_copy_buffer), HAND(ReadPixels, dc_fold_read_pixels),
    HAND(ReadnPixels, dc_fold_read_pixels),

    // Textures
    HAND(TexImage2D, dc_fold_tex_image), HAND(TexImage3D, dc_fold_tex_image),
    HAND(CompressedTexImage2D, dc_fold_tex_image), HAND(CompressedTexImage3D, dc_fold_tex_image),
    HAND(TexSubImage2D, dc_fold_tex_sub_image), HAND(TexSubImage3D, dc_fold_tex_sub_image),
    HAND(CompressedTexSubImage2D, dc_fold_tex_sub_image), HAND(CompressedTexSubImage3D, dc_fold_tex_sub_image),
    HAND(TexStorage2D, dc_fold_tex_storage), HAND(TexStorage3D, dc_fold_tex_storage),
    HAND(TexStorage2DMultisample, dc_fold_tex_storage), HAND(TexStorage3DMultisample, dc_fold_tex_storage),
    HAND(CopyTexImage2D, dc_fold_copy_tex_image), HAND(CopyTexSubImage2D, dc_fold_copy_tex_sub_image),
    HAND(CopyTexSubImage3D, dc_fold_copy_tex_sub_image), HAND(GenerateMipmap, dc_fold_generate_mipmap),
    HAND(TexBuffer, dc_fold_tex_buffer), HAND(TexBufferRange, dc_fold_tex_buffer),
    HAND(CopyImageSubData, dc_fold_copy_image), HAND(ClearTexImageEXT, dc_fold_clear_texture),
    HAND(ClearTexSubImageEXT, dc_fold_clear_texture), HAND(TextureViewEXT, dc_fold_texture_view),
    HAND(EGLImageTargetTexture2DOES, dc_fold_egl_image_texture),
    HAND(EGLImageTargetTexStorageEXT, dc_fold_egl_image_texture),
    HAND(EGLImageTargetRenderbufferStorageOES, dc_fold_egl_image_renderbuffer),

    // Shaders and programs
    HAND(CreateShader, dc_fold_create_shader), HAND(CreateProgram, dc_fold_create_program),
    HAND(CreateShaderProgramv, dc_fold_program_from_source), HAND(DeleteShader, dc_fold_delete_glsl),
    HAND(DeleteProgram, dc_fold_delete_glsl), HAND(ShaderSource, dc_fold_shader_source),
    HAND(CompileShader, dc_fold_compile), HAND(AttachShader, dc_fold_attach_shader),
    HAND(DetachShader, dc_fold_detach_shader), HAND(LinkProgram, dc_fold_link), HAND(UseProgram, dc_fold_use_program),
    HAND(BindAttribLocation, dc_fold_bind_location), HAND(BindFragDataLocationEXT, dc_fold_bind_location),
    HAND(BindFragDataLocationIndexedEXT, dc_fold_bind_location), OF(ProgramParameteri, PROGRAM, 1),
    OF(TransformFeedbackVaryings, PROGRAM, 0), HAND(UniformBlockBinding, dc_fold_block_binding),
    HAND(UseProgramStages, dc_fold_use_stages), HAND(ActiveShaderProgram, dc_fold_use_stages),
    UNIFORMS(1), UNIFORMS(2), UNIFORMS(3), UNIFORMS(4), UNIFORM(UniformMatrix2fv), UNIFORM(UniformMatrix3fv),
    UNIFORM(UniformMatrix4fv), UNIFORM(UniformMatrix2x3fv), UNIFORM(UniformMatrix3x2fv), UNIFORM(UniformMatrix2x4fv),
    UNIFORM(UniformMatrix4x2fv), UNIFORM(UniformMatrix3x4fv), UNIFORM(UniformMatrix4x3fv),

    // Drawing
    DRAW(Clear), DRAW(ClearBufferiv), DRAW(ClearBufferuiv), DRAW(ClearBufferfv), DRAW(ClearBufferfi), DRAW(DrawArrays),
    DRAW(DrawArraysInstanced), DRAW(DrawArraysIndirect), DRAW(DrawElements), DRAW(DrawElementsInstanced),
    DRAW(DrawElementsIndirect), DRAW(DrawElementsBaseVertex), DRAW(DrawElementsInstancedBaseVertex),
    DRAW(DrawRangeElements), DRAW(DrawRangeElementsBaseVertex), DRAW(BlitFramebuffer),
    DRAW(DrawArraysInstancedBaseInstanceEXT), DRAW(DrawElementsInstancedBaseInstanceEXT),
    DRAW(DrawElementsInstancedBaseVertexBaseInstanceEXT), NOTHING(FramebufferFetchBarrierEXT),
    HAND(BeginQuery, dc_fold_query), HAND(EndQuery, dc_fold_query), HAND(QueryCounterEXT, dc_fold_query_counter),
    HAND(BeginConditionalRenderNV, dc_fold_condition), HAND(EndConditionalRenderNV, dc_fold_condition),
    HAND(BeginTransformFeedback, dc_fold_feedback_begin), NOTHING(EndTransformFeedback),
    NOTHING(PauseTransformFeedback), NOTHING(ResumeTransformFeedback), NOTHING(dcClientArray), NOTHING(dcClientAttrib),
    HAND(dcClientRange, dc_fold_client_range), HAND(dcClientEvict, dc_fold_client_range),
    NOTHING(DispatchCompute), NOTHING(DispatchComputeIndirect), // what they write is marked where it is bound
    NOTHING(MemoryBarrier), NOTHING(MemoryBarrierByRegion), NOTHING(BlendBarrier), NOTHING(InvalidateFramebuffer),
    NOTHING(InvalidateSubFramebuffer), NOTHING(DiscardFramebufferEXT), NOTHING(Flush), NOTHING(dcRaise),
    NOTHING(ReleaseShaderCompiler), NOTHING(ValidateProgram), NOTHING(ValidateProgramPipeline), NOTHING(ProgramBinary),
    HAND(DebugMessageControl, dc_fold_debug_control), NOTHING(DebugMessageInsert), NOTHING(PushDebugGroup), NOTHING(PopDebugGroup),

    // EGL's, and the supervisor's images
    HAND(dcContextCreate, dc_fold_context_create), HAND(dcContextDestroy, dc_fold_context_destroy),
    HAND(dcSurfaceCreate, dc_fold_surface_create), HAND(dcSurfaceResize, dc_fold_surface_resize),
    HAND(dcSurfaceDestroy, dc_fold_surface_destroy), HAND(dcMakeCurrent, dc_fold_make_current),
    HAND(dcImageCreate, dc_fold_image), HAND(dcImageUpload, dc_fold_image), HAND(dcImageCommit, dc_fold_image),
    HAND(dcImageDestroy, dc_fold_image),
    HAND(dcSurfaceKeep, dc_fold_surface_keep), HAND(dcEglImageCreate, dc_fold_egl_image_create),
    HAND(dcEglImageImport, dc_fold_egl_image_import), HAND(dcEglImageDestroy, dc_fold_egl_image_destroy),
    NOTHING(dcSwap), NOTHING(dcFence), NOTHING(dcFinish), NOTHING(dcBufferRead), NOTHING(dcSync), NOTHING(dcTimestamp),
    // No journal has a context of GLES 1.1: an instance with one is made without (core/connection.c).
    [DC_OP_GLES1_FIRST ... DC_OP_END - 1] = { .scope = DC_FOLD_NOTHING },
    NOTHING(dcResultKey), // of the next link: the dump's links are not the application's
};

const struct dc_fold_rule *
dc_fold_rule(uint32_t op)
{
    static const struct dc_fold_rule unknown;
    return op < DC_OP_END ? &dc_fold_rules[op] : &unknown;
}
