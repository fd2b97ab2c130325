#ifndef DC_FRONTEND_CAPTURE_H
#define DC_FRONTEND_CAPTURE_H
/* DC_CAPTURE_GL=FILE: what goes into the ring is also written to FILE.PID, for dc-gldump (protocol/gles/print.h). */
#include <stddef.h>
#include <stdint.h>

#include <protocol/link/ring.h>

/* Under the connection's lock. Does nothing unless the variable is set. */
void dc_capture_batch(const struct dc_batch_header *header, const void *words);

#endif
