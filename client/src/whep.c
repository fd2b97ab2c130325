#define DC_LOG_COMPONENT "client"
#include "whep.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <common/log.h>

#include "messages.h"
#include "sdp.h"

#define TIMEOUT_MS 10000L
#define CONNECT_TIMEOUT_MS 5000L
#define DELETE_TIMEOUT_MS 1000L
#define MAX_REASON_BYTES 120

struct request {
    const struct dc_url *url;
    const struct dc_attempt *attempt;
    struct dc_whep_answer *answer;
    struct curl_slist *headers;
    bool is_other_certificate;
    char curl_error[CURL_ERROR_SIZE];
};

static size_t
take_body(char *data, size_t one, size_t size_bytes, void *user)
{
    struct request *request = user;
    struct dc_whep_answer *answer = request->answer;
    if (answer->size_bytes + size_bytes > DC_SDP_MAX_ANSWER_BYTES)
        return 0;
    char *text = realloc(answer->text, answer->size_bytes + size_bytes + 1);
    if (!text)
        return 0;
    memcpy(text + answer->size_bytes, data, size_bytes);
    answer->text = text;
    answer->size_bytes += size_bytes;
    text[answer->size_bytes] = '\0';
    return size_bytes;
}

/* The value of a header line of this name, without what surrounds it. false: another header, or a value that is too long. */
static bool
header_value(const char *line, size_t size_bytes, const char *name, char *value, size_t capacity)
{
    size_t name_bytes = strlen(name);
    if (size_bytes <= name_bytes || line[name_bytes] != ':' || strncasecmp(line, name, name_bytes))
        return false;
    line += name_bytes + 1;
    size_bytes -= name_bytes + 1;
    for (; size_bytes && (*line == ' ' || *line == '\t'); line++)
        size_bytes--;
    while (size_bytes && strchr(" \t\r\n", line[size_bytes - 1]))
        size_bytes--;
    if (!size_bytes || size_bytes >= capacity)
        return false;
    memcpy(value, line, size_bytes);
    value[size_bytes] = '\0';
    return true;
}

/* Only a path of the same server: nobody else is told to delete something. */
static bool
is_path(const char *text)
{
    if (text[0] != '/' || text[1] == '/')
        return false;
    for (; *text; text++) {
        if (*text <= ' ' || *text >= 127 || *text == '#' || *text == '?')
            return false;
    }
    return true;
}

static size_t
take_header(char *line, size_t one, size_t size_bytes, void *user)
{
    struct request *request = user;
    struct dc_whep_answer *answer = request->answer;
    char value[sizeof(answer->location)];
    if (header_value(line, size_bytes, "Location", value, sizeof(value)) && is_path(value))
        memcpy(answer->location, value, sizeof(value));
    else if (header_value(line, size_bytes, "DC-Resume", value, sizeof(value)))
        answer->has_resume = dc_url_parse_secret(value, strlen(value), answer->resume);
    return size_bytes;
}

static size_t
drop_body(char *data, size_t one, size_t size_bytes, void *user)
{
    return size_bytes;
}

/* Signals are blocked, since they come through a descriptor later; before the first session nobody reads that yet. */
static int
look_for_signals(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct request *request = user;
    if (!request->attempt->signals_kill)
        return dc_attempt_is_over(request->attempt);
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

/* The certificate is the one of the URL, whoever signed it and for whatever name. */
static int
check_certificate(X509_STORE_CTX *store, void *user)
{
    struct request *request = user;
    uint8_t fingerprint[EVP_MAX_MD_SIZE];
    unsigned size_bytes = 0;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    request->is_other_certificate =
        !certificate || X509_digest(certificate, EVP_sha256(), fingerprint, &size_bytes) != 1 ||
        size_bytes != DC_WEBRTC_FINGERPRINT_BYTES ||
        memcmp(fingerprint, request->url->fingerprint, size_bytes) != 0;
    if (request->is_other_certificate)
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return !request->is_other_certificate;
}

static CURLcode
pin_certificate(CURL *curl, void *context, void *user)
{
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, check_certificate, user);
    return CURLE_OK;
}

static bool
add_header(struct request *request, const char *text)
{
    struct curl_slist *headers = curl_slist_append(request->headers, text);
    if (headers)
        request->headers = headers;
    return headers;
}

static bool
add_headers(struct request *request)
{
    char authorization[64] = "Authorization: Bearer ";
    for (size_t i = 0; i < request->url->token_bytes; i++)
        snprintf(authorization + strlen(authorization), 3, "%02x", request->url->token[i]);
    return add_header(request, "Content-Type: application/sdp") && add_header(request, "Accept: application/sdp") &&
           add_header(request, "Expect:") && (!request->url->token_bytes || add_header(request, authorization));
}

static void
set_server(CURL *curl, struct request *request, const char *path)
{
    char address[600];
    struct dc_url url = *request->url;
    if (path)
        snprintf(url.path, sizeof(url.path), "%s", path);
    dc_url_format(&url, address, sizeof(address));
    curl_easy_setopt(curl, CURLOPT_URL, address);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request->url->scheme == DC_URL_HTTP ? "http" : "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); // media goes straight there as well
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, request->curl_error);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dc-client/" DC_VERSION);
    if (!request->url->has_fingerprint)
        return;
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L); // curl's own check; ours replaces it
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, pin_certificate);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, request);
}

static void
set_offer(CURL *curl, struct request *request, const char *offer)
{
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, offer);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_signals);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* What the instance wrote beside its 4xx, if that is a line for a person. */
static enum dc_whep_result
explain_status(long status, const struct dc_whep_answer *answer, char *error)
{
    char reason[MAX_REASON_BYTES] = "";
    if (answer->text && answer->text[0] != '<' && answer->text[0] != '{')
        dc_messages_copy_text(reason, sizeof(reason), answer->text);
    while (*reason && reason[strlen(reason) - 1] == '?') // its end of line
        reason[strlen(reason) - 1] = '\0';
    if (*reason)
        snprintf(error, 256, "%s", reason);
    else
        snprintf(error, 256, "HTTP status %ld", status);
    return status >= 400 && status < 500 && status != 404 ? DC_WHEP_REFUSED : DC_WHEP_UNREACHABLE;
}

static enum dc_whep_result
perform(CURL *curl, struct request *request, char *error)
{
    long status = 0;
    char *address = NULL;
    CURLcode result = curl_easy_perform(curl);
    if (result == CURLE_ABORTED_BY_CALLBACK && request->attempt->signals_kill) {
        sigset_t none;
        sigemptyset(&none);
        sigsuspend(&none); // the signal is there, and kills
    }
    if (result != CURLE_OK) {
        snprintf(error, 256, "%s", request->is_other_certificate ? "its certificate is not the one of the address (fp=)"
                                   : *request->curl_error        ? request->curl_error : curl_easy_strerror(result));
        return DC_WHEP_UNREACHABLE;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
    if (status != 201 || !request->answer->text)
        return explain_status(status, request->answer, error);
    snprintf(request->answer->address, sizeof(request->answer->address), "%s", address ? address : "");
    return DC_WHEP_ANSWERED;
}

enum dc_whep_result
dc_whep_offer(const struct dc_url *url, const char *offer, const struct dc_attempt *attempt,
              struct dc_whep_answer *answer, char *error)
{
    struct request request = { .url = url, .attempt = attempt, .answer = answer };
    enum dc_whep_result result = DC_WHEP_UNREACHABLE;
    *answer = (struct dc_whep_answer){ .text = NULL };
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    snprintf(error, 256, "out of memory");
    if (curl && add_headers(&request)) {
        set_server(curl, &request, NULL);
        set_offer(curl, &request, offer);
        result = perform(curl, &request, error);
    }
    curl_slist_free_all(request.headers);
    curl_easy_cleanup(curl);
    if (result != DC_WHEP_ANSWERED)
        dc_whep_answer_finish(answer);
    return result;
}

void
dc_whep_delete(const struct dc_url *url, const char *location)
{
    struct request request = { .url = url };
    CURL *curl = curl_easy_init();
    if (!curl)
        return;
    set_server(curl, &request, location);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, DELETE_TIMEOUT_MS);
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK)
        dc_debug("the session is not deleted: %s", curl_easy_strerror(result));
    curl_easy_cleanup(curl);
}

void
dc_whep_answer_finish(struct dc_whep_answer *answer)
{
    free(answer->text);
    *answer = (struct dc_whep_answer){ .text = NULL };
}
