#include "worker.h"

void
dc_worker_handle_locked_in(const struct dc_worker_config *config)
{
}
