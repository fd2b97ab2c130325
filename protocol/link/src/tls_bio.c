#include "tls_bio.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

static int
bio_write(BIO *bio, const char *data, int size_bytes)
{
    struct dc_tls_socket *s = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t n = send(s->fd, data, (size_t)size_bytes, MSG_NOSIGNAL | MSG_DONTWAIT | (s->more ? MSG_MORE : 0));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    else if (n > 0)
        __atomic_fetch_add(&s->out_bytes, (uint64_t)n, __ATOMIC_RELAXED);
    return (int)n;
}

static int
bio_read(BIO *bio, char *data, int size_bytes)
{
    struct dc_tls_socket *s = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    ssize_t n = recv(s->fd, data, (size_t)size_bytes, MSG_DONTWAIT);
    s->is_empty = n < size_bytes;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    else if (n > 0)
        __atomic_fetch_add(&s->in_bytes, (uint64_t)n, __ATOMIC_RELAXED);
    else if (n == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)n;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static int
bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static BIO_METHOD *method; // constant after `once`

static void
create_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dc socket");
    if (!method)
        return;
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
    BIO_meth_set_create(method, bio_create);
}

BIO *
dc_tls_bio_create(struct dc_tls_socket *socket)
{
    pthread_once(&once, create_method);
    BIO *bio = method ? BIO_new(method) : NULL;
    if (bio)
        BIO_set_data(bio, socket);
    return bio;
}
