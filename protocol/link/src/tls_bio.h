#ifndef DC_LINK_TLS_BIO_H
#define DC_LINK_TLS_BIO_H
#include <stdbool.h>
#include <stdint.h>

#include <openssl/bio.h>

struct dc_tls_socket {
    int fd; // borrowed
    bool is_empty; // the last read got all there was
    bool more;     // set before writing: another record follows at once
    uint64_t out_bytes, in_bytes; // __atomic
};

/* A BIO on a non-blocking socket that raises no SIGPIPE and counts. NULL: out of memory. */
BIO *dc_tls_bio_create(struct dc_tls_socket *socket);

#endif
