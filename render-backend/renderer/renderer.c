#include "renderer_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <EGL/eglext.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "compositor.h"
#include "raster_threads.h"
#include "results.h"

#define DEFAULT_MAX_RINGS 64u
#define DEFAULT_MAX_SIZE 4096u

static dc_gl_proc
get_proc(const char *name)
{
    return (dc_gl_proc)eglGetProcAddress(name);
}

static bool
open_display(struct dc_renderer *renderer)
{
    renderer->display = dc_gpu_open(renderer->config.device, &renderer->gpu);
    if (renderer->display == EGL_NO_DISPLAY)
        return false;
    const char *extensions = eglQueryString(renderer->display, EGL_EXTENSIONS);
    if (!extensions || !strstr(extensions, "EGL_KHR_surfaceless_context") ||
        !strstr(extensions, "EGL_KHR_no_config_context")) {
        dc_error("GPU %s: its EGL lacks surfaceless or config-less contexts", renderer->gpu.name);
        return false;
    }
    renderer->has_flush_control = strstr(extensions, "EGL_KHR_context_flush_control") != NULL;
    renderer->has_robustness = strstr(extensions, "EGL_EXT_create_context_robustness") != NULL;
    dc_gl_load(&renderer->gl, get_proc);
    return true;
}

struct dc_renderer *
dc_renderer_create(const struct dc_renderer_config *config, const struct dc_renderer_listener *listener, void *user)
{
    struct dc_renderer *renderer = calloc(1, sizeof *renderer);
    if (!renderer)
        return NULL;
    renderer->config = *config;
    renderer->config.max_rings = config->max_rings ? config->max_rings : DEFAULT_MAX_RINGS;
    renderer->config.max_width = config->max_width ? config->max_width : DEFAULT_MAX_SIZE;
    renderer->config.max_height = config->max_height ? config->max_height : DEFAULT_MAX_SIZE;
    renderer->ledger.limit_bytes = config->max_bytes ? config->max_bytes : UINT64_MAX;
    renderer->listener = listener;
    renderer->user = user;
    renderer->display = EGL_NO_DISPLAY;
    atomic_init(&renderer->next_serial, 1);
    dc_profile_init(&renderer->profile);
    pthread_mutex_init(&renderer->lock, NULL);
    pthread_cond_init(&renderer->executors_changed, NULL);
    if (!open_display(renderer) || !dc_renderer_read_profile(renderer))
        goto fail;
    snprintf(renderer->gpu_name, sizeof renderer->gpu_name, "%s (%s)", renderer->gpu.name,
             renderer->profile.strings[DC_PROFILE_GL_RENDERER]);
    char driver[512];
    snprintf(driver, sizeof driver, "%s %s %u", renderer->profile.strings[DC_PROFILE_GL_RENDERER],
             renderer->profile.strings[DC_PROFILE_GL_VERSION], DC_RING_VERSION);
    renderer->results = dc_results_create(config->results_dir, driver);
    renderer->compositor = dc_compositor_create(renderer, config->width, config->height);
    if (!renderer->compositor || !renderer->results)
        goto fail;
    dc_raster_threads_spread();
    return renderer;
fail:
    dc_renderer_destroy(renderer);
    return NULL;
}

void
dc_renderer_destroy(struct dc_renderer *renderer)
{
    if (!renderer)
        return;
    pthread_mutex_lock(&renderer->lock);
    for (struct dc_executor *e = renderer->executors; e; e = e->next)
        dc_ring_set_state(&e->ring, DC_RING_LOST);
    while (renderer->executor_count)
        pthread_cond_wait(&renderer->executors_changed, &renderer->lock);
    pthread_mutex_unlock(&renderer->lock);
    dc_compositor_destroy(renderer->compositor);
    if (renderer->display != EGL_NO_DISPLAY)
        eglTerminate(renderer->display);
    dc_results_destroy(renderer->results);
    dc_profile_finish(&renderer->profile);
    free(renderer->configs);
    pthread_cond_destroy(&renderer->executors_changed);
    pthread_mutex_destroy(&renderer->lock);
    free(renderer);
}

bool
dc_renderer_pack_profile(struct dc_renderer *renderer, struct dc_writer *w)
{
    dc_profile_pack(w, &renderer->profile);
    return !w->failed;
}

const char *
dc_renderer_gpu_name(const struct dc_renderer *renderer)
{
    return renderer->gpu_name;
}

const char *
dc_renderer_drm_node(const struct dc_renderer *renderer)
{
    return renderer->gpu.drm_node;
}

bool
dc_renderer_is_software(const struct dc_renderer *renderer)
{
    return renderer->gpu.software;
}

int
dc_renderer_attach_ring(struct dc_renderer *renderer, uint32_t ring_id, const struct dc_ring_fds *fds,
                        const char *process)
{
    int error = dc_executor_start(renderer, ring_id, fds, process);
    if (!error)
        dc_debug("ring %u: %s", ring_id, process ? process : "");
    return error;
}

void
dc_renderer_close_ring(struct dc_renderer *renderer, uint32_t ring_id)
{
    pthread_mutex_lock(&renderer->lock);
    for (struct dc_executor *e = renderer->executors; e; e = e->next) {
        if (e->ring_id == ring_id && dc_ring_get_state(&e->ring) == DC_RING_OPEN)
            dc_ring_set_state(&e->ring, DC_RING_CLOSED);
    }
    pthread_mutex_unlock(&renderer->lock);
}

void
dc_renderer_present(struct dc_renderer *renderer, const struct Dc__Render__Present *present)
{
    dc_compositor_present(renderer->compositor, present);
}

void
dc_renderer_resize(struct dc_renderer *renderer, uint32_t width, uint32_t height)
{
    // H.264 in 4:2:0 knows even sizes only.
    dc_compositor_resize(renderer->compositor, width & ~1u, height & ~1u);
}

void
dc_renderer_repaint(struct dc_renderer *renderer)
{
    dc_compositor_repaint(renderer->compositor);
}

void
dc_renderer_set_paused(struct dc_renderer *renderer, bool paused)
{
    dc_compositor_set_paused(renderer->compositor, paused);
}

void
dc_renderer_get_stats(struct dc_renderer *renderer, struct dc_renderer_stats *stats)
{
    *stats = (struct dc_renderer_stats){
        .commands = atomic_load(&renderer->commands),
        .batches = atomic_load(&renderer->batches),
    };
    dc_compositor_get_stats(renderer->compositor, &stats->presents, &stats->frames);
}
