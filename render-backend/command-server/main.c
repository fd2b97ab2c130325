/*
 * dc-render: the command server of a GPU host.
 *
 * Processes. The main process (server.c) listens, checks capabilities and holds the key; it has one thread and reads one
 * bounded message of a peer. The zygote (zygote.c) has the EGL libraries loaded and forks a worker per admitted link;
 * a worker (worker.c) renders and encodes one instance, alone in its namespaces and under seccomp (docs/security.md). A TCP link has a process of its
 * own (tcp_link.c), which ends TLS and speaks to the worker over a Unix socket as a local supervisor does. Everything
 * dies with the main process.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>

#include <encoder/video/choice.h>
#include <render-backend/gpu-manager/gpu.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "issue.h"
#include "program_cache.h"
#include "server.h"
#include "title.h"

static const char usage[] =
    "Usage: dc-render [options]\n"
    "       dc-render capability --key-file FILE --instance NAME [options]\n"
    "Renders and encodes for DC-Instances: one sandboxed worker process per instance.\n"
    "\n"
    "  --listen ADDRESS     unix:PATH, tcp:HOST:PORT (port 0: any) or rdma:HOST:PORT (TCP, and commands over RDMA on\n"
    "                       a trusted fabric); may be given several times\n"
    "  --key-file FILE      signs capabilities; created (mode 0600) where absent\n"
    "  --tls-ca FILE        PEM; tcp: who may have issued the client certificates\n"
    "  --tls-cert FILE      PEM; tcp: this server's certificate chain\n"
    "  --tls-key FILE       PEM; tcp: its key\n"
    "  --gpu NAME           as --list-gpus names it (default: the first that works)\n"
    "  --encoder NAME       of video: auto (default: the GPU's where it works, otherwise x264), x264, nvenc, vaapi, v4l2\n"
    "  --max-instances N    workers at a time (default 64)\n"
    "  --cache-dir DIR      compiled shaders, by tenant, for later workers (default: /var/cache/droidcloud/programs,\n"
    "                       or in the user's cache directory)\n"
    "  --no-program-cache   keep none\n"
    "  --uploads-mib N      tcp: textures and other data kept in memory for later instances (default 1024, 0: none)\n"
    "  --uploads-tenant-mib N   of these for one tenant (default 512)\n"
    "  --share-uploads      data of every tenant serve all: they may learn what others have uploaded\n"
    "  --draw-timeout S     a worker whose driver does not come back for so long ends (default 10, 0: never)\n"
    "  --max-objects N      of each kind, per share group (default 262144)\n"
    "  --max-programs N     programs and shaders, per share group (default 16384)\n"
    "  --max-shader-kib N   of one shader's source (default 4096)\n"
    "  --dump-frames DIR    write every frame to DIR/INSTANCE.y4m, as its encoder gets it (docs/debugging.md)\n"
    "  --list-gpus          print the GPUs of this host and exit\n"
    "  --list-encoders      print the video encoders, and which of them work with --gpu, and exit\n"
    "  --help, --version\n"
    "\n"
    "DC_LOG=debug shows more (docs/debugging.md). SIGINT and SIGTERM end the server and its workers.\n";

enum { OPT_LISTEN = 256, OPT_KEY, OPT_CA, OPT_CERT, OPT_TLS_KEY, OPT_GPU, OPT_MAX, OPT_CACHE, OPT_NO_CACHE,
       OPT_UPLOADS, OPT_UPLOADS_TENANT, OPT_SHARE_UPLOADS, OPT_DRAW_TIMEOUT, OPT_OBJECTS, OPT_PROGRAMS, OPT_SHADER, OPT_LIST,
       OPT_ENCODER, OPT_LIST_ENCODERS, OPT_DUMP, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
    { "listen", required_argument, NULL, OPT_LISTEN },   { "key-file", required_argument, NULL, OPT_KEY },
    { "tls-ca", required_argument, NULL, OPT_CA },       { "tls-cert", required_argument, NULL, OPT_CERT },
    { "tls-key", required_argument, NULL, OPT_TLS_KEY }, { "gpu", required_argument, NULL, OPT_GPU },
    { "max-instances", required_argument, NULL, OPT_MAX }, { "list-gpus", no_argument, NULL, OPT_LIST },
    { "cache-dir", required_argument, NULL, OPT_CACHE }, { "no-program-cache", no_argument, NULL, OPT_NO_CACHE },
    { "uploads-mib", required_argument, NULL, OPT_UPLOADS }, { "share-uploads", no_argument, NULL, OPT_SHARE_UPLOADS },
    { "uploads-tenant-mib", required_argument, NULL, OPT_UPLOADS_TENANT },
    { "draw-timeout", required_argument, NULL, OPT_DRAW_TIMEOUT },
    { "max-objects", required_argument, NULL, OPT_OBJECTS }, { "max-programs", required_argument, NULL, OPT_PROGRAMS },
    { "max-shader-kib", required_argument, NULL, OPT_SHADER },
    { "encoder", required_argument, NULL, OPT_ENCODER }, { "list-encoders", no_argument, NULL, OPT_LIST_ENCODERS },
    { "dump-frames", required_argument, NULL, OPT_DUMP },
    { "help", no_argument, NULL, OPT_HELP },             { "version", no_argument, NULL, OPT_VERSION },
    { 0 },
};

static void
print_gpu(const struct dc_gpu *gpu)
{
    // The version needs a context; a driver that fails here is listed as such.
    const char *renderer = "does not initialise", *version = "";
    EGLDisplay display = dc_gpu_open(gpu->name, NULL);
    static const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 2, EGL_NONE };
    EGLContext context = EGL_NO_CONTEXT;
    if (display != EGL_NO_DISPLAY)
        context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    if (context != EGL_NO_CONTEXT && eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
        renderer = (const char *)glGetString(GL_RENDERER);
        version = (const char *)glGetString(GL_VERSION);
    }
    printf("%-12s %-22s %s, %s\n", gpu->name, gpu->drm_node[0] ? gpu->drm_node : "-", renderer ? renderer : "?",
           version ? version : "?");
}

static int
list_gpus(void)
{
    struct dc_gpu gpus[DC_GPU_MAX];
    size_t count = dc_gpu_list(gpus, DC_GPU_MAX);
    for (size_t i = 0; i < count; i++)
        print_gpu(&gpus[i]);
    return count ? 0 : 1;
}

/* --gpu has to come before --list-encoders. */
static int
list_encoders(const char *gpu_name)
{
    struct dc_gpu gpu;
    if (dc_gpu_open(gpu_name, &gpu) == EGL_NO_DISPLAY)
        return 1;
    const struct dc_video_encoder_place place = { .has_gpu = !gpu.software, .drm_node = gpu.drm_node };
    printf("GPU: %s\n", gpu.name);
    for (unsigned i = 0; dc_video_encoder_name(i); i++) {
        char why[160] = "";
        bool works = dc_video_encoder_try(dc_video_encoder_name(i), &place, why, sizeof why);
        printf("%-14s %s%s\n", dc_video_encoder_name(i), works ? "works" : "no: ", works ? "" : why);
    }
    return 0;
}

static bool
parse_encoder(const char *text, const char **encoder)
{
    *encoder = text;
    if (strcmp(text, "auto") == 0)
        return true;
    for (unsigned i = 0; dc_video_encoder_name(i); i++) {
        if (strcmp(text, dc_video_encoder_name(i)) == 0)
            return true;
    }
    fprintf(stderr, "dc-render: --encoder %s: no such encoder (--list-encoders shows them)\n", text);
    return false;
}

static bool
parse_count(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end || text[0] == '-' || value < min || value > max) {
        fprintf(stderr, "dc-render: --%s %s: not a number from %u to %u\n", option, text, min, max);
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool
parse_mib(const char *option, const char *text, unsigned least, uint64_t *bytes)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end || *text == '-' || value > 1u << 20 || (value && value < least)) {
        fprintf(stderr, "dc-render: %s %s: not 0 and not a number from %u to %u\n", option, text, least, 1u << 20);
        return false;
    }
    *bytes = (uint64_t)value << 20;
    return true;
}

/* The options that are numbers. false: not a number, said. */
static bool
parse_limit(int option, struct dc_server_config *config)
{
    struct dc_worker_limits *limits = &config->workers.limits;
    switch (option) {
    case OPT_MAX: return parse_count("max-instances", optarg, 1, 1024, &config->max_instances);
    case OPT_DRAW_TIMEOUT: return parse_count("draw-timeout", optarg, 0, 3600, &limits->draw_timeout_s);
    case OPT_OBJECTS: return parse_count("max-objects", optarg, 64, 1u << 24, &limits->objects);
    case OPT_PROGRAMS: return parse_count("max-programs", optarg, 16, 1u << 20, &limits->programs);
    default: return parse_count("max-shader-kib", optarg, 1, 1u << 16, &limits->shader_kib);
    }
}

static bool
parse_directory(const char *option, const char **directory)
{
    if (optarg[0] != '/') {
        fprintf(stderr, "dc-render: --%s %s: not an absolute path\n", option, optarg);
        return false;
    }
    *directory = optarg;
    return true;
}

/* -1: go on, otherwise the exit status. */
static int
parse_options(int argc, char **argv, struct dc_server_config *config)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case OPT_LISTEN:
            if (config->listen_count == DC_SERVER_MAX_LISTENERS) {
                fprintf(stderr, "dc-render: at most %d --listen\n", DC_SERVER_MAX_LISTENERS);
                return 2;
            }
            config->listen[config->listen_count++] = optarg;
            break;
        case OPT_KEY: config->key_file = optarg; break;
        case OPT_CA: config->tls_ca = optarg; break;
        case OPT_CERT: config->tls_cert = optarg; break;
        case OPT_TLS_KEY: config->tls_key = optarg; break;
        case OPT_GPU: config->gpu = optarg; break;
        case OPT_MAX:
        case OPT_DRAW_TIMEOUT:
        case OPT_OBJECTS:
        case OPT_PROGRAMS:
        case OPT_SHADER:
            if (!parse_limit(option, config))
                return 2;
            break;
        case OPT_CACHE:
            if (!parse_directory("cache-dir", &config->workers.cache_dir))
                return 2;
            break;
        case OPT_DUMP:
            if (!parse_directory("dump-frames", &config->workers.dump_dir))
                return 2;
            break;
        case OPT_NO_CACHE: config->workers.cache_dir = NULL; break;
        case OPT_UPLOADS:
            if (!parse_mib("--uploads-mib", optarg, 16, &config->uploads.total_bytes))
                return 2;
            break;
        case OPT_UPLOADS_TENANT:
            if (!parse_mib("--uploads-tenant-mib", optarg, 16, &config->uploads.tenant_bytes))
                return 2;
            break;
        case OPT_SHARE_UPLOADS: config->uploads.shared = true; break;
        case OPT_ENCODER:
            if (!parse_encoder(optarg, &config->workers.encoder))
                return 2;
            break;
        case OPT_LIST: return list_gpus();
        case OPT_LIST_ENCODERS: return list_encoders(config->gpu);
        case OPT_HELP: fputs(usage, stdout); return 0;
        case OPT_VERSION: puts("dc-render " DC_VERSION); return 0;
        default: return 2;
        }
    }
    if (optind != argc || !config->listen_count || !config->key_file) {
        fputs(usage, stderr);
        return 2;
    }
    return -1;
}

/* The process title overwrites argv's memory, so the options must live elsewhere. */
static char **
copy_arguments(int argc, char **argv)
{
    char **copy = calloc((size_t)argc + 1, sizeof *copy);
    for (int i = 0; copy && i < argc; i++) {
        copy[i] = strdup(argv[i]);
        if (!copy[i])
            return NULL;
    }
    return copy;
}

int
main(int argc, char **argv)
{
    char **arguments = copy_arguments(argc, argv);
    if (!arguments)
        return 1;
    dc_title_init(argc, argv);
    if (argc > 1 && strcmp(arguments[1], "capability") == 0)
        return dc_issue_main(argc - 1, arguments + 1);
    static char cache_dir[PATH_MAX];
    struct dc_server_config config = { .max_instances = 64, .uploads = DC_UPLOAD_QUOTAS_DEFAULT,
                                       .workers.limits.draw_timeout_s = 10 };
    if (dc_program_cache_default(cache_dir, sizeof cache_dir))
        config.workers.cache_dir = cache_dir;
    int status = parse_options(argc, arguments, &config);
    return status >= 0 ? status : dc_server_run(&config);
}
