#include "../exec.h"

#include <stdlib.h>

bool
dc_ledger_take(struct dc_ledger *ledger, uint64_t bytes)
{
    if (bytes > ledger->limit_bytes)
        return false;
    uint64_t before = atomic_fetch_add(&ledger->bytes, bytes);
    if (before <= ledger->limit_bytes - bytes)
        return true;
    atomic_fetch_sub(&ledger->bytes, bytes);
    return false;
}

void
dc_ledger_give(struct dc_ledger *ledger, uint64_t bytes)
{
    atomic_fetch_sub(&ledger->bytes, bytes);
}

static uint64_t
key_of(enum dc_ledger_kind kind, uint32_t driver, uint32_t part)
{
    return (uint64_t)(kind + 1) << 40 | (uint64_t)part << 32 | driver;
}

/* The key's slot, or the free one where it would go. The table is not full. */
static struct dc_ledger_slot *
slot_of(const struct dc_ledger_table *table, uint64_t key)
{
    uint32_t i = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & (table->size - 1);
    while (table->slots[i].key && table->slots[i].key != key)
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

static bool
grow(struct dc_ledger_table *table)
{
    uint32_t alive = 0;
    struct dc_ledger_table bigger = { .size = 64 };
    for (uint32_t i = 0; i < table->size; i++)
        alive += table->slots[i].bytes != 0;
    while (bigger.size < alive * 4)
        bigger.size *= 2;
    bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i < table->size; i++) {
        if (table->slots[i].bytes) {
            *slot_of(&bigger, table->slots[i].key) = table->slots[i];
            bigger.used++;
        }
    }
    free(table->slots);
    *table = bigger;
    return true;
}

static uint64_t
find(const struct dc_ledger_table *table, uint64_t key)
{
    return table->size ? slot_of(table, key)->bytes : 0;
}

static bool
set(struct dc_ledger_table *table, uint64_t key, uint64_t bytes)
{
    if (table->used * 2 >= table->size && !grow(table))
        return false;
    struct dc_ledger_slot *slot = slot_of(table, key);
    table->used += !slot->key;
    *slot = (struct dc_ledger_slot){ key, bytes };
    return true;
}

uint64_t
dc_ledger_get(const struct dc_ledger_table *table, enum dc_ledger_kind kind, uint32_t driver, uint32_t part)
{
    return find(table, key_of(kind, driver, part));
}

bool
dc_ledger_begin(struct dc_exec *x, struct dc_ledger_change *change, enum dc_ledger_kind kind, uint32_t driver,
                uint32_t part, uint64_t bytes)
{
    struct dc_ledger_table *table = &x->context->share->sizes;
    *change = (struct dc_ledger_change){ 0 };
    if (!driver)
        return true;
    uint64_t key = key_of(kind, driver, part), before = find(table, key);
    if (bytes == before)
        return true;
    if (bytes > before && !dc_ledger_take(x->ledger, bytes - before)) {
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        return false;
    }
    if (!set(table, key, bytes)) {
        dc_ledger_give(x->ledger, bytes > before ? bytes - before : 0);
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        return false;
    }
    if (bytes < before)
        dc_ledger_give(x->ledger, before - bytes);
    dc_exec_collect_error(x); // what was before
    *change = (struct dc_ledger_change){ key, before, bytes };
    return true;
}

void
dc_ledger_end(struct dc_exec *x, const struct dc_ledger_change *change)
{
    if (!change->key || !dc_exec_collect_error(x) || change->after < change->before)
        return;
    set(&x->context->share->sizes, change->key, change->before);
    dc_ledger_give(x->ledger, change->after - change->before);
}

static void
forget_part(struct dc_exec *x, enum dc_ledger_kind kind, uint32_t driver, uint32_t part)
{
    struct dc_ledger_table *table = &x->context->share->sizes;
    uint64_t key = key_of(kind, driver, part), bytes = find(table, key);
    if (!bytes)
        return;
    slot_of(table, key)->bytes = 0;
    dc_ledger_give(x->ledger, bytes);
}

void
dc_ledger_forget(struct dc_exec *x, enum dc_ledger_kind kind, uint32_t driver)
{
    if (kind != DC_LEDGER_TEXTURE) {
        forget_part(x, kind, driver, 0);
        return;
    }
    for (uint32_t part = 0; part < 6 << 4; part++)
        forget_part(x, kind, driver, part);
    forget_part(x, kind, driver, DC_LEDGER_STORAGE);
    forget_part(x, kind, driver, DC_LEDGER_MIPMAPS);
}

void
dc_ledger_table_finish(struct dc_ledger_table *table, struct dc_ledger *ledger)
{
    for (uint32_t i = 0; i < table->size; i++)
        dc_ledger_give(ledger, table->slots[i].bytes);
    free(table->slots);
    *table = (struct dc_ledger_table){ 0 };
}
