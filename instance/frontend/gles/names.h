#ifndef DC_FRONTEND_GLES_NAMES_H
#define DC_FRONTEND_GLES_NAMES_H
/*
 * Object names of one kind: name → state. Reading takes no lock (bindings look names up on every call); writers hold
 * the share group's lock. What a name stands for is never unmapped before the table itself goes, so a reader that races
 * with a delete sees an old value, not freed memory.
 *
 * Names are given out as Mesa does, one above the highest ever used; above DC_NAMES_DENSE free ones are used again so
 * that an application which makes and deletes objects for hours does not grow the table.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_NAMES_DENSE 65536u

/* Values below DC_NAME_OBJECT are marks, others point to an object. */
#define DC_NAME_FREE ((void *)0)
#define DC_NAME_RESERVED ((void *)1) // generated, never bound
#define DC_NAME_CREATED ((void *)2)  // bound once; nothing to remember about it
#define DC_NAME_OBJECT ((uintptr_t)16)

#define DC_NAMES_LEAF 2048u
struct dc_names {
    void ***root[1024]; // root[name >> 22][(name >> 11) & 2047][name & 2047]; loaded with acquire order
    uint32_t max;       // highest name ever used
    uint32_t hint;      // where to look for a free one
};

void dc_names_init(struct dc_names *names);
void dc_names_finish(struct dc_names *names);

static inline void *
dc_names_get(const struct dc_names *names, uint32_t name)
{
    void ***middle = __atomic_load_n(&names->root[name >> 22], __ATOMIC_ACQUIRE);
    if (!middle)
        return DC_NAME_FREE;
    void **leaf = __atomic_load_n(&middle[(name >> 11) & 2047], __ATOMIC_ACQUIRE);
    return leaf ? __atomic_load_n(&leaf[name & 2047], __ATOMIC_ACQUIRE) : DC_NAME_FREE;
}

/* The object behind the name, NULL if there is none (free, reserved or a mark). */
static inline void *
dc_names_object(const struct dc_names *names, uint32_t name)
{
    void *value = dc_names_get(names, name);
    return (uintptr_t)value >= DC_NAME_OBJECT ? value : 0;
}

/* Bound or created at least once and not deleted. */
static inline bool
dc_names_exists(const struct dc_names *names, uint32_t name)
{
    return name && (uintptr_t)dc_names_get(names, name) > (uintptr_t)DC_NAME_RESERVED;
}

/* false: out of memory. */
bool dc_names_set(struct dc_names *names, uint32_t name, void *value);
/* `count` new names in a row, each set to `value`. false: out of memory, nothing generated. */
bool dc_names_generate(struct dc_names *names, uint32_t count, uint32_t *out, void *value);
/* Calls each(user, name, value) for every name that is not free. */
void dc_names_each(const struct dc_names *names, void (*each)(void *user, uint32_t name, void *value), void *user);

#endif
