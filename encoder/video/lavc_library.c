#define DC_LOG_COMPONENT "encoder"
#include "lavc_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <libavcodec/version.h>
#include <libavutil/macros.h>
#include <libavutil/version.h>

#include <common/log.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dc_lavc_library library; // what a process has loaded, it has loaded once
static bool is_loaded;
static char first_error[160]; // protected by lock

static void
log_line(void *context, int level, const char *format, va_list args)
{
    char text[512];
    enum dc_log_level ours = level <= AV_LOG_INFO ? DC_LOG_DEBUG : DC_LOG_TRACE; // who called says what failed
    if (level > AV_LOG_VERBOSE)
        return;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    pthread_mutex_lock(&lock);
    if (level <= AV_LOG_ERROR && !first_error[0])
        snprintf(first_error, sizeof first_error, "%.*s", (int)sizeof first_error - 1, text);
    pthread_mutex_unlock(&lock);
    if (text[0] && dc_log_enabled(ours, DC_LOG_COMPONENT))
        dc_log_write(ours, DC_LOG_COMPONENT, "libavcodec: %s", text);
}

static void *
find(void *handle, const char *name, const char **missing)
{
    void *symbol = dlsym(handle, name);
    if (!symbol)
        *missing = name;
    return symbol;
}

static bool
load(char *why, size_t why_bytes)
{
    void *codec = dlopen("libavcodec.so." AV_STRINGIFY(LIBAVCODEC_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);
    void *util = codec ? dlopen("libavutil.so." AV_STRINGIFY(LIBAVUTIL_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL) : NULL;
    const char *missing = NULL;
    if (!util) {
        snprintf(why, why_bytes, "%s", dlerror());
        return false;
    }
#define FIND_CODEC(name) library.name = (__typeof__(library.name))find(codec, #name, &missing);
#define FIND_UTIL(name) library.name = (__typeof__(library.name))find(util, #name, &missing);
    DC_LAVC_CODEC_FUNCTIONS(FIND_CODEC)
    DC_LAVC_UTIL_FUNCTIONS(FIND_UTIL)
    if (missing) {
        snprintf(why, why_bytes, "libavcodec has no %s", missing);
        return false;
    }
    library.av_log_set_callback(log_line);
    return true;
}

void
dc_lavc_library_take_error(char *why, size_t why_bytes)
{
    pthread_mutex_lock(&lock);
    if (first_error[0])
        snprintf(why, why_bytes, "%s", first_error);
    first_error[0] = '\0';
    pthread_mutex_unlock(&lock);
}

const struct dc_lavc_library *
dc_lavc_library_get(char *why, size_t why_bytes)
{
    pthread_mutex_lock(&lock);
    is_loaded = is_loaded || load(why, why_bytes);
    pthread_mutex_unlock(&lock);
    return is_loaded ? &library : NULL;
}
