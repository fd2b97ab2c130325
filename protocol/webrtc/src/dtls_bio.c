#include <string.h>

#include <pthread.h>

#include "dtls.h"

static int
bio_write(BIO *bio, const char *data, int size_bytes)
{
    struct dc_dtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    dtls->send(dtls->user, (const uint8_t *)data, (size_t)size_bytes);
    return size_bytes;
}

/* A datagram is read at once or cut, as a socket does it. */
static int
bio_read(BIO *bio, char *data, int capacity)
{
    struct dc_dtls *dtls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!dtls->in) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t size_bytes = dtls->in_bytes < (size_t)capacity ? dtls->in_bytes : (size_t)capacity;
    memcpy(data, dtls->in, size_bytes);
    dtls->in = NULL;
    return (int)size_bytes;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: // timers are the caller's
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return DC_DTLS_MTU_BYTES;
    default:
        return 0;
    }
}

static BIO_METHOD *method;

static void
create_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "droidcloud datagram");
    if (!method)
        return;
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
}

BIO *
dc_dtls_bio_create(struct dc_dtls *dtls)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; // a table of functions, the same for all: no session's state
    pthread_once(&once, create_method);
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio)
        return NULL;
    BIO_set_data(bio, dtls);
    BIO_set_init(bio, 1);
    return bio;
}
