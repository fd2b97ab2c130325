/* What is common to folding any command, and the commands that a rule says all about. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>
#include <protocol/gles/encoder.h>
#include <protocol/gles/table.h>

#define DC_LOG_COMPONENT "journal"
#include <common/log.h>

#define INLINE_WORDS 0xfff0u // a command of the short form

void
dc_fold_out_of_memory(struct dc_fold *fold)
{
    if (!fold->journal->incomplete)
        dc_error("out of memory: this process cannot be brought to another worker");
    fold->journal->incomplete = true;
}

const void *
dc_fold_blob(const struct dc_fold *fold, uint32_t at, uint32_t *size_bytes)
{
    *size_bytes = 0;
    if (at + 2 > fold->count || fold->w[at + 1] == DC_BLOB_NULL)
        return NULL;
    *size_bytes = fold->w[at];
    if (fold->w[at + 1] == DC_BLOB_INLINE)
        return *size_bytes <= (fold->count - at - 2) * 4 ? fold->w + at + 2 : NULL;
    return fold->content && fold->content->size_bytes >= *size_bytes ? fold->content->data : NULL;
}

struct dc_content *
dc_fold_blob_content(struct dc_fold *fold, uint32_t at)
{
    uint32_t size_bytes;
    const void *data = dc_fold_blob(fold, at, &size_bytes);
    if (fold->content && at + 1 < fold->count && fold->w[at + 1] == DC_BLOB_BULK)
        return dc_content_ref(fold->content);
    struct dc_content *content = data ? dc_content_copy(&fold->journal->contents, data, size_bytes) : NULL;
    if (data && !content)
        dc_fold_out_of_memory(fold);
    return content;
}

/* A command whose data is in the ring, as one that carries it; owned by the caller, NULL: too large, or no memory. */
static uint32_t *
with_data_inline(struct dc_fold *fold, uint32_t blob_at, uint32_t *word_count)
{
    uint32_t size_bytes;
    const void *data = dc_fold_blob(fold, blob_at, &size_bytes);
    uint32_t words = blob_at + 2 + (size_bytes + 3) / 4;
    uint32_t *copy = data && words <= INLINE_WORDS ? calloc(words, 4) : NULL;
    if (!copy)
        return NULL;
    memcpy(copy, fold->w, blob_at * 4);
    copy[0] = words << 16 | fold->op;
    copy[blob_at] = size_bytes;
    copy[blob_at + 1] = DC_BLOB_INLINE;
    memcpy(copy + blob_at + 2, data, size_bytes);
    *word_count = words;
    return copy;
}

struct dc_recipe_entry *
dc_fold_put(struct dc_fold *fold, struct dc_recipe *recipe, uint64_t key)
{
    const uint32_t *words = fold->w;
    uint32_t count = fold->count, *copy = NULL;
    if (__builtin_expect(fold->content != NULL, 0)) {
        words = copy = with_data_inline(fold, dc_op_info(fold->op)->fixed_words, &count);
        if (!copy) {
            dc_fold_out_of_memory(fold);
            return NULL;
        }
    }
    struct dc_recipe_entry *entry = dc_recipe_put(recipe, key, fold->journal->order, words, count);
    if (!entry)
        dc_fold_out_of_memory(fold);
    else if (__builtin_expect(entry->words[0] >> 16 == 0, 0))
        entry->words[0] = count << 16 | fold->op; // the long form was not needed
    free(copy);
    return entry;
}

struct dc_object *
dc_fold_find(const struct dc_fold *fold, enum dc_object_kind kind, uint32_t name)
{
    return dc_objects_find(dc_journal_context_objects(fold->context, kind), kind, name);
}

struct dc_object *
dc_fold_bound(struct dc_fold *fold, enum dc_object_kind kind, uint32_t name)
{
    if (!name)
        return NULL;
    struct dc_object *object = dc_objects_make(dc_journal_context_objects(fold->context, kind), kind, name);
    if (object)
        object->made = true;
    else
        dc_fold_out_of_memory(fold);
    return object;
}

void
dc_fold_mark_lost(struct dc_object *object, const char *why)
{
    for (; object; object = dc_object_source(object)) // and whoever else has this storage
        object->loss = why;
}

static uint64_t
key_of(const struct dc_fold *fold, const struct dc_fold_rule *rule, uint32_t first)
{
    const uint32_t *w = fold->w;
    return dc_recipe_key(rule->same_as ? rule->same_as : fold->op, rule->keys > 0 && first < fold->count ? w[first] : 0,
                         rule->keys > 1 && first + 1 < fold->count ? w[first + 1] : 0);
}

static void
put_into_object(struct dc_fold *fold, const struct dc_fold_rule *rule, struct dc_object *object)
{
    if (object)
        dc_fold_put(fold, &object->recipe, key_of(fold, rule, 2));
}

/* Several sizes of one array are entries of their own: each overrides the others only in part. */
static void
put_uniform(struct dc_fold *fold, struct dc_object *program, uint32_t location)
{
    if (program && program->glsl)
        dc_fold_put(fold, &program->glsl->uniforms, dc_recipe_key(fold->op, location, fold->count));
}

/* Nothing that a framebuffer of the application's has attached is drawn to, or it is known. */
static inline bool
draws_nothing_new(const struct dc_fold *fold)
{
    const struct dc_object *framebuffer = fold->context ? fold->context->draw_framebuffer : NULL;
    return !framebuffer || !framebuffer->name || framebuffer->drawn == fold->journal->generation + 1;
}

static void
fold_command(struct dc_fold *fold, const struct dc_fold_rule *rule)
{
    if (rule->check && !rule->check(fold))
        return;
    if (rule->scope == DC_FOLD_BY_HAND) {
        rule->by_hand(fold);
        return;
    }
    if (!fold->context || fold->count < 2)
        return;
    uint32_t first = fold->w[1];
    switch ((enum dc_fold_scope)rule->scope) {
    case DC_FOLD_CONTEXT:
        dc_fold_put(fold, &fold->context->state, key_of(fold, rule, 1));
        break;
    case DC_FOLD_ARRAY:
        dc_fold_put(fold, &fold->context->array->recipe, key_of(fold, rule, 1));
        break;
    case DC_FOLD_TEXTURE:
        put_into_object(fold, rule, dc_fold_texture(fold, first));
        break;
    case DC_FOLD_FRAMEBUFFER:
        put_into_object(fold, rule, dc_fold_framebuffer(fold, first));
        break;
    case DC_FOLD_RENDERBUFFER:
        if (fold->context->renderbuffer)
            dc_fold_orphan_images(fold, fold->context->renderbuffer, DC_FOLD_ALL_LEVELS);
        put_into_object(fold, rule, fold->context->renderbuffer);
        fold->journal->generation++;
        break;
    case DC_FOLD_SAMPLER:
        put_into_object(fold, rule, dc_fold_find(fold, DC_OBJECT_SAMPLER, first));
        break;
    case DC_FOLD_PIPELINE:
        put_into_object(fold, rule, dc_fold_find(fold, DC_OBJECT_PIPELINE, first));
        break;
    case DC_FOLD_PROGRAM:
        put_into_object(fold, rule, dc_fold_find(fold, DC_OBJECT_GLSL, first));
        break;
    case DC_FOLD_UNIFORM:
        put_uniform(fold, fold->context->program, first);
        break;
    case DC_FOLD_PROGRAM_UNIFORM:
        put_uniform(fold, dc_fold_find(fold, DC_OBJECT_GLSL, first), fold->w[2]);
        break;
    case DC_FOLD_DRAW:
        dc_fold_mark_drawn(fold);
        break;
    default:
        break;
    }
}

/* Filters of debug messages; later ones override earlier ones in part, so each has a place of its own. */
void
dc_fold_debug_control(struct dc_fold *fold)
{
    uint32_t hash = 0;
    if (!fold->context)
        return;
    for (uint32_t i = 1; i < fold->count; i++)
        hash = (hash ^ fold->w[i]) * 0x01000193u + i;
    dc_fold_put(fold, &fold->context->state, dc_recipe_key(fold->op, hash, fold->count));
}

static struct dc_journal_context *
find_context(struct dc_journal *journal, uint32_t id)
{
    struct dc_journal_context *context = journal->contexts;
    while (context && context->id != id)
        context = context->next;
    return context;
}

void
dc_fold_batch(struct dc_journal *journal, const struct dc_log_batch *batch)
{
    struct dc_fold fold = { .journal = journal };
    fold.context = batch->context_id ? find_context(journal, batch->context_id) : NULL;
    for (uint32_t at = 0; at < batch->word_count;) {
        const uint32_t *w = batch->words + at;
        uint32_t left = batch->word_count - at, length = w[0] >> 16, skip = 0;
        if (!length) {
            length = left > 1 ? w[1] : 0;
            skip = 1;
        }
        if (length < 1 + skip || length > left)
            return; // the worker ends this ring
        fold.op = w[0] & 0xffff;
        fold.w = w + skip;
        fold.count = length - skip;
        fold.content = at + length == batch->word_count ? batch->content : NULL;
        at += length;
        const struct dc_fold_rule *rule = fold.op < DC_OP_END ? &dc_fold_rules[fold.op] : &dc_fold_rules[0];
        if (rule->scope <= DC_FOLD_NOTHING || (rule->scope == DC_FOLD_DRAW && draws_nothing_new(&fold)))
            continue;
        journal->order++;
        fold_command(&fold, rule);
    }
}
