#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"

static const char usage[] =
    "Usage: dc-instance [options] -- APP [ARGS...]\n"
    "Runs APP as one DC-Instance: its OpenGL ES is rendered by a render server, picture and sound go to a dc-client.\n"
    "\n"
    "  --name N                name of the instance (default \"demo\")\n"
    "  --size WxH              output size (default 1280x720)\n"
    "  --refresh HZ            refresh rate (default 60)\n"
    "  --link ADDRESS          render server: unix:PATH, tcp:HOST:PORT or rdma:HOST:PORT (default: a private one)\n"
    "  --capability HEX|@FILE  admission to it, from \"dc-render capability\"\n"
    "  --capability-command COMMAND   a shell command that prints one, for each worker anew\n"
    "  --recover N             replace a worker that is lost, N times in ten minutes at most (default 0: never)\n"
    "  --recover-mib N         texture and buffer contents that each process keeps for that (default 1024)\n"
    "  --tls-ca, --tls-cert, --tls-key FILE   mutual TLS for tcp: and rdma: (PEM)\n"
    "  --listen HOST:PORT      where the client connects (default 127.0.0.1, any free port)\n"
    "  --web [http://][HOST:]PORT   play in a browser too (WebRTC): HTTPS and UDP there, default host 127.0.0.1, port 0 any\n"
    "                          free one; http:// for HTTP instead, on loopback only\n"
    "  --web-cert, --web-key FILE   its certificate (PEM; default: one that signs itself, new each time)\n"
    "  --no-client             do not listen for one\n"
    "  --wait-client[=SECONDS] start APP when a client has connected\n"
    "  --bitrate KBPS          video (default 4000)\n"
    "  --audio-frame-ms 5|10   length of an Opus frame (default 10)\n"
    "  --token-file FILE       write the client's URL there as well, readable for this user only\n"
    "  --gl-errors auto|exact|async   how glGetError is answered (default auto)\n"
    "  --runtime none          APP is a plain child process\n"
    "  --idle-exit SECONDS     end after so long without a client\n"
    "  --report FILE.json      what the instance did, written at its end\n"
    "  --help, --version\n"
    "\n"
    "When ready, one line goes to standard output:  connect dc://HOST:PORT/?token=HEX\n"
    "Exit status: APP's, or 128 + signal. 64 usage, 69 no render server, 71 system, 74 link lost, 75 no client,\n"
    "77 refused, 126 APP cannot be run, 127 APP not found.\n";

enum option_code {
    OPTION_NAME = 256, OPTION_SIZE, OPTION_REFRESH, OPTION_LINK, OPTION_CAPABILITY, OPTION_TLS_CA, OPTION_TLS_CERT,
    OPTION_TLS_KEY, OPTION_LISTEN, OPTION_NO_CLIENT, OPTION_WAIT_CLIENT, OPTION_BITRATE, OPTION_AUDIO_FRAME_MS,
    OPTION_TOKEN_FILE, OPTION_CAPABILITY_COMMAND, OPTION_RECOVER, OPTION_RECOVER_MIB, OPTION_GL_ERRORS, OPTION_RUNTIME, OPTION_IDLE_EXIT, OPTION_REPORT, OPTION_WEB, OPTION_WEB_CERT,
    OPTION_WEB_KEY, OPTION_HELP, OPTION_VERSION,
};

static const struct option long_options[] = {
    { "name", required_argument, NULL, OPTION_NAME },
    { "size", required_argument, NULL, OPTION_SIZE },
    { "refresh", required_argument, NULL, OPTION_REFRESH },
    { "link", required_argument, NULL, OPTION_LINK },
    { "capability", required_argument, NULL, OPTION_CAPABILITY },
    { "capability-command", required_argument, NULL, OPTION_CAPABILITY_COMMAND },
    { "recover", required_argument, NULL, OPTION_RECOVER },
    { "recover-mib", required_argument, NULL, OPTION_RECOVER_MIB },
    { "tls-ca", required_argument, NULL, OPTION_TLS_CA },
    { "tls-cert", required_argument, NULL, OPTION_TLS_CERT },
    { "tls-key", required_argument, NULL, OPTION_TLS_KEY },
    { "listen", required_argument, NULL, OPTION_LISTEN },
    { "web", required_argument, NULL, OPTION_WEB },
    { "web-cert", required_argument, NULL, OPTION_WEB_CERT },
    { "web-key", required_argument, NULL, OPTION_WEB_KEY },
    { "no-client", no_argument, NULL, OPTION_NO_CLIENT },
    { "wait-client", optional_argument, NULL, OPTION_WAIT_CLIENT },
    { "bitrate", required_argument, NULL, OPTION_BITRATE },
    { "audio-frame-ms", required_argument, NULL, OPTION_AUDIO_FRAME_MS },
    { "token-file", required_argument, NULL, OPTION_TOKEN_FILE },
    { "gl-errors", required_argument, NULL, OPTION_GL_ERRORS },
    { "runtime", required_argument, NULL, OPTION_RUNTIME },
    { "idle-exit", required_argument, NULL, OPTION_IDLE_EXIT },
    { "report", required_argument, NULL, OPTION_REPORT },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static bool
parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || !isdigit((unsigned char)*text) || value < min || value > max)
        return false;
    *number = (uint32_t)value;
    return true;
}

static bool
parse_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return length > 0 && length <= 63 && text[length] == '\0';
}

static bool
parse_size(struct dc_options *options, const char *text)
{
    char width[16];
    size_t digits = strcspn(text, "x");
    if (digits >= sizeof(width) || text[digits] != 'x')
        return false;
    memcpy(width, text, digits);
    width[digits] = '\0';
    // H.264 with 4:2:0 needs even sizes.
    return parse_number(width, 16, 8192, &options->width) && parse_number(text + digits + 1, 16, 8192, &options->height) &&
           options->width % 2 == 0 && options->height % 2 == 0;
}

static bool
parse_refresh(struct dc_options *options, const char *text)
{
    char *end;
    double hz = strtod(text, &end);
    if (end == text || *end || !(hz >= 1 && hz <= 480))
        return false;
    options->refresh_mhz = (uint32_t)(hz * 1000 + 0.5);
    return true;
}

bool
dc_options_parse_capability(struct dc_options *options, const char *text)
{
    size_t count = 0;
    for (; isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]); text += 2) {
        char pair[3] = { text[0], text[1], '\0' };
        if (count == sizeof(options->capability))
            return false;
        options->capability[count++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    options->capability_bytes = count;
    return count > 0 && text[strspn(text, " \r\n")] == '\0';
}

static bool
parse_capability(struct dc_options *options, const char *text)
{
    if (text[0] != '@')
        return dc_options_parse_capability(options, text);
    char content[2 * DC_CAPABILITY_MAX_BYTES + 2];
    FILE *file = fopen(text + 1, "re");
    if (!file) {
        fprintf(stderr, "dc-instance: %s: %s\n", text + 1, strerror(errno));
        return false;
    }
    size_t length = fread(content, 1, sizeof(content) - 1, file);
    fclose(file);
    content[length] = '\0';
    return dc_options_parse_capability(options, content);
}

static bool
parse_address(const char *text, char *out, size_t capacity, uint16_t *port_out)
{
    const char *colon = strrchr(text, ':');
    uint32_t port;
    if (!colon || !parse_number(colon + 1, 0, 65535, &port))
        return false;
    const char *host = text, *end = colon;
    if (end - host >= 2 && host[0] == '[' && end[-1] == ']') {
        host++;
        end--;
    }
    if (end == host || (size_t)(end - host) >= capacity)
        return false;
    memcpy(out, host, (size_t)(end - host));
    out[end - host] = '\0';
    *port_out = (uint16_t)port;
    return true;
}

static bool
parse_web(struct dc_options *options, const char *text)
{
    char address[300];
    options->web = true;
    options->web_is_plain = strncmp(text, "http://", 7) == 0;
    if (options->web_is_plain || strncmp(text, "https://", 8) == 0)
        text += options->web_is_plain ? 7 : 8;
    snprintf(address, sizeof(address), "%s%s", strchr(text, ':') ? "" : "127.0.0.1:", text);
    return parse_address(address, options->web_host, sizeof(options->web_host), &options->web_port);
}

static bool
parse_gl_errors(struct dc_options *options, const char *text)
{
    static const char *const modes[] = { "auto", "exact", "async" };
    for (uint32_t i = 0; i < 3; i++) {
        if (strcmp(text, modes[i]) == 0) {
            options->gl_error_mode = i;
            return true;
        }
    }
    return false;
}

// These speak TLS; what is carried beside it is the link's business.
static bool
is_remote(const char *link)
{
    return strncmp(link, "tcp:", 4) == 0 || strncmp(link, "rdma:", 5) == 0;
}

static bool
parse_option(struct dc_options *options, int code, const char *text)
{
    switch (code) {
    case OPTION_NAME: options->name = text; return parse_name(text);
    case OPTION_SIZE: return parse_size(options, text);
    case OPTION_REFRESH: return parse_refresh(options, text);
    case OPTION_LINK: options->link = text; return !strncmp(text, "unix:", 5) || is_remote(text);
    case OPTION_CAPABILITY: return parse_capability(options, text);
    case OPTION_CAPABILITY_COMMAND: options->capability_command = text; return text[0] != '\0';
    case OPTION_RECOVER: return parse_number(text, 0, DC_RECOVER_MAX_TRIES, &options->recover_tries);
    case OPTION_RECOVER_MIB: return parse_number(text, 1, 65536, &options->recover_mib);
    case OPTION_TLS_CA: options->tls_ca = text; return true;
    case OPTION_TLS_CERT: options->tls_cert = text; return true;
    case OPTION_TLS_KEY: options->tls_key = text; return true;
    case OPTION_LISTEN:
        return parse_address(text, options->listen_host, sizeof(options->listen_host), &options->listen_port);
    case OPTION_WEB: return parse_web(options, text);
    case OPTION_WEB_CERT: options->web_certificate = text; return true;
    case OPTION_WEB_KEY: options->web_key = text; return true;
    case OPTION_NO_CLIENT: options->no_client = true; return true;
    case OPTION_WAIT_CLIENT:
        options->wait_client = true;
        return !text || parse_number(text, 1, 86400, &options->wait_client_s);
    case OPTION_BITRATE: return parse_number(text, 100, 400000, &options->bitrate_kbps);
    case OPTION_AUDIO_FRAME_MS:
        return parse_number(text, 5, 10, &options->audio_frame_ms) && options->audio_frame_ms % 5 == 0;
    case OPTION_TOKEN_FILE: options->token_file = text; return true;
    case OPTION_GL_ERRORS: return parse_gl_errors(options, text);
    case OPTION_RUNTIME: return strcmp(text, "none") == 0;
    case OPTION_IDLE_EXIT: return parse_number(text, 1, 31536000, &options->idle_exit_s);
    case OPTION_REPORT: options->report = text; return true;
    default: return false;
    }
}

static bool
complain(int *status, const char *format, const char *what)
{
    fputs("dc-instance: ", stderr);
    fprintf(stderr, format, what);
    fputs("\nTry: dc-instance --help\n", stderr);
    *status = DC_EXIT_USAGE;
    return false;
}

bool
dc_options_is_loopback(const char *host)
{
    return !strncmp(host, "127.", 4) || !strcmp(host, "localhost") || !strcmp(host, "::1");
}

static bool
check_together(const struct dc_options *options, int *status)
{
    bool is_tcp = options->link && is_remote(options->link);
    if (!options->app[0])
        return complain(status, "%s", "which application? Give it after --");
    if (options->link && options->capability_bytes == 0 && !options->capability_command)
        return complain(status, "--link %s needs --capability or --capability-command: get one with \"dc-render capability\"", options->link);
    if (is_tcp && (!options->tls_ca || !options->tls_cert || !options->tls_key))
        return complain(status, "--link %s needs --tls-ca, --tls-cert and --tls-key", options->link);
    if (options->web && options->no_client)
        return complain(status, "%s", "--no-client contradicts --web");
    if (options->web_is_plain && !dc_options_is_loopback(options->web_host))
        return complain(status, "--web http://%s would send tokens in the clear: http:// is for loopback only",
                        options->web_host);
    if (!options->web_certificate != !options->web_key)
        return complain(status, "%s", "--web-cert and --web-key belong together");
    if (options->no_client && (options->wait_client || options->idle_exit_s))
        return complain(status, "%s", "--no-client contradicts --wait-client and --idle-exit");
    return true;
}

bool
dc_options_parse(struct dc_options *options, int argc, char **argv, int *status)
{
    *options = (struct dc_options){
        .name = "demo", .width = 1280, .height = 720, .refresh_mhz = 60000, .listen_host = "127.0.0.1",
        .bitrate_kbps = 4000, .audio_frame_ms = 10, .recover_tries = 0, .recover_mib = 1024,
    };
    int code, index = 0;
    *status = 0;
    while ((code = getopt_long(argc, argv, "+", long_options, &index)) != -1) {
        if (code == OPTION_HELP) {
            fputs(usage, stdout);
            return false;
        }
        if (code == OPTION_VERSION) {
            puts("dc-instance " DC_VERSION);
            return false;
        }
        if (code == '?') {
            fputs("Try: dc-instance --help\n", stderr);
            *status = DC_EXIT_USAGE;
            return false;
        }
        if (!parse_option(options, code, optarg)) {
            char what[512];
            snprintf(what, sizeof(what), "--%s %s", long_options[index].name, optarg ? optarg : "");
            return complain(status, "%s is not possible", what);
        }
    }
    options->app = argv + optind;
    return check_together(options, status);
}
