#ifndef DC_FRONTEND_GLES_CLIENT_CACHE_H
#define DC_FRONTEND_GLES_CLIENT_CACHE_H
/*
 * What the worker keeps of a context's client arrays (protocol/gles/client_range.h), and whether a range is worth
 * keeping. A range is kept when the same bytes are drawn a second time, and goes when it was not drawn for a while and
 * others need its room: where more is drawn in turn than can be kept, some of it is kept and the rest is sent, instead of
 * all of it replacing each other. Ranges that differ at every draw are soon not even hashed: each address remembers how
 * often in a row its bytes were new, and after that is left alone for a while.
 * Belongs to the thread on which its context is current.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/gles/client_range.h>

#include "range_hash.h"

/* Smaller ranges are sent with the draw: naming a kept one takes as many bytes. docs/performance.md has the figures. */
#define DC_CLIENT_CACHE_MIN_BYTES 256u

enum dc_client_fate {
    DC_CLIENT_SEND,  // send it for this draw
    DC_CLIENT_STORE, // send it to the slot, where it stays
    DC_CLIENT_HAVE,  // the slot has it
};

struct dc_client_cache;

/* NULL: out of memory. */
struct dc_client_cache *dc_client_cache_create(void);
/* Accepts NULL. */
void dc_client_cache_destroy(struct dc_client_cache *cache);
/* A draw begins: what it uses is not evicted for its other ranges. */
void dc_client_cache_begin_draw(struct dc_client_cache *cache);
/*
 * What to do with `size_bytes` at `data` that the draw reads; `key` is where the application has them, `pad_bytes` room
 * that the worker must have before them. DC_CLIENT_STORE: first send dcClientEvict for all that
 * dc_client_cache_take_evicted() names.
 */
enum dc_client_fate dc_client_cache_look(struct dc_client_cache *cache, const void *key, const void *data,
                                         uint32_t size_bytes, uint32_t pad_bytes, uint32_t *slot);
/* The next slot that had to go, 0 when there is none. */
uint32_t dc_client_cache_take_evicted(struct dc_client_cache *cache);

#endif
