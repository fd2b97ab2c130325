#ifndef DC_PROTOCOL_GLES_SURFACE_AGE_H
#define DC_PROTOCOL_GLES_SURFACE_AGE_H
/*
 * Frames after which a window's buffer comes back (after dcSurfaceKeep): what EGL_BUFFER_AGE says without asking the
 * worker. Three, because of the two frames before the one that is drawn one is on screen and one waits for it.
 */
#define DC_SURFACE_AGE 3u
#endif
