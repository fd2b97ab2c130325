#ifndef DC_RENDERER_GLES_LEDGER_H
#define DC_RENDERER_GLES_LEDGER_H
/*
 * Bytes of buffers, textures and renderbuffers, as far as the commands tell: what the driver keeps beyond that, and for how
 * long, is its own affair (docs/security.md). One ledger per worker, counted by all of its rings; one table per share
 * group, by the driver's names, on its executor's thread.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_exec;

struct dc_ledger {
    atomic_uint_fast64_t bytes;
    uint64_t limit_bytes; // constant
};

/* false: that would be beyond the limit, and nothing is taken. */
bool dc_ledger_take(struct dc_ledger *ledger, uint64_t bytes);
void dc_ledger_give(struct dc_ledger *ledger, uint64_t bytes);

enum dc_ledger_kind { DC_LEDGER_BUFFER, DC_LEDGER_RENDERBUFFER, DC_LEDGER_TEXTURE };
// Parts of a texture: face << 4 | level, and
#define DC_LEDGER_STORAGE 0x80u // glTexStorage*
#define DC_LEDGER_MIPMAPS 0x81u // glGenerateMipmap

struct dc_ledger_slot { uint64_t key, bytes; };

struct dc_ledger_table {
    struct dc_ledger_slot *slots; // owned; key 0: free, bytes 0: given back
    uint32_t size, used;
};

/* A change under way. */
struct dc_ledger_change { uint64_t key, before, after; };

/* Around a call that gives an object's part another size. begin: false if the worker's bytes do not suffice: GL_OUT_OF_MEMORY
 * is raised, do not call. end: what the driver refused is not counted. driver 0: an object that is not counted. */
bool dc_ledger_begin(struct dc_exec *x, struct dc_ledger_change *change, enum dc_ledger_kind kind, uint32_t driver,
                     uint32_t part, uint64_t bytes);
void dc_ledger_end(struct dc_exec *x, const struct dc_ledger_change *change);
/* What is counted for it; 0: nothing. */
uint64_t dc_ledger_get(const struct dc_ledger_table *table, enum dc_ledger_kind kind, uint32_t driver, uint32_t part);
/* The object is deleted. */
void dc_ledger_forget(struct dc_exec *x, enum dc_ledger_kind kind, uint32_t driver);
/* The share group ends. */
void dc_ledger_table_finish(struct dc_ledger_table *table, struct dc_ledger *ledger);

#endif
