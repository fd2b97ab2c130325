#ifndef DC_FRONTEND_EGL_CONTEXT_H
#define DC_FRONTEND_EGL_CONTEXT_H
/* EGLContext. The handle is a pointer to this; dc_current points to its first member. */
#include <EGL/egl.h>
#include <EGL/eglext.h>

#include "../core/context.h"
#include "display.h"

struct dc_egl_context {
    struct dc_context base; // first
    struct dc_display *display;
    const struct dc_config *config; // NULL: EGL_KHR_no_config_context
    struct dc_egl_context *next;    // display->contexts
    bool linked;                    // the handle is valid; protected by dc_egl_lock, like what follows
    bool current;                   // on some thread
    bool seen_surface;              // viewport and scissor have their first size
    EGLint client_version; // major, as asked for; base has what it is
    EGLint reset_strategy, release_behavior;
};

static inline struct dc_egl_context *
dc_egl_current(void)
{
    return (struct dc_egl_context *)dc_current;
}

/* Lock held, all three. NULL without an error set. */
struct dc_egl_context *dc_egl_context_lookup(struct dc_display *display, EGLContext handle);
/* The handle becomes invalid; destroyed now or when it is no longer current. */
void dc_egl_context_unlink(struct dc_egl_context *context);
/* Destroys a context that is neither linked nor current. */
void dc_egl_context_settle(struct dc_egl_context *context);

#endif
