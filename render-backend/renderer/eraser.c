/* Fresh driver surfaces hold what memory held before, perhaps another process's picture: they are cleared once, through a
 * context of the executor's own, so that no application's state is touched. */
#include "renderer_private.h"

#include <EGL/eglext.h>
#include <gles_decode.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

static bool
create_context(struct dc_executor *executor)
{
    static const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_NONE };
    executor->eraser = eglCreateContext(executor->renderer->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    return executor->eraser != EGL_NO_CONTEXT;
}

bool
dc_eraser_clear(struct dc_executor *executor, EGLSurface surface)
{
    const struct dc_renderer *renderer = executor->renderer;
    if ((executor->eraser == EGL_NO_CONTEXT && !create_context(executor)) ||
        !eglMakeCurrent(renderer->display, surface, surface, executor->eraser)) {
        dc_error("ring %u (%s): a fresh surface cannot be cleared: EGL error 0x%04x", executor->ring_id,
                 executor->process, (unsigned)eglGetError());
        return false;
    }
    renderer->gl.ClearColor(0, 0, 0, 0);
    renderer->gl.ClearDepthf(0);
    renderer->gl.ClearStencil(0);
    renderer->gl.Clear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    return dc_context_bind(executor, executor->exec.context);
}

void
dc_eraser_finish(struct dc_executor *executor)
{
    if (executor->eraser != EGL_NO_CONTEXT)
        eglDestroyContext(executor->renderer->display, executor->eraser);
    executor->eraser = EGL_NO_CONTEXT;
}
