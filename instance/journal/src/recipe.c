#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "object.h"

static uint32_t
hash(uint64_t key)
{
    key *= 0x9e3779b97f4a7c15ull;
    return (uint32_t)(key >> 32);
}

static void
forget_ref(struct dc_recipe_entry *entry)
{
    if (entry->ref)
        dc_object_unref(entry->ref);
    entry->ref = NULL;
}

void
dc_recipe_finish(struct dc_recipe *recipe)
{
    for (uint32_t i = 0; i < recipe->count; i++) {
        forget_ref(&recipe->entries[i]);
        free(recipe->entries[i].words);
    }
    free(recipe->entries);
    free(recipe->index);
    *recipe = (struct dc_recipe){ 0 };
}

void
dc_recipe_clear(struct dc_recipe *recipe)
{
    for (uint32_t i = 0; i < recipe->count; i++) {
        forget_ref(&recipe->entries[i]);
        recipe->entries[i].word_count = 0;
    }
}

/* Slot of the key in the index, or the free one where it goes. */
static uint32_t *
slot_of(const struct dc_recipe *recipe, uint64_t key)
{
    uint32_t mask = recipe->index_size - 1, at = hash(key) & mask;
    while (recipe->index[at] && recipe->entries[recipe->index[at] - 1].key != key)
        at = (at + 1) & mask;
    return &recipe->index[at];
}

struct dc_recipe_entry *
dc_recipe_find(const struct dc_recipe *recipe, uint64_t key)
{
    uint32_t at = recipe->index_size ? *slot_of(recipe, key) : 0;
    return at && recipe->entries[at - 1].word_count ? &recipe->entries[at - 1] : NULL;
}

static bool
grow(struct dc_recipe *recipe)
{
    uint32_t capacity = recipe->capacity ? recipe->capacity * 2 : 8;
    struct dc_recipe_entry *entries = realloc(recipe->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    recipe->entries = entries;
    uint32_t *index = calloc((size_t)capacity * 2, sizeof *index);
    if (!index)
        return false;
    free(recipe->index);
    recipe->index = index;
    recipe->index_size = capacity * 2;
    recipe->capacity = capacity;
    for (uint32_t i = 0; i < recipe->count; i++)
        *slot_of(recipe, entries[i].key) = i + 1;
    return true;
}

static struct dc_recipe_entry *
add(struct dc_recipe *recipe, uint64_t key)
{
    if (recipe->count == recipe->capacity && !grow(recipe))
        return NULL;
    struct dc_recipe_entry *entry = &recipe->entries[recipe->count++];
    *entry = (struct dc_recipe_entry){ .key = key };
    *slot_of(recipe, key) = recipe->count;
    return entry;
}

struct dc_recipe_entry *
dc_recipe_put(struct dc_recipe *recipe, uint64_t key, uint64_t order, const uint32_t *words, size_t word_count)
{
    uint32_t at = recipe->index_size ? *slot_of(recipe, key) : 0;
    struct dc_recipe_entry *entry = at ? &recipe->entries[at - 1] : add(recipe, key);
    if (!entry)
        return NULL;
    if (entry->capacity < word_count) {
        uint32_t *grown = realloc(entry->words, word_count * 4);
        if (!grown)
            return NULL;
        entry->words = grown;
        entry->capacity = (uint32_t)word_count;
    }
    forget_ref(entry);
    memcpy(entry->words, words, word_count * 4);
    entry->word_count = (uint32_t)word_count;
    entry->order = order;
    return entry;
}

void
dc_recipe_set_ref(struct dc_recipe_entry *entry, struct dc_object *object, uint32_t name_at)
{
    entry->ref = object ? dc_object_ref(object) : NULL;
    entry->name_at = name_at;
}

void
dc_recipe_void(struct dc_recipe *recipe, uint64_t key)
{
    struct dc_recipe_entry *entry = dc_recipe_find(recipe, key);
    if (!entry)
        return;
    entry->word_count = 0;
    forget_ref(entry);
}

void
dc_recipe_drop_ref(struct dc_recipe *recipe, const struct dc_object *object)
{
    for (uint32_t i = 0; i < recipe->count; i++) {
        struct dc_recipe_entry *entry = &recipe->entries[i];
        if (entry->ref == object && entry->word_count) {
            entry->word_count = 0;
            forget_ref(entry);
        }
    }
}

static int
by_order(const void *a, const void *b)
{
    uint64_t x = (*(struct dc_recipe_entry *const *)a)->order, y = (*(struct dc_recipe_entry *const *)b)->order;
    return (x > y) - (x < y);
}

struct dc_recipe_entry **
dc_recipe_sorted(const struct dc_recipe *recipe)
{
    struct dc_recipe_entry **list = malloc((recipe->count + 1) * sizeof *list);
    uint32_t count = 0;
    if (!list)
        return NULL;
    for (uint32_t i = 0; i < recipe->count; i++) {
        if (recipe->entries[i].word_count)
            list[count++] = &recipe->entries[i];
    }
    qsort(list, count, sizeof *list, by_order);
    list[count] = NULL;
    return list;
}
