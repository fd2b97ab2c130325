#include "results.h"

#include <stdlib.h>
#include <string.h>

#include <common/wire.h>

#include "../core/process.h"

#define BUCKETS 256u
// A worker that says more is not believed to mean well: it pushes 512 KiB at most, and is replaced a few times at most.
#define RESULTS_MAX 8192u
#define RESULTS_MAX_BYTES (4u << 20)

struct known {
    struct known *next;
    uint32_t type;
    struct dc_result_key key;
    size_t size_bytes;
    uint8_t data[];
};

/* Entries are only ever added, and at the front: readers need no lock. */
struct dc_results {
    struct known *buckets[BUCKETS]; // __atomic
    uint32_t count;                 // whoever delivers pushes, one at a time
    size_t size_bytes;              // likewise
};

static struct dc_results *
table_of(struct dc_process *process)
{
    struct dc_results *results = __atomic_load_n(&process->results, __ATOMIC_ACQUIRE);
    if (!results && (results = calloc(1, sizeof *results)))
        __atomic_store_n(&process->results, results, __ATOMIC_RELEASE);
    return results;
}

void
dc_results_handle_known(struct dc_process *process, uint64_t type, const void *payload, size_t size_bytes)
{
    struct dc_reader r;
    dc_reader_init(&r, payload, size_bytes);
    struct dc_result_key key = { .low = dc_reader_u64le(&r) };
    key.high = dc_reader_u64le(&r);
    struct dc_results *results = table_of(process);
    if (r.failed || !results || results->count >= RESULTS_MAX || !dc_result_key_is_set(key) ||
        (type != DC_REPLY_SHADER && type != DC_REPLY_PROGRAM))
        return;
    size_t data_bytes = dc_reader_left(&r);
    if (data_bytes > RESULTS_MAX_BYTES - results->size_bytes)
        return;
    struct known *known = malloc(sizeof *known + data_bytes);
    if (!known)
        return;
    struct known **bucket = &results->buckets[key.low % BUCKETS];
    *known = (struct known){ *bucket, (uint32_t)type, key, data_bytes };
    memcpy(known->data, dc_reader_bytes(&r, data_bytes), data_bytes);
    __atomic_store_n(bucket, known, __ATOMIC_RELEASE);
    results->count++;
    results->size_bytes += data_bytes;
}

const void *
dc_results_find(struct dc_process *process, uint32_t type, struct dc_result_key key, size_t *size_bytes)
{
    struct dc_results *results = __atomic_load_n(&process->results, __ATOMIC_ACQUIRE);
    if (!results || !dc_result_key_is_set(key))
        return NULL;
    struct known *known = __atomic_load_n(&results->buckets[key.low % BUCKETS], __ATOMIC_ACQUIRE);
    while (known && (known->type != type || !dc_result_key_equal(known->key, key)))
        known = known->next;
    if (known)
        *size_bytes = known->size_bytes;
    return known ? known->data : NULL;
}
