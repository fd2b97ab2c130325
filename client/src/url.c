#include "url.h"

#include <ctype.h>
#include <string.h>

#define SCHEME "dc://"

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *
parse_token(const char *text, struct dc_url *url)
{
    if (strlen(text) != 2 * DC_SESSION_TOKEN_BYTES)
        return "the token must be 32 hexadecimal digits";
    for (size_t i = 0; i < DC_SESSION_TOKEN_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return "the token must be 32 hexadecimal digits";
        url->token[i] = (uint8_t)(high << 4 | low);
    }
    url->token_bytes = DC_SESSION_TOKEN_BYTES;
    return NULL;
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
        *text = end + 1;
    } else {
        end = start + strcspn(start, ":/?");
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
    if (*(*text)++ != ':')
        return "the port is missing (dc://HOST:PORT/?token=HEX)";
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

bool
dc_url_parse(const char *text, struct dc_url *url, const char **error)
{
    *url = (struct dc_url){ .port = 0 };
    *error = NULL;
    if (strncmp(text, SCHEME, strlen(SCHEME))) {
        *error = "it must begin with dc://";
        return false;
    }
    text += strlen(SCHEME);
    *error = parse_host(&text, url);
    if (!*error)
        *error = parse_port(&text, url);
    if (*error)
        return false;
    if (*text == '/')
        text++;
    if (!strncmp(text, "?token=", 7))
        *error = parse_token(text + 7, url);
    else if (*text)
        *error = "only ?token=HEX may follow the port";
    return !*error;
}
