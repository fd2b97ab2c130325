/* Fixed-point commands of state that all contexts have: its shadow takes them as the others. They are forwarded as they are. */
#include <gles_entry.h>

#include "gles1.h"
#include "state.h"

bool
dc_hook_ClearColorx(struct dc_context *context, GLfixed red, GLfixed green, GLfixed blue, GLfixed alpha)
{
    return dc_hook_ClearColor(context, dc_gles1_from_fixed(red), dc_gles1_from_fixed(green), dc_gles1_from_fixed(blue),
                              dc_gles1_from_fixed(alpha));
}

bool
dc_hook_ClearDepthx(struct dc_context *context, GLfixed depth)
{
    return dc_hook_ClearDepthf(context, dc_gles1_from_fixed(depth));
}

bool
dc_hook_DepthRangex(struct dc_context *context, GLfixed n, GLfixed f)
{
    return dc_hook_DepthRangef(context, dc_gles1_from_fixed(n), dc_gles1_from_fixed(f));
}

bool
dc_hook_LineWidthx(struct dc_context *context, GLfixed width)
{
    return dc_hook_LineWidth(context, dc_gles1_from_fixed(width));
}

bool
dc_hook_PolygonOffsetx(struct dc_context *context, GLfixed factor, GLfixed units)
{
    return dc_hook_PolygonOffset(context, dc_gles1_from_fixed(factor), dc_gles1_from_fixed(units));
}

bool
dc_hook_SampleCoveragex(struct dc_context *context, GLclampx value, GLboolean invert)
{
    return dc_hook_SampleCoverage(context, dc_gles1_from_fixed(value), invert);
}
