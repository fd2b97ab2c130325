#ifndef DC_SUPERVISOR_RUNTIME_DIR_H
#define DC_SUPERVISOR_RUNTIME_DIR_H
/* The instance's private directory (mode 0700) for its sockets; gone when the instance is. */
#include <stdbool.h>

#define DC_RUNTIME_DIR_MAX 80 // so that a socket's path fits into sockaddr_un

struct dc_runtime_dir {
    char path[DC_RUNTIME_DIR_MAX]; // empty: none
};

/* Under $XDG_RUNTIME_DIR, else /tmp. */
bool dc_runtime_dir_create(struct dc_runtime_dir *dir, const char *name);
/* Removes it with all that is in it. Accepts a zeroed one. */
void dc_runtime_dir_remove(struct dc_runtime_dir *dir);
/* "path/file" in a buffer of 108 bytes. */
void dc_runtime_dir_join(const struct dc_runtime_dir *dir, const char *file, char path[108]);

#endif
