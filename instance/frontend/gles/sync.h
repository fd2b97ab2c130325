#ifndef DC_FRONTEND_GLES_SYNC_H
#define DC_FRONTEND_GLES_SYNC_H
#include <stdint.h>

struct dc_gles_shared;
struct dc_process;

/* The worker passed fence `serial`. */
void dc_sync_handle_fence(struct dc_process *process, uint64_t serial);
/* The share group ends: its sync objects too. */
void dc_sync_forget(struct dc_gles_shared *shared);

#endif
