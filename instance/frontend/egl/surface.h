#ifndef DC_FRONTEND_EGL_SURFACE_H
#define DC_FRONTEND_EGL_SURFACE_H
/*
 * EGLSurface: a window or a pbuffer. The pixels are on the worker; here are its size, its attributes and its frames.
 *
 * What belongs to the current frame (below `seq`) is touched only by the thread on which the surface is current, the
 * rest under dc_egl_lock.
 */
#include <stdbool.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include "../core/context.h"
#include "display.h"

struct dc_window;

struct dc_surface {
    struct dc_display *display;
    const struct dc_config *config;
    struct dc_surface *next; // display->surfaces
    bool linked;             // the handle is valid
    uint32_t id;             // unique in the process, never 0
    EGLint type;             // EGL_WINDOW_BIT or EGL_PBUFFER_BIT
    struct dc_egl_context *user; // whose draw or read surface it is, NULL when not current

    EGLint render_buffer, colorspace, swap_behavior, mipmap_level, multisample_resolve, vg_colorspace, vg_alpha_format;
    EGLint texture_format, texture_target;
    bool largest_pbuffer, mipmap_texture, present_opaque;
    struct dc_process *process; // of the display when the surface was made

    // __atomic: the thread that resizes a window need not be the one that draws.
    EGLint width, height; // as GL sees it

    struct dc_credit credit;
    uint64_t seq; // of the last swap; the first is 1
    EGLint swap_interval;
    struct dc_window *window;        // owned; NULL for a pbuffer
    EGLint sent_width, sent_height;  // what the worker knows
    bool keeps_buffers;              // they come back in turn: EGL_BUFFER_AGE was asked for
    uint64_t keeps_since;            // seq of the first frame of this size that is kept
    uint32_t keeps_epoch;            // of the worker that keeps them
    bool age_asked, damage_set;      // since the frame's beginning (EGL_KHR_partial_update)
    bool frame_begun;                // the application gave a command since the last swap
    int64_t first_command_us;        // when it did
    int64_t returned_us;             // when the last swap returned after waiting for its frame callback; 0: it did not
    uint32_t own_pace_frames;        // so many swaps more do not wait
    uint64_t input_id;               // the last input event that it had read by then
};

/* Takes over a list of attributes; type and config are set. EGL error or EGL_SUCCESS. */
EGLint dc_surface_parse_attributes(struct dc_surface *surface, const EGLint *attribs);
/* Lock held, all three. */
struct dc_surface *dc_surface_lookup(struct dc_display *display, EGLSurface handle);
void dc_surface_unlink(struct dc_surface *surface);
/* Destroys a surface that is neither linked nor current. */
void dc_surface_settle(struct dc_surface *surface);
/* Frames since the current buffer was drawn to, 0: its contents are undefined. The surface is current. */
EGLint dc_surface_get_age(struct dc_surface *surface);
/* Takes over the window's size, unless the frame has been drawn to already. May encode into the current context. */
void dc_surface_take_size(struct dc_surface *surface);

#endif
