#include "names.h"

#include <stdlib.h>
#include <string.h>

void
dc_names_finish(struct dc_names *names)
{
    free(names->dense);
    free(names->hash);
    *names = (struct dc_names){ 0 };
}

static uint32_t
hash_start(const struct dc_names *names, uint32_t name)
{
    return name * 0x9e3779b1u & (names->hash_size - 1);
}

uint32_t
dc_names_find_hashed(const struct dc_names *names, uint32_t name)
{
    if (!names->hash_size)
        return 0;
    for (uint32_t i = hash_start(names, name); names->hash[i].name; i = (i + 1) & (names->hash_size - 1))
        if (names->hash[i].name == name)
            return names->hash[i].driver;
    return 0;
}

/* Slot of `name`, or the free one where it would go. */
static struct dc_names_slot *
slot_of(struct dc_names *names, uint32_t name)
{
    uint32_t i = hash_start(names, name);
    while (names->hash[i].name && names->hash[i].name != name)
        i = (i + 1) & (names->hash_size - 1);
    return &names->hash[i];
}

/* Rehashes into room for twice what is alive; deleted slots vanish. */
static bool
hash_grow(struct dc_names *names)
{
    uint32_t alive = 0, size = 64;
    for (uint32_t i = 0; i < names->hash_size; i++)
        alive += names->hash[i].driver != 0;
    while (size < alive * 4)
        size *= 2;
    struct dc_names old = *names;
    names->hash = calloc(size, sizeof(*names->hash));
    if (!names->hash) {
        names->hash = old.hash;
        return false;
    }
    names->hash_size = size;
    names->hash_used = alive;
    for (uint32_t i = 0; i < old.hash_size; i++)
        if (old.hash[i].driver)
            *slot_of(names, old.hash[i].name) = old.hash[i];
    free(old.hash);
    return true;
}

static bool
set_hashed(struct dc_names *names, uint32_t name, uint32_t driver)
{
    if ((!names->hash_size || names->hash_used * 2 >= names->hash_size) && !hash_grow(names))
        return false;
    struct dc_names_slot *slot = slot_of(names, name);
    if (!slot->name)
        names->hash_used++;
    names->count += (driver != 0) - (slot->driver != 0);
    *slot = (struct dc_names_slot){ name, driver };
    return true;
}

uint32_t
dc_names_of_driver(const struct dc_names *names, uint32_t driver)
{
    for (uint32_t i = 0; driver && i < names->dense_count; i++) {
        if (names->dense[i] == driver)
            return i;
    }
    for (uint32_t i = 0; driver && i < names->hash_size; i++) {
        if (names->hash[i].name && names->hash[i].driver == driver)
            return names->hash[i].name;
    }
    for (uint32_t i = 1; driver && i <= DC_NAMES_DELETED && i <= names->deleted_count; i++) {
        const struct dc_names_slot *slot = &names->deleted[(names->deleted_count - i) % DC_NAMES_DELETED];
        if (slot->driver == driver)
            return slot->name;
    }
    return 0;
}

bool
dc_names_set(struct dc_names *names, uint32_t name, uint32_t driver)
{
    uint32_t old = driver ? 0 : dc_names_find(names, name);
    if (old)
        names->deleted[names->deleted_count++ % DC_NAMES_DELETED] = (struct dc_names_slot){ name, old };
    if (name >= DC_NAMES_DENSE)
        return (!driver && !dc_names_find_hashed(names, name)) || set_hashed(names, name, driver);
    if (name >= names->dense_count) {
        if (!driver)
            return true;
        uint32_t count = names->dense_count ? names->dense_count : 64;
        while (count <= name)
            count *= 2;
        uint32_t *dense = realloc(names->dense, count * sizeof(*dense));
        if (!dense)
            return false;
        memset(dense + names->dense_count, 0, (count - names->dense_count) * sizeof(*dense));
        names->dense = dense;
        names->dense_count = count;
    }
    names->count += (driver != 0) - (names->dense[name] != 0);
    names->dense[name] = driver;
    return true;
}
