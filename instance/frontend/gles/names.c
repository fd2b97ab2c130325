#include "names.h"

#include <stdlib.h>
#include <string.h>

void
dc_names_init(struct dc_names *names)
{
    memset(names, 0, sizeof *names);
}

void
dc_names_finish(struct dc_names *names)
{
    for (unsigned i = 0; i < 1024; i++) {
        if (!names->root[i])
            continue;
        for (unsigned k = 0; k < DC_NAMES_LEAF; k++)
            free(names->root[i][k]);
        free(names->root[i]);
    }
    dc_names_init(names);
}

bool
dc_names_set(struct dc_names *names, uint32_t name, void *value)
{
    void ***middle = names->root[name >> 22];
    if (!middle) {
        middle = calloc(DC_NAMES_LEAF, sizeof *middle);
        if (!middle)
            return false;
        __atomic_store_n(&names->root[name >> 22], middle, __ATOMIC_RELEASE);
    }
    void **leaf = middle[(name >> 11) & 2047];
    if (!leaf) {
        leaf = calloc(DC_NAMES_LEAF, sizeof *leaf);
        if (!leaf)
            return false;
        __atomic_store_n(&middle[(name >> 11) & 2047], leaf, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&leaf[name & 2047], value, __ATOMIC_RELEASE);
    if (value != DC_NAME_FREE && name > names->max)
        names->max = name;
    if (value == DC_NAME_FREE && name < names->hint)
        names->hint = name;
    return true;
}

/* First of `count` free names in a row, 0 if there is no such run. */
static uint32_t
find_block(struct dc_names *names, uint32_t count)
{
    if (names->max < DC_NAMES_DENSE && count <= DC_NAMES_DENSE)
        return names->max + 1;
    uint32_t start = names->hint > 0 ? names->hint : 1, run = 0;
    for (uint64_t name = start; name <= UINT32_MAX; name++) {
        run = dc_names_get(names, (uint32_t)name) == DC_NAME_FREE ? run + 1 : 0;
        if (run == count) {
            // Only single names move the hint: a longer run may have stepped over holes.
            if (count == 1)
                names->hint = (uint32_t)name;
            return (uint32_t)name - count + 1;
        }
    }
    return 0;
}

bool
dc_names_generate(struct dc_names *names, uint32_t count, uint32_t *out, void *value)
{
    if (!count)
        return true;
    uint32_t first = find_block(names, count);
    if (!first)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!dc_names_set(names, first + i, value)) {
            while (i-- > 0)
                dc_names_set(names, first + i, DC_NAME_FREE);
            return false;
        }
        out[i] = first + i;
    }
    return true;
}

void
dc_names_each(const struct dc_names *names, void (*each)(void *user, uint32_t name, void *value), void *user)
{
    for (uint32_t i = 0; i < 1024; i++) {
        for (uint32_t k = 0; names->root[i] && k < DC_NAMES_LEAF; k++) {
            void **leaf = names->root[i][k];
            for (uint32_t n = 0; leaf && n < DC_NAMES_LEAF; n++) {
                if (leaf[n] != DC_NAME_FREE)
                    each(user, i << 22 | k << 11 | n, leaf[n]);
            }
        }
    }
}
