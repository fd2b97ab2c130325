#ifndef DC_FRONTEND_GLES_PROGRAM_USE_H
#define DC_FRONTEND_GLES_PROGRAM_USE_H
/*
 * The current program. A program may be used before the result of its link has come, and a failed link would leave the
 * former program current: both are kept, and only who needs to know which one it is waits. Current thread only.
 */
struct dc_context;
struct dc_glsl_object;

/* Makes sure which program is current; waits for links whose programs were used meanwhile. */
void dc_program_use_settle(struct dc_context *context);
/* The same if this program, about to change, is one of those. */
void dc_program_use_settle_of(struct dc_context *context, const struct dc_glsl_object *object);
/* Drops the current program, at the context's end. */
void dc_program_use_finish(struct dc_context *context);

#endif
