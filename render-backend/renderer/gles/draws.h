#ifndef DC_RENDERER_GLES_DRAWS_H
#define DC_RENDERER_GLES_DRAWS_H
/* What every draw does before and after the driver's call. */
#include "objects.h"

/* What a draw reads, as far as the application said. */
struct dc_draw_range {
    bool known;          // false: indices are in a buffer
    int64_t first, last; // vertices, inclusive; last < first: none
    int64_t instances, base_instance;
};

/* Turns an array of the current context on or off, whichever API it is of. */
void dc_array_switch(struct dc_exec *x, GLuint index, bool on);
/* Has it read from the buffer that is bound. integer: for those of GLES 2 and above only. */
void dc_array_point(struct dc_exec *x, GLuint index, const struct dc_exec_client *client);

/* Points attributes without a buffer at their client array, and switches the others off. Returns those switched off, or
 * sets x->failed. */
uint32_t dc_draw_feed(struct dc_exec *x, uint32_t missing, const struct dc_draw_range *range);
/* Client arrays are used up, attributes that were switched off are on again. */
void dc_draw_end(struct dc_exec *x, uint32_t off);

/* Enabled attributes that no buffer feeds. */
static inline uint32_t
dc_draw_missing_arrays(struct dc_exec_context *context)
{
    struct dc_exec_vao *vao = dc_vertices_current(context);
    return vao->enabled & ~vao->sourced;
}

/* Around every draw. false: do not draw. */
static inline bool
dc_draw_begin(struct dc_exec *x, const struct dc_draw_range *range, uint32_t *off)
{
    uint32_t missing = dc_draw_missing_arrays(x->context);
    *off = 0;
    if (__builtin_expect(missing, 0))
        *off = dc_draw_feed(x, missing, range);
    return !x->failed;
}

#endif
