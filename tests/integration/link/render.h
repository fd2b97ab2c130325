#ifndef DC_TEST_LINK_RENDER_H
#define DC_TEST_LINK_RENDER_H
#include <capability.h>
#include "rig.h"

extern const struct dc_capability_key rig_key;
/* Serves on two listening sockets until SIGTERM; exit status 1 if a process of a link crashed. */
_Noreturn void rig_render_run(const char *dir, int tcp_fd, int unix_fd);

#endif
