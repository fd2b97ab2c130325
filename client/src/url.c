#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

static const struct {
    const char *prefix;
    uint16_t default_port; // 0: the port must be said
} schemes[] = {
    [DC_URL_TCP] = { "dc://", 0 },
    [DC_URL_HTTPS] = { "https://", 443 },
    [DC_URL_HTTP] = { "http://", 80 },
};

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
dc_url_parse_secret(const char *text, size_t length, uint8_t secret[DC_SESSION_TOKEN_BYTES])
{
    if (length != 2 * DC_SESSION_TOKEN_BYTES)
        return false;
    for (size_t i = 0; i < DC_SESSION_TOKEN_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        secret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static const char *
parse_token(const char *text, size_t length, struct dc_url *url)
{
    if (!dc_url_parse_secret(text, length, url->token))
        return "the token must be 32 hexadecimal digits";
    url->token_bytes = DC_SESSION_TOKEN_BYTES;
    return NULL;
}

static const char *
parse_fingerprint(const char *text, size_t length, struct dc_url *url)
{
    char copy[DC_WEBRTC_FINGERPRINT_TEXT_BYTES];
    if (length < sizeof(copy)) {
        memcpy(copy, text, length);
        copy[length] = '\0';
        url->has_fingerprint = dc_webrtc_fingerprint_parse(copy, url->fingerprint);
    }
    return url->has_fingerprint ? NULL : "the fingerprint (fp=) must be 64 hexadecimal digits";
}

static const char *
parse_scheme(const char **text, struct dc_url *url)
{
    for (unsigned i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i].prefix);
        if (strncmp(*text, schemes[i].prefix, length))
            continue;
        *text += length;
        url->scheme = (enum dc_url_scheme)i;
        return NULL;
    }
    return "it must begin with https://, http:// or dc://";
}

static const char *
parse_host(const char **text, struct dc_url *url)
{
    const char *start = *text;
    const char *end;
    if (*start == '[') {
        end = strchr(++start, ']');
        if (!end)
            return "the IPv6 address lacks its ]";
        url->is_ipv6 = true;
        *text = end + 1;
    } else {
        end = start + strcspn(start, ":/?#");
        *text = end;
    }
    size_t length = (size_t)(end - start);
    if (length == 0 || length >= sizeof(url->host))
        return "the host is missing or too long";
    memcpy(url->host, start, length);
    url->host[length] = '\0';
    return NULL;
}

static const char *
parse_port(const char **text, struct dc_url *url)
{
    unsigned port = 0;
    if (**text != ':') {
        url->port = schemes[url->scheme].default_port;
        return url->port ? NULL : "the port is missing (dc://HOST:PORT/?token=HEX)";
    }
    (*text)++;
    for (unsigned digits = 0; isdigit((unsigned char)**text); digits++, (*text)++) {
        if (digits == 5)
            return "the port is not a number between 1 and 65535";
        port = port * 10 + (unsigned)(**text - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return "the port is not a number between 1 and 65535";
    url->port = (uint16_t)port;
    return NULL;
}

/* dc://: one / at most, then ?token=. */
static const char *
parse_query(const char *text, struct dc_url *url)
{
    if (*text == '/')
        text++;
    if (!strncmp(text, "?token=", 7))
        return parse_token(text + 7, strlen(text + 7), url);
    return *text ? "only ?token=HEX may follow the port" : NULL;
}

/* fp=… and token=…, in any order; others are for later versions. */
static const char *
parse_fragment(const char *text, struct dc_url *url)
{
    const char *error = NULL;
    while (*text && !error) {
        size_t length = strcspn(text, "&");
        if (!strncmp(text, "fp=", 3))
            error = parse_fingerprint(text + 3, length - 3, url);
        else if (!strncmp(text, "token=", 6))
            error = parse_token(text + 6, length - 6, url);
        text += length + (text[length] == '&');
    }
    return error;
}

static const char *
parse_endpoint(const char *text, struct dc_url *url)
{
    size_t length = strcspn(text, "#");
    if (length >= sizeof(url->path))
        return "the path is too long";
    for (size_t i = 0; i < length; i++) {
        if (!isgraph((unsigned char)text[i]))
            return "the path has a character in it that no address has";
    }
    if (length && *text != '/')
        return "a path must follow the port";
    if (length <= 1)
        snprintf(url->path, sizeof(url->path), "/whep");
    else
        snprintf(url->path, sizeof(url->path), "%.*s", (int)length, text);
    return text[length] ? parse_fragment(text + length + 1, url) : NULL;
}

static bool
is_loopback(const char *host)
{
    struct in_addr in;
    struct in6_addr in6;
    if (inet_pton(AF_INET, host, &in) == 1)
        return ntohl(in.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &in6) == 1)
        return memcmp(&in6, &in6addr_loopback, sizeof(in6)) == 0;
    return strcmp(host, "localhost") == 0;
}

static const char *
parse(const char *text, struct dc_url *url)
{
    const char *error = parse_scheme(&text, url);
    if (!error)
        error = parse_host(&text, url);
    if (!error)
        error = parse_port(&text, url);
    if (!error)
        error = url->scheme == DC_URL_TCP ? parse_query(text, url) : parse_endpoint(text, url);
    if (!error && url->scheme == DC_URL_HTTP && !is_loopback(url->host))
        error = "http:// is for this machine only (127.0.0.1, ::1, localhost); use https://";
    return error;
}

bool
dc_url_parse(const char *text, struct dc_url *url, const char **error)
{
    *url = (struct dc_url){ .port = 0 };
    *error = parse(text, url);
    return !*error;
}

void
dc_url_format(const struct dc_url *url, char *text, size_t capacity)
{
    snprintf(text, capacity, "%s%s%s%s:%u%s", schemes[url->scheme].prefix, url->is_ipv6 ? "[" : "", url->host,
             url->is_ipv6 ? "]" : "", url->port, url->path);
}
