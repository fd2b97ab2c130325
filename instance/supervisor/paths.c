#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>

/* Relative to the executable's directory: first the build tree's place, then the installation's (meson.build). */
struct place {
    const char *built, *installed;
};

static const struct place dc_render = { "../../render-backend/command-server/dc-render", "dc-render" };
static const struct place egl_vendor = { "../frontend/droidcloud.json",
                                         "../" DC_DATADIR "/glvnd/egl_vendor.d/00_droidcloud.json" };
static const struct place alsa_conf = { "../../vhal/remote/audio/alsa/droidcloud.conf",
                                        "../" DC_DATADIR "/droidcloud/droidcloud.conf" };
static const struct place alsa_plugin = { "../../vhal/remote/audio/alsa/libasound_module_pcm_droidcloud.so",
                                          "../" DC_LIBDIR "/droidcloud/libasound_module_pcm_droidcloud.so" };

static void
find(const char *directory, const struct place *place, char path[PATH_MAX])
{
    const char *candidates[] = { place->built, place->installed };
    path[0] = '\0';
    for (int i = 0; i < 2; i++) {
        char joined[PATH_MAX];
        if (snprintf(joined, sizeof(joined), "%s/%s", directory, candidates[i]) >= (int)sizeof(joined))
            continue;
        if (realpath(joined, path))
            return;
        path[0] = '\0';
    }
    dc_debug("%s is not there", place->installed);
}

bool
dc_paths_find(struct dc_paths *paths)
{
    char directory[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", directory, sizeof(directory) - 1);
    *paths = (struct dc_paths){ 0 };
    if (length <= 0) {
        dc_error("/proc/self/exe: %s", strerror(errno));
        return false;
    }
    directory[length] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    find(directory, &dc_render, paths->dc_render);
    find(directory, &egl_vendor, paths->egl_vendor);
    find(directory, &alsa_conf, paths->alsa_conf);
    find(directory, &alsa_plugin, paths->alsa_plugin);
    return true;
}
