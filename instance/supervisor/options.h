#ifndef DC_SUPERVISOR_OPTIONS_H
#define DC_SUPERVISOR_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_CAPABILITY_MAX_BYTES 4096
#define DC_RECOVER_MAX_TRIES 1000

struct dc_options {
    const char *name;
    uint32_t width, height, refresh_mhz;
    const char *link; // NULL: a private dc-render
    uint8_t capability[DC_CAPABILITY_MAX_BYTES];
    size_t capability_bytes;
    const char *capability_command; // prints one in hexadecimal; NULL: there is none
    uint32_t recover_tries, recover_mib; // 0: a worker that is lost is not replaced
    const char *tls_ca, *tls_cert, *tls_key;
    char listen_host[256];
    uint16_t listen_port;
    bool web, web_is_plain; // WebRTC as well
    char web_host[256];
    uint16_t web_port;
    const char *web_certificate, *web_key; // PEM files; NULL: a new one
    bool no_client, wait_client;
    uint32_t wait_client_s; // 0: for ever
    uint32_t bitrate_kbps, audio_frame_ms;
    const char *token_file, *report;
    uint32_t gl_error_mode; // as in struct dc_frontend_welcome
    uint32_t idle_exit_s;   // 0: never
    char **app;             // argv, NULL-terminated
};

/* What `dc-render capability` prints, from a file or a command; white space may follow. false: something else. */
bool dc_options_parse_capability(struct dc_options *options, const char *text);
/* false: exit with *status now (--help, --version, or a mistake that was explained). */
bool dc_options_parse(struct dc_options *options, int argc, char **argv, int *status);

bool dc_options_is_loopback(const char *host);

#endif
