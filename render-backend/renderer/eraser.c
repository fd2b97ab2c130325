/* Fresh driver surfaces hold what memory held before, perhaps another process's picture: they are cleared once, through a
 * context of the executor's own, so that no application's state is touched. The same context copies between surfaces. */
#include "renderer_private.h"

#include <EGL/eglext.h>
#include <gles_decode.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

static bool
create_context(struct dc_executor *executor)
{
    static const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    executor->eraser = eglCreateContext(executor->renderer->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    return executor->eraser != EGL_NO_CONTEXT;
}

bool
dc_eraser_bind(struct dc_executor *executor, EGLSurface draw, EGLSurface read)
{
    if ((executor->eraser != EGL_NO_CONTEXT || create_context(executor)) &&
        eglMakeCurrent(executor->renderer->display, draw, read, executor->eraser))
        return true;
    dc_error("ring %u (%s): a surface cannot be cleared or copied: EGL error 0x%04x", executor->ring_id,
             executor->process, (unsigned)eglGetError());
    return false;
}

bool
dc_eraser_clear(struct dc_executor *executor, EGLSurface surface)
{
    const struct dc_renderer *renderer = executor->renderer;
    if (!dc_eraser_bind(executor, surface, surface))
        return false;
    renderer->gl.ClearColor(0, 0, 0, 0);
    renderer->gl.ClearDepthf(0);
    renderer->gl.ClearStencil(0);
    renderer->gl.Clear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    return dc_context_bind(executor, executor->exec.context);
}

bool
dc_eraser_copy(struct dc_executor *executor, EGLSurface from, EGLSurface to, uint32_t width, uint32_t height)
{
    if (!dc_eraser_bind(executor, to, from))
        return false;
    executor->renderer->gl.BlitFramebuffer(0, 0, (GLint)width, (GLint)height, 0, 0, (GLint)width, (GLint)height,
                                           GL_COLOR_BUFFER_BIT, GL_NEAREST);
    return dc_context_bind(executor, executor->exec.context);
}

void
dc_eraser_finish(struct dc_executor *executor)
{
    if (executor->eraser != EGL_NO_CONTEXT)
        eglDestroyContext(executor->renderer->display, executor->eraser);
    executor->eraser = EGL_NO_CONTEXT;
}
