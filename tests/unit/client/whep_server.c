#undef NDEBUG
#include "whep_server.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <common/clock.h>

#define UFRAG "servUfrag"
#define PASSWORD "serverserverserverserver"

static int
listen_on(int type, uint16_t *port)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(in);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert(fd >= 0 && bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0);
    if (type == SOCK_STREAM)
        assert(listen(fd, 4) == 0);
    assert(getsockname(fd, (struct sockaddr *)&in, &length) == 0);
    *port = ntohs(in.sin_port);
    return fd;
}

static SSL_CTX *
create_context(const struct dc_webrtc_identity *identity)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    BIO *certificate = BIO_new_mem_buf(dc_webrtc_identity_certificate_pem(identity), -1);
    BIO *key = BIO_new_mem_buf(dc_webrtc_identity_key_pem(identity), -1);
    X509 *x509 = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    assert(SSL_CTX_use_certificate(context, x509) == 1 && SSL_CTX_use_PrivateKey(context, pkey) == 1);
    X509_free(x509);
    EVP_PKEY_free(pkey);
    BIO_free(certificate);
    BIO_free(key);
    return context;
}

static void
find_value(const char *text, const char *name, char *out, size_t capacity)
{
    const char *value = strstr(text, name);
    assert(value);
    value += strlen(name);
    snprintf(out, capacity, "%.*s", (int)strcspn(value, "\r\n"), value);
}

static void
send_tcp(struct whep_server *server, const uint8_t *datagram, size_t size_bytes)
{
    uint8_t header[2] = { (uint8_t)(size_bytes >> 8), (uint8_t)size_bytes };
    if (server->tcp_fd < 0)
        return;
    if (send(server->tcp_fd, header, 2, MSG_NOSIGNAL | MSG_MORE) != 2 ||
        send(server->tcp_fd, datagram, size_bytes, MSG_NOSIGNAL) != (ssize_t)size_bytes)
        shutdown(server->tcp_fd, SHUT_RDWR);
}

static void
peer_send(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct whep_server *server = user;
    struct sockaddr_in in = { .sin_family = AF_INET };
    if (path->bytes[31]) {
        send_tcp(server, datagram, size_bytes);
        return;
    }
    memcpy(&in.sin_port, path->bytes + 1, 2);
    memcpy(&in.sin_addr, path->bytes + 3, 4);
    if (sendto(server->udp_fd, datagram, size_bytes, 0, (struct sockaddr *)&in, sizeof(in)) < 0)
        perror("sendto");
}

/* Echoes, and sends a packet of media beside it. */
static void
peer_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct whep_server *server = user;
    uint8_t packet[100 + DC_WEBRTC_SRTP_TRAILER_BYTES] = { 0x80, 96, 0, (uint8_t)++server->messages };
    snprintf(server->last_message, sizeof(server->last_message), "%.*s", (int)size_bytes, (const char *)data);
    server->last_stream = stream;
    dc_webrtc_peer_send_message(server->peer, stream, is_text, data, size_bytes);
    dc_webrtc_peer_send_rtp(server->peer, packet, 100);
}

static void
peer_closed(void *user, const char *reason)
{
    struct whep_server *server = user;
    server->is_closed = true;
}

static void
create_peer(struct whep_server *server, const char *offer)
{
    static const struct dc_webrtc_peer_listener listener = { .send = peer_send, .handle_message = peer_message,
                                                             .handle_closed = peer_closed };
    char ufrag[300], password[300], fingerprint[300];
    find_value(offer, "a=ice-ufrag:", ufrag, sizeof(ufrag));
    find_value(offer, "a=ice-pwd:", password, sizeof(password));
    find_value(offer, "a=fingerprint:sha-256 ", fingerprint, sizeof(fingerprint));
    struct dc_webrtc_peer_config config = { .identity = server->identity, .local_ufrag = UFRAG,
                                            .local_password = PASSWORD, .remote_ufrag = ufrag,
                                            .remote_password = password, .sctp_max_message_bytes = 262144 };
    assert(dc_webrtc_fingerprint_parse(fingerprint, config.remote_fingerprint));
    server->peer = dc_webrtc_peer_create(&config, &listener, server, dc_clock_now_us());
    assert(server->peer);
    for (uint16_t stream = 0; stream < 10; stream++)
        assert(dc_webrtc_peer_add_channel(server->peer, stream, "any", true, -1));
}

static void
write_answer(struct whep_server *server, char *out, size_t capacity)
{
    char fingerprint[DC_WEBRTC_FINGERPRINT_TEXT_BYTES], sdp[2048], udp[200] = "";
    dc_webrtc_fingerprint_format(dc_webrtc_identity_fingerprint(server->identity), fingerprint);
    if (!server->has_no_udp)
        snprintf(udp, sizeof(udp), "a=candidate:1 1 udp 2130706431 192.0.2.99 %u typ host\r\n", server->udp_port);
    snprintf(sdp, sizeof(sdp), "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-lite\r\n"
             "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\na=ice-ufrag:" UFRAG "\r\na=ice-pwd:" PASSWORD
             "\r\na=fingerprint:sha-256 %s\r\na=setup:passive\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n%s"
             "a=candidate:2 1 tcp 1010827775 192.0.2.99 %u typ host tcptype passive\r\n", fingerprint, udp,
             server->tcp_port);
    if (server->status)
        snprintf(out, capacity, "HTTP/1.1 %d No\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
                 server->status, strlen(server->reason), server->reason);
    else
        snprintf(out, capacity, "HTTP/1.1 201 Created\r\nContent-Type: application/sdp\r\nLocation: /whep/1\r\n"
                 "Content-Length: %zu\r\n\r\n%s", strlen(sdp), sdp);
}

/* One request on one connection. */
static void
serve_http(struct whep_server *server, SSL_CTX *context)
{
    int fd = accept(server->http_fd, NULL, NULL);
    SSL *ssl = server->is_plain ? NULL : SSL_new(context);
    size_t size_bytes = 0;
    char answer[4096];
    const char *body = NULL;
    if (ssl)
        SSL_set_fd(ssl, fd);
    bool works = !ssl || SSL_accept(ssl) == 1;
    while (works && size_bytes + 1 < sizeof(server->request)) {
        const char *length = strstr(server->request, "Content-Length: ");
        body = strstr(server->request, "\r\n\r\n");
        if (length && body && strlen(body + 4) >= strtoul(length + 16, NULL, 10))
            break;
        char *room = server->request + size_bytes;
        int capacity = (int)(sizeof(server->request) - 1 - size_bytes);
        ssize_t n = ssl ? SSL_read(ssl, room, capacity) : read(fd, room, (size_t)capacity);
        works = n > 0;
        size_bytes += works ? (size_t)n : 0;
    }
    if (works) {
        if (!server->status)
            create_peer(server, body + 4);
        write_answer(server, answer, sizeof(answer));
        if (ssl)
            SSL_write(ssl, answer, (int)strlen(answer));
        else
            assert(write(fd, answer, strlen(answer)) > 0);
    }
    SSL_free(ssl);
    close(fd);
}

static void
receive_udp(struct whep_server *server)
{
    uint8_t datagram[2048];
    struct sockaddr_in in;
    struct dc_webrtc_path path;
    socklen_t length = sizeof(in);
    ssize_t n = recvfrom(server->udp_fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&in, &length);
    dc_webrtc_path_set_address(&path, (struct sockaddr *)&in);
    if (n > 0 && server->peer && !server->is_udp_dead)
        dc_webrtc_peer_receive(server->peer, &path, datagram, (size_t)n, dc_clock_now_us());
}

static void
receive_tcp(struct whep_server *server)
{
    struct dc_webrtc_path path = { .bytes = { 4, 1, 2, 127, 0, 0, 1, [31] = 1 } };
    ssize_t n = recv(server->tcp_fd, server->tcp_in + server->tcp_in_bytes, sizeof(server->tcp_in) - server->tcp_in_bytes, 0);
    if (n <= 0) {
        close(server->tcp_fd);
        server->tcp_fd = -1;
        return;
    }
    server->uses_tcp = true;
    server->tcp_in_bytes += (size_t)n;
    for (;;) {
        size_t size_bytes = (size_t)(server->tcp_in[0] << 8 | server->tcp_in[1]);
        if (server->tcp_in_bytes < 2 || server->tcp_in_bytes < 2 + size_bytes)
            return;
        if (server->peer)
            dc_webrtc_peer_receive(server->peer, &path, server->tcp_in + 2, size_bytes, dc_clock_now_us());
        server->tcp_in_bytes -= 2 + size_bytes;
        memmove(server->tcp_in, server->tcp_in + 2 + size_bytes, server->tcp_in_bytes);
    }
}

static void *
run(void *user)
{
    struct whep_server *server = user;
    SSL_CTX *context = create_context(server->identity);
    while (!server->stop) {
        struct pollfd fds[4] = {
            { .fd = server->http_fd, .events = POLLIN }, { .fd = server->udp_fd, .events = POLLIN },
            { .fd = server->tcp_listen_fd, .events = POLLIN }, { .fd = server->tcp_fd, .events = POLLIN },
        };
        poll(fds, 4, 5);
        if (fds[0].revents)
            serve_http(server, context);
        if (fds[1].revents)
            receive_udp(server);
        if (fds[2].revents) {
            if (server->tcp_fd >= 0)
                close(server->tcp_fd);
            server->tcp_fd = accept(server->tcp_listen_fd, NULL, NULL);
            server->tcp_in_bytes = 0;
        } else if (fds[3].revents && server->tcp_fd >= 0) {
            receive_tcp(server);
        }
        if (server->peer && dc_webrtc_peer_deadline_us(server->peer) <= dc_clock_now_us())
            dc_webrtc_peer_handle_timer(server->peer, dc_clock_now_us());
        if (server->hang_up) {
            dc_webrtc_peer_destroy(server->peer);
            server->peer = NULL;
        }
    }
    SSL_CTX_free(context);
    return NULL;
}

void
whep_server_start(struct whep_server *server)
{
    server->identity = dc_webrtc_identity_create();
    server->tcp_fd = -1;
    server->http_fd = listen_on(SOCK_STREAM, &server->http_port);
    server->udp_fd = listen_on(SOCK_DGRAM, &server->udp_port);
    server->tcp_listen_fd = listen_on(SOCK_STREAM, &server->tcp_port);
    assert(pthread_create(&server->thread, NULL, run, server) == 0);
}

void
whep_server_stop(struct whep_server *server)
{
    server->stop = true;
    pthread_join(server->thread, NULL);
    dc_webrtc_peer_destroy(server->peer);
    dc_webrtc_identity_destroy(server->identity);
    close(server->http_fd);
    close(server->udp_fd);
    close(server->tcp_listen_fd);
    if (server->tcp_fd >= 0)
        close(server->tcp_fd);
}
