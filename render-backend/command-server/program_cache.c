#include "program_cache.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "worker"
#include <common/log.h>
#include "sandbox.h"

#define MAX_OPEN_DIRECTORIES 8
#define MAX_BYTES (DC_SANDBOX_MAX_FILE_BYTES / 2) // a tenant's: leaves its workers room to add

static char used[PATH_MAX];    // the tenant's directory; a worker has one
static long long walked_bytes; // nftw() hands nothing through; a worker is one thread at that time

bool
dc_program_cache_default(char *path, unsigned long path_bytes)
{
    const char *cache = secure_getenv("XDG_CACHE_HOME"), *home = secure_getenv("HOME");
    int n;
    if (geteuid() == 0)
        n = snprintf(path, path_bytes, "/var/cache/droidcloud/programs");
    else if (cache && cache[0] == '/')
        n = snprintf(path, path_bytes, "%s/droidcloud/programs", cache);
    else if (home && home[0] == '/')
        n = snprintf(path, path_bytes, "%s/.cache/droidcloud/programs", home);
    else
        return false;
    return n > 0 && (unsigned long)n < path_bytes;
}

static bool
join(char path[PATH_MAX], const char *directory, const char *tenant)
{
    int n = snprintf(path, PATH_MAX, "%s/%s", directory, tenant);
    return n > 0 && n < PATH_MAX;
}

/* Each part of an absolute path that is not there yet. */
static bool
make_parents(const char *path)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return false;
    }
    return true;
}

bool
dc_program_cache_create(const char *directory, const char *tenant)
{
    char path[PATH_MAX];
    uid_t uid;
    gid_t gid;
    bool ok = join(path, directory, tenant) && make_parents(path) && (mkdir(path, 0700) == 0 || errno == EEXIST);
    if (ok && geteuid() == 0) {
        dc_sandbox_get_user(&uid, &gid);
        ok = lchown(path, uid, gid) == 0;
    }
    if (!ok)
        dc_warn("no program cache: %s/%s: %s", directory, tenant, strerror(errno));
    return ok;
}

static int
add_size(const char *path, const struct stat *st, int type, struct FTW *where)
{
    walked_bytes += type == FTW_F ? st->st_size : 0;
    return 0;
}

static int
remove_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
    if (type == FTW_F)
        unlink(path); // who has it open goes on with what he has
    return 0;
}

static void
trim(const char *path)
{
    walked_bytes = 0;
    nftw(path, add_size, MAX_OPEN_DIRECTORIES, FTW_PHYS);
    if (walked_bytes < MAX_BYTES)
        return;
    dc_info("program cache: %lld MiB, begun anew", walked_bytes >> 20);
    nftw(path, remove_file, MAX_OPEN_DIRECTORIES, FTW_PHYS);
}

void
dc_program_cache_use(const char *directory, const char *tenant)
{
    if (!directory || !join(used, directory, tenant) || access(used, R_OK | W_OK | X_OK) < 0) {
        used[0] = '\0';
        setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
        return;
    }
    trim(used);
    unsetenv("MESA_SHADER_CACHE_DISABLE");
    setenv("MESA_SHADER_CACHE_DIR", used, 1);
    setenv("MESA_DISK_CACHE_SINGLE_FILE", "true", 1);
}

const char *
dc_program_cache_directory(void)
{
    return used[0] ? used : NULL;
}
