#ifndef DC_JOURNAL_RECIPE_H
#define DC_JOURNAL_RECIPE_H
/*
 * How to bring something into the state it is in: of each kind of command (the key) the last one given, in the order in
 * which they were given last. A command that overrides another one only in part has a key of its own, so that the order
 * gives the right result.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_object;

struct dc_recipe_entry {
    uint64_t key;
    uint64_t order;
    struct dc_object *ref; // owned reference: the object that the commands name; NULL: none
    uint32_t *words;       // owned: one or more whole commands
    uint32_t word_count;   // 0: the entry is void
    uint32_t capacity;
    uint32_t name_at; // the word that has ref's name
};

struct dc_recipe {
    struct dc_recipe_entry *entries; // owned
    uint32_t count, capacity;
    uint32_t *index; // owned, open addressing: entry + 1
    uint32_t index_size;
};

static inline uint64_t
dc_recipe_key(uint32_t op, uint32_t a, uint32_t b)
{
    return (uint64_t)op << 48 | (uint64_t)(b & 0xffff) << 32 | a;
}

void dc_recipe_finish(struct dc_recipe *recipe);
/* Forgets all entries but keeps their memory. */
void dc_recipe_clear(struct dc_recipe *recipe);
/* NULL: there is none. */
struct dc_recipe_entry *dc_recipe_find(const struct dc_recipe *recipe, uint64_t key);
/* The entry of the key with these words and no ref. NULL: out of memory. */
struct dc_recipe_entry *dc_recipe_put(struct dc_recipe *recipe, uint64_t key, uint64_t order, const uint32_t *words,
                                      size_t word_count);
/* The commands name this object, in word `name_at`. */
void dc_recipe_set_ref(struct dc_recipe_entry *entry, struct dc_object *object, uint32_t name_at);
/* As if no such command had been given. */
void dc_recipe_void(struct dc_recipe *recipe, uint64_t key);
/* The object was deleted where the recipe's owner is bound: its entries are void. */
void dc_recipe_drop_ref(struct dc_recipe *recipe, const struct dc_object *object);
/* Entries by order, void ones left out; owned by the caller, NULL-terminated. NULL: out of memory. */
struct dc_recipe_entry **dc_recipe_sorted(const struct dc_recipe *recipe);

#endif
