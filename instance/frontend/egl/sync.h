#ifndef DC_FRONTEND_EGL_SYNC_H
#define DC_FRONTEND_EGL_SYNC_H
/* Forgets a sync object of a display that is terminated. Lock held. */
struct dc_sync;
void dc_sync_unlink(struct dc_sync *sync);
#endif
