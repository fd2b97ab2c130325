#include "runtime_dir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>

static bool
create_under(struct dc_runtime_dir *dir, const char *base, const char *name)
{
    int length = snprintf(dir->path, sizeof(dir->path), "%s/dc-%.24s-XXXXXX", base, name);
    if (length >= (int)sizeof(dir->path))
        errno = ENAMETOOLONG;
    else if (mkdtemp(dir->path))
        return true;
    dir->path[0] = '\0';
    return false;
}

bool
dc_runtime_dir_create(struct dc_runtime_dir *dir, const char *name)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    if (base && base[0] == '/' && create_under(dir, base, name))
        return true;
    if (create_under(dir, "/tmp", name))
        return true;
    dc_error("runtime directory: %s", strerror(errno));
    return false;
}

static int
remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    if (remove(path) != 0)
        dc_warn("%s stays behind: %s", path, strerror(errno));
    return 0;
}

void
dc_runtime_dir_remove(struct dc_runtime_dir *dir)
{
    if (dir->path[0])
        nftw(dir->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    dir->path[0] = '\0';
}

void
dc_runtime_dir_join(const struct dc_runtime_dir *dir, const char *file, char path[108])
{
    snprintf(path, 108, "%s/%s", dir->path, file);
}
