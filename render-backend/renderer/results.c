#include "results.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <common/wire.h>
#include <protocol/link/ring.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

#define MAGIC 0x52524344u // "DCRR"
#define RESULT_MAX_BYTES (64u << 10)
#define RESULTS_MAX 4096u
#define FILE_MAX_BYTES (4u << 20)  // a larger one is begun anew
#define PUSH_MAX_BYTES (512u << 10) // to each new ring, which may be far away

struct record {
    uint32_t magic, type;
    uint64_t low, high;
    uint32_t size_bytes, checksum;
};

struct result {
    uint32_t type;
    struct dc_result_key key;
    uint32_t size_bytes;
    uint8_t *data; // owned
};

struct dc_results {
    pthread_mutex_t lock;
    int fd; // owned, for appending; -1: none
    // protected by lock
    struct result *items; // owned, oldest first
    uint32_t count;
    size_t file_bytes;
};

static uint32_t
checksum(const void *data, size_t size_bytes)
{
    const uint8_t *bytes = data;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static size_t
align8(size_t size_bytes)
{
    return (size_bytes + 7) & ~(size_t)7;
}

static struct result *
find(struct dc_results *results, uint32_t type, struct dc_result_key key)
{
    for (uint32_t i = results->count; i-- > 0;) {
        struct result *r = &results->items[i];
        if (r->type == type && dc_result_key_equal(r->key, key))
            return r;
    }
    return NULL;
}

/* Puts it at the end, in the place of an older one. false: out of memory. */
static bool
keep(struct dc_results *results, uint32_t type, struct dc_result_key key, const void *data, uint32_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    if (!copy)
        return false;
    memcpy(copy, data, size_bytes);
    struct result *old = find(results, type, key);
    if (!old && results->count == RESULTS_MAX)
        old = &results->items[0];
    if (old) {
        free(old->data);
        memmove(old, old + 1, (size_t)(results->items + results->count - (old + 1)) * sizeof *old);
        results->count--;
    }
    results->items[results->count++] = (struct result){ type, key, size_bytes, copy };
    return true;
}

/* false: no whole record is there. */
static bool
load_record(struct dc_results *results, struct dc_reader *r)
{
    struct record head = { .magic = dc_reader_u32le(r), .type = dc_reader_u32le(r) };
    head.low = dc_reader_u64le(r);
    head.high = dc_reader_u64le(r);
    head.size_bytes = dc_reader_u32le(r);
    head.checksum = dc_reader_u32le(r);
    if (r->failed || head.magic != MAGIC || head.size_bytes > RESULT_MAX_BYTES)
        return false;
    const void *data = dc_reader_bytes(r, head.size_bytes);
    dc_reader_bytes(r, align8(head.size_bytes) - head.size_bytes);
    if (r->failed || checksum(data, head.size_bytes) != head.checksum ||
        (head.type != DC_REPLY_SHADER && head.type != DC_REPLY_PROGRAM))
        return false;
    return keep(results, head.type, (struct dc_result_key){ head.low, head.high }, data, head.size_bytes);
}

static void
load(struct dc_results *results)
{
    struct stat st;
    if (fstat(results->fd, &st) < 0 || st.st_size <= 0)
        return;
    if (st.st_size > (off_t)FILE_MAX_BYTES) {
        if (ftruncate(results->fd, 0) < 0)
            dc_warn("results of compiles: %s", strerror(errno));
        return;
    }
    uint8_t *data = malloc((size_t)st.st_size);
    ssize_t got = data ? pread(results->fd, data, (size_t)st.st_size, 0) : -1;
    struct dc_reader r;
    dc_reader_init(&r, data, got > 0 ? (size_t)got : 0);
    while (dc_reader_left(&r) && load_record(results, &r))
        ;
    results->file_bytes = got > 0 ? (size_t)got : 0;
    free(data);
}

struct dc_results *
dc_results_create(const char *directory, const char *driver)
{
    struct dc_results *results = calloc(1, sizeof *results);
    if (!results)
        return NULL;
    pthread_mutex_init(&results->lock, NULL);
    results->fd = -1;
    results->items = calloc(RESULTS_MAX, sizeof *results->items);
    if (!results->items) {
        dc_results_destroy(results);
        return NULL;
    }
    char path[PATH_MAX];
    if (directory && snprintf(path, sizeof path, "%s/results-%08x", directory, checksum(driver, strlen(driver))) <
                         (int)sizeof path)
        results->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (results->fd >= 0)
        load(results);
    return results;
}

void
dc_results_destroy(struct dc_results *results)
{
    if (!results)
        return;
    for (uint32_t i = 0; i < results->count; i++)
        free(results->items[i].data);
    free(results->items);
    if (results->fd >= 0)
        close(results->fd);
    pthread_mutex_destroy(&results->lock);
    free(results);
}

/* One write, so that records of two workers never mix. */
static void
append(struct dc_results *results, const struct result *result)
{
    static const uint8_t zeros[8];
    struct record head = { MAGIC, result->type, result->key.low, result->key.high, result->size_bytes,
                           checksum(result->data, result->size_bytes) };
    struct iovec parts[3] = {
        { &head, sizeof head },
        { result->data, result->size_bytes },
        { (void *)zeros, align8(result->size_bytes) - result->size_bytes },
    };
    size_t total = sizeof head + align8(result->size_bytes);
    if (results->fd < 0 || results->file_bytes + total > FILE_MAX_BYTES)
        return;
    if (writev(results->fd, parts, 3) != (ssize_t)total) {
        dc_warn("results of compiles are not kept any more: %s", strerror(errno));
        close(results->fd);
        results->fd = -1;
    }
    results->file_bytes += total;
}

void
dc_results_put(struct dc_results *results, uint32_t type, struct dc_result_key key, const void *data, size_t size_bytes)
{
    if (!results || !dc_result_key_is_set(key) || size_bytes > RESULT_MAX_BYTES)
        return;
    pthread_mutex_lock(&results->lock);
    const struct result *known = find(results, type, key);
    bool same = known && known->size_bytes == size_bytes && memcmp(known->data, data, size_bytes) == 0;
    if (!same && keep(results, type, key, data, (uint32_t)size_bytes))
        append(results, &results->items[results->count - 1]);
    pthread_mutex_unlock(&results->lock);
}

void
dc_results_push(struct dc_results *results, struct dc_exec *x, size_t room_bytes)
{
    uint8_t message[sizeof(uint64_t) * 2 + RESULT_MAX_BYTES];
    size_t left_bytes = room_bytes < PUSH_MAX_BYTES ? room_bytes : PUSH_MAX_BYTES;
    if (!results)
        return;
    pthread_mutex_lock(&results->lock);
    uint32_t count = results->count;
    pthread_mutex_unlock(&results->lock);
    // A frontend that does not read holds up only its own ring, so not under the lock.
    for (uint32_t i = count; i-- > 0;) {
        pthread_mutex_lock(&results->lock);
        bool there = i < results->count;
        uint32_t type = there ? results->items[i].type : 0, size_bytes = there ? results->items[i].size_bytes : 0;
        if (there) {
            memcpy(message, &results->items[i].key.low, 8);
            memcpy(message + 8, &results->items[i].key.high, 8);
            memcpy(message + 16, results->items[i].data, size_bytes);
        }
        pthread_mutex_unlock(&results->lock);
        size_t needed_bytes = sizeof(struct dc_reply_header) + align8(16 + size_bytes);
        if (needed_bytes > left_bytes)
            return;
        left_bytes -= needed_bytes;
        if (there)
            dc_exec_reply(x, DC_REPLY_KNOWN, type, message, 16 + size_bytes);
    }
}
