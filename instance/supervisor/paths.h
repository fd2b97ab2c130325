#ifndef DC_SUPERVISOR_PATHS_H
#define DC_SUPERVISOR_PATHS_H
/* Files that belong to us, found from where the executable lies: a build tree or an installation. */
#include <limits.h>
#include <stdbool.h>

struct dc_paths {
    char dc_render[PATH_MAX];   // the render server's program
    char egl_vendor[PATH_MAX];  // droidcloud.json for __EGL_VENDOR_LIBRARY_FILENAMES
    char alsa_conf[PATH_MAX];   // ALSA_CONFIG_PATH
    char alsa_plugin[PATH_MAX]; // DROIDCLOUD_ALSA_PLUGIN
};

/* What is not found stays empty; false (logged) only if the executable itself cannot be found. */
bool dc_paths_find(struct dc_paths *paths);

#endif
