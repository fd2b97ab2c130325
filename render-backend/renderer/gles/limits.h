#ifndef DC_RENDERER_GLES_LIMITS_H
#define DC_RENDERER_GLES_LIMITS_H
/* Reads the GLES part of a profile from the driver. */
#include <gles_driver.h>
#include <protocol/gles/profile.h>

/* Fills GL strings, limits, precisions and compressed formats from the context that is current; configurations and the
 * EGL vendor are the caller's. false: out of memory. Leaves no GL error behind. */
bool dc_gles_limits_read(const struct dc_gl *gl, struct dc_profile *profile);
/* The same of a context of GLES 1.1. false: it is none, or out of memory; the profile may have a part of it. */
bool dc_gles1_limits_read(const struct dc_gl *gl, struct dc_profile *profile);

#endif
