#ifndef DC_CLIENT_URL_H
#define DC_CLIENT_URL_H
/* dc://HOST:PORT/?token=HEX */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>

struct dc_url {
    char host[256]; // name or address; IPv6 without its brackets
    uint16_t port;
    uint8_t token[DC_SESSION_TOKEN_BYTES];
    size_t token_bytes; // 0: the URL has none
};

/* false: `error` says what is wrong. */
bool dc_url_parse(const char *text, struct dc_url *url, const char **error);

#endif
