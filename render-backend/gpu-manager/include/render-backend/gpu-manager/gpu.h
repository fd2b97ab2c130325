#ifndef DC_RENDER_BACKEND_GPU_MANAGER_GPU_H
#define DC_RENDER_BACKEND_GPU_MANAGER_GPU_H
/*
 * The GPUs of this host: EGL devices with their DRM nodes, and the software renderer as the one that is always there.
 * Listing loads the EGL vendor libraries but initialises no driver, so that a zygote may do it and fork.
 */
#include <stdbool.h>
#include <stddef.h>

#include <EGL/egl.h>

#define DC_GPU_MAX 16

struct dc_gpu {
    char name[64];     // what --gpu takes: "renderD128", "software", "surfaceless"
    char drm_node[64]; // "/dev/dri/renderD128"; empty where there is none
    bool software;
    int egl_device;    // index into eglQueryDevicesEXT, -1: the surfaceless platform
};

/* Hardware first, then software. Returns how many were written. */
size_t dc_gpu_list(struct dc_gpu *gpus, size_t max);

/* An initialised display with the GLES API on the GPU called `name` (a name of dc_gpu_list, or a DRM node's path), or,
 * with NULL, on the first one that initialises. EGL_NO_DISPLAY: none (logged). `gpu` receives which one; may be NULL.
 * The display lives until the process ends. */
EGLDisplay dc_gpu_open(const char *name, struct dc_gpu *gpu);

/* Loads EGL and the software driver into this process without initialising anything: for the zygote, whose children
 * then share the relocated pages. */
void dc_gpu_preload(void);

#endif
