#define DC_LOG_COMPONENT "http"
#include "whep_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include <common/clock.h>
#include <common/log.h>

#include "rate_limit.h"
#include "web_page.h"

#define MAX_BODY_BYTES (64u << 10)
#define MAX_CONNECTIONS 32
#define MAX_CONNECTIONS_PER_ADDRESS 16
#define CONNECTION_TIMEOUT_S 10
#define CONNECTION_MEMORY_BYTES (16u << 10)

struct dc_whep_server {
    struct MHD_Daemon *daemon;
    const struct dc_whep_host *host;
    void *user;
    int epoll_fd; // the daemon's
    struct dc_rate_limit rate;
};

struct request { // one POST, from its headers to its answer
    char *body;  // owned; grows up to MAX_BODY_BYTES
    size_t size_bytes, capacity;
    bool is_too_long;
};

typedef struct MHD_Connection connection;

static const char *
header(connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void
add_common_headers(struct MHD_Response *response)
{
    static const char *const headers[][2] = {
        { "Access-Control-Allow-Origin", "*" }, // what admits is the token, never a cookie
        { "Access-Control-Expose-Headers", "Location, ETag, DC-Resume" },
        { "Cache-Control", "no-store" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
}

static enum MHD_Result
queue(connection *c, unsigned status, struct MHD_Response *response)
{
    add_common_headers(response);
    enum MHD_Result result = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *
text_response(const char *text, const char *content_type)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    return response;
}

static enum MHD_Result
refuse(connection *c, unsigned status, const char *reason)
{
    char challenge[256];
    struct MHD_Response *response = text_response(reason, "text/plain; charset=utf-8");
    if (!response)
        return MHD_NO;
    if (status == MHD_HTTP_UNAUTHORIZED) {
        snprintf(challenge, sizeof(challenge), "Bearer error=\"invalid_token\", error_description=\"%s\"", reason);
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, challenge);
    } else if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, POST, DELETE, OPTIONS");
    }
    dc_debug("answered %u: %s", status, reason);
    return queue(c, status, response);
}

static enum MHD_Result
answer_options(connection *c)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
    MHD_add_response_header(response, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    MHD_add_response_header(response, "Access-Control-Max-Age", "600");
    MHD_add_response_header(response, "Accept-Post", "application/sdp");
    return queue(c, MHD_HTTP_NO_CONTENT, response);
}

static enum MHD_Result
answer_page(connection *c, const char *path)
{
    const struct dc_web_file *file = dc_web_page_find(path);
    if (!file)
        return refuse(c, MHD_HTTP_NOT_FOUND, "there is nothing here");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(file->size_bytes, (void *)file->data, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file->content_type);
    MHD_add_response_header(response, "Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
                            "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    return queue(c, MHD_HTTP_OK, response);
}

static enum MHD_Result
answer_delete(struct dc_whep_server *server, connection *c, const char *path)
{
    static const char prefix[] = "/whep/";
    if (strncmp(path, prefix, sizeof(prefix) - 1) != 0 ||
        !server->host->handle_delete(server->user, path + sizeof(prefix) - 1))
        return refuse(c, MHD_HTTP_NOT_FOUND, "there is no such session");
    struct MHD_Response *response = text_response("", "text/plain");
    return response ? queue(c, MHD_HTTP_OK, response) : MHD_NO;
}

static const char *
bearer_token(connection *c)
{
    static const char scheme[] = "Bearer ";
    const char *value = header(c, MHD_HTTP_HEADER_AUTHORIZATION);
    if (!value || strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    return value + sizeof(scheme) - 1;
}

static enum MHD_Result
answer_created(connection *c, const struct dc_whep_reply *reply)
{
    char location[64], etag[DC_WHEP_SESSION_BYTES + 2];
    struct MHD_Response *response = text_response(reply->body, "application/sdp");
    if (!response)
        return MHD_NO;
    snprintf(location, sizeof(location), "/whep/%s", reply->session);
    snprintf(etag, sizeof(etag), "\"%.16s\"", reply->session);
    MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location);
    MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
    MHD_add_response_header(response, "DC-Resume", reply->resume);
    return queue(c, MHD_HTTP_CREATED, response);
}

static enum MHD_Result
answer_offer(struct dc_whep_server *server, connection *c, const struct request *request)
{
    struct sockaddr_storage local = { 0 };
    socklen_t length = sizeof(local);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!info || getsockname(info->connect_fd, (struct sockaddr *)&local, &length) < 0)
        return MHD_NO;
    struct dc_whep_offer offer = { .token = bearer_token(c), .sdp = request->body, .size_bytes = request->size_bytes,
                                   .local = (const struct sockaddr *)&local };
    struct dc_whep_reply *reply = calloc(1, sizeof(*reply));
    if (!reply)
        return MHD_NO;
    server->host->handle_offer(server->user, &offer, reply);
    enum MHD_Result result = reply->status == MHD_HTTP_CREATED ? answer_created(c, reply)
                                                               : refuse(c, reply->status, reply->body);
    free(reply);
    return result;
}

static bool
is_sdp(connection *c)
{
    static const char type[] = "application/sdp";
    const char *value = header(c, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (!value || strncasecmp(value, type, sizeof(type) - 1) != 0)
        return false;
    char next = value[sizeof(type) - 1];
    return next == '\0' || next == ';' || next == ' ';
}

/* What can be refused before the body is read. 0: nothing. */
static unsigned
check_offer(struct dc_whep_server *server, connection *c, const char **reason)
{
    const char *length = header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const union MHD_ConnectionInfo *from = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (from && !dc_rate_limit_take(&server->rate, from->client_addr, dc_clock_now_us())) {
        *reason = "too many attempts from this address: wait a little";
        return MHD_HTTP_TOO_MANY_REQUESTS;
    }
    if (!is_sdp(c)) {
        *reason = "the body has to be application/sdp";
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    if (length && strtoull(length, NULL, 10) > MAX_BODY_BYTES) {
        *reason = "the offer is longer than 64 KiB";
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return 0;
}

static enum MHD_Result
begin_offer(struct dc_whep_server *server, connection *c, void **context)
{
    const char *reason = NULL;
    unsigned status = check_offer(server, c, &reason);
    if (status)
        return refuse(c, status, reason);
    *context = calloc(1, sizeof(struct request));
    return *context ? MHD_YES : MHD_NO;
}

static bool
append(struct request *request, const char *data, size_t size_bytes)
{
    size_t needed = request->size_bytes + size_bytes;
    if (needed > MAX_BODY_BYTES) { // a chunked body says no length before
        request->is_too_long = true;
        return true;
    }
    if (needed > request->capacity) {
        size_t capacity = needed < 8192 ? 8192 : MAX_BODY_BYTES;
        char *body = realloc(request->body, capacity);
        if (!body)
            return false;
        request->body = body;
        request->capacity = capacity;
    }
    memcpy(request->body + request->size_bytes, data, size_bytes);
    request->size_bytes = needed;
    return true;
}

static enum MHD_Result
handle_post(struct dc_whep_server *server, connection *c, const char *path, const char *data, size_t *size_bytes,
            void **context)
{
    struct request *request = *context;
    if (strcmp(path, "/whep") != 0)
        return refuse(c, MHD_HTTP_NOT_FOUND, "offers go to /whep");
    if (!request)
        return begin_offer(server, c, context);
    if (*size_bytes) {
        bool good = append(request, data, *size_bytes);
        *size_bytes = 0;
        return good ? MHD_YES : MHD_NO;
    }
    if (request->is_too_long)
        return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "the offer is longer than 64 KiB");
    return answer_offer(server, c, request);
}

static enum MHD_Result
handle_request(void *user, connection *c, const char *path, const char *method, const char *version, const char *data,
               size_t *size_bytes, void **context)
{
    struct dc_whep_server *server = user;
    if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
        return handle_post(server, c, path, data, size_bytes, context);
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
        return answer_page(c, path);
    if (strcmp(method, MHD_HTTP_METHOD_DELETE) == 0)
        return answer_delete(server, c, path);
    if (strcmp(method, MHD_HTTP_METHOD_OPTIONS) == 0)
        return answer_options(c);
    return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "candidates are not trickled: all are in the answer");
}

static void
handle_completed(void *user, connection *c, void **context, enum MHD_RequestTerminationCode code)
{
    struct request *request = *context;
    if (request)
        free(request->body);
    free(request);
    *context = NULL;
}

static void
log_line(void *user, const char *format, va_list args)
{
    char text[256];
    int length = vsnprintf(text, sizeof(text), format, args);
    if (length > 0 && (size_t)length < sizeof(text) && text[length - 1] == '\n')
        text[length - 1] = '\0';
    dc_debug("%s", text); // handshakes that strangers break, mostly
}

struct dc_whep_server *
dc_whep_server_create(const struct dc_webrtc_identity *identity, const struct dc_whep_host *host, void *user)
{
    struct dc_whep_server *server = calloc(1, sizeof(*server));
    if (!server)
        return NULL;
    server->host = host;
    server->user = user;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_KEY, 0, identity ? (void *)dc_webrtc_identity_key_pem(identity) : NULL },
        { MHD_OPTION_HTTPS_MEM_CERT, 0, identity ? (void *)dc_webrtc_identity_certificate_pem(identity) : NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG | (identity ? MHD_USE_TLS : 0), 0, NULL, NULL, handle_request, server,
        MHD_OPTION_EXTERNAL_LOGGER, log_line, server,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)MAX_CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_NOTIFY_COMPLETED,
        handle_completed, server, MHD_OPTION_ARRAY, identity ? tls : tls + 2, MHD_OPTION_END);
    if (!server->daemon) {
        dc_error("the HTTP%s server does not start", identity ? "S" : "");
        free(server);
        return NULL;
    }
    server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return server;
}

void
dc_whep_server_destroy(struct dc_whep_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}

void
dc_whep_server_add(struct dc_whep_server *server, int fd, const struct sockaddr *from, socklen_t length)
{
    if (MHD_add_connection(server->daemon, fd, from, length) != MHD_YES)
        dc_debug("a connection was refused: too many"); // and closed
    MHD_run(server->daemon);
}

int
dc_whep_server_fd(const struct dc_whep_server *server)
{
    return server->epoll_fd;
}

void
dc_whep_server_dispatch(struct dc_whep_server *server)
{
    MHD_run(server->daemon);
}

int64_t
dc_whep_server_deadline_us(const struct dc_whep_server *server, int64_t now_us)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES)
        return INT64_MAX;
    return now_us + (int64_t)(timeout_ms > 60000 ? 60000 : timeout_ms) * 1000;
}
