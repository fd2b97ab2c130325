#ifndef DC_FRONTEND_GLES_ERROR_H
#define DC_FRONTEND_GLES_ERROR_H
/*
 * glGetError in three modes (DESIGN §3): exact asks the worker every time; async answers from what the worker pushed;
 * auto asks until DC_ERROR_CLEAN_FRAMES frames in a row were clean, then answers locally, and asks again as soon as
 * the worker pushes an error or the application goes back to setting things up.
 */
#include "gl.h"

#define DC_ERROR_CLEAN_FRAMES 60
/* Where an answer takes a millisecond or more (a link over a network), so many clean answers in a row are enough: a game
 * that asks after each of its 600 textures would load for half a minute at 40 ms. */
#define DC_ERROR_CLEAN_ANSWERS 48
#define DC_ERROR_FAR_US 1000

struct dc_context;

/* The application makes shaders or framebuffers: that is set-up, where it looks at errors and has the time. In mode auto
 * the worker is asked again from here until frames are clean. */
void dc_gles_begin_setup(struct dc_context *context);
/* An error that only we can see. Kept until glGetError, the first one wins. */
void dc_gles_raise(struct dc_context *context, GLenum error);

#endif
