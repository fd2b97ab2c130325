/*
 * Mutations on command boundaries, for libFuzzer: commands are made up by their shape, dropped, doubled, moved, spliced
 * from another input; an argument becomes another value of its type; lengths and blobs are made to lie. Without
 * libFuzzer (replay) nothing of this is called.
 */
#include <stdbool.h>
#include <string.h>

#include <protocol/gles/encoder.h>

#include "commands.h"

#define MAX_COMMANDS 512u
#define MAX_COMMAND_WORDS 256u

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_size, unsigned seed);

struct input {
    uint32_t *words;
    size_t count, room;
    size_t at[MAX_COMMANDS + 1]; // where commands start; at[commands] is the end
    size_t commands;
};

static uint32_t state;

static uint32_t
roll(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return n ? (state >> 8) % n : 0;
}

static void
find_commands(struct input *in)
{
    size_t at = 0;
    in->commands = 0;
    while (at < in->count && in->commands < MAX_COMMANDS) {
        in->at[in->commands++] = at;
        size_t n = in->words[at] >> 16;
        if (!n)
            n = at + 1 < in->count ? in->words[at + 1] : 1;
        if (!n || n > in->count - at)
            break;
        at += n;
    }
    in->at[in->commands] = at < in->count && in->commands ? in->count : at;
}

static const struct fuzz_command *
shape_of(uint32_t opcode)
{
    for (size_t i = 0; i < fuzz_command_count; i++)
        if (fuzz_commands[i].opcode == opcode)
            return &fuzz_commands[i];
    return NULL;
}

static uint32_t
some_int(void)
{
    static const uint32_t edges[] = { 0, 1, 2, 3, 4, 6, 7, 8, 15, 16, 17, 31, 32, 63, 64, 100, 255, 256, 1024, 4096, 65535,
                                      65536, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x10000000, 0x40000000 };
    return roll(4) ? edges[roll(roll(3) ? 16 : sizeof(edges) / sizeof(edges[0]))] : roll(0x1000000) * 257;
}

static uint32_t
some_value(const struct fuzz_field *field)
{
    static const float floats[] = { 0, 1, -1, 0.5f, 1e30f, -1e30f };
    uint32_t bits;
    switch (field->kind) {
    case FUZZ_NAME:
        return roll(16) ? roll(6) : some_int();
    case FUZZ_BOOL:
        return roll(2);
    case FUZZ_FLOAT:
        memcpy(&bits, &floats[roll(6)], sizeof(bits));
        return roll(8) ? bits : 0x7fc00000; // not a number
    case FUZZ_ENUM: {
        const struct fuzz_values *v = &fuzz_values[roll(12) ? field->values : 0];
        return v->values[roll((uint32_t)v->count)];
    }
    default:
        return some_int();
    }
}

static size_t
put_value(uint32_t *w, const struct fuzz_field *field)
{
    w[0] = some_value(field);
    if (field->kind != FUZZ_WIDE)
        return 1;
    w[1] = roll(8) ? 0 : some_int();
    return 2;
}

static size_t
put_blob(uint32_t *w, const struct fuzz_command *shape)
{
    static const char *const words[] = { "void main(){}", "a", "b[0]", "gl_Position", "a\0b\0c" };
    uint32_t size = roll(6) ? roll(80) : roll(600), n = (size + 3) / 4;
    w[0] = size;
    w[1] = DC_BLOB_INLINE;
    if (!roll(8)) {
        w[0] = 0;
        w[1] = DC_BLOB_NULL;
        return 2;
    }
    if (!roll(4)) {
        w[0] = roll(3) ? roll(40000) : some_int();
        w[1] = roll(12) ? DC_BLOB_BULK : roll(5);
        w[2] = roll(6) ? roll(4096) * 4 : some_int();
        w[3] = roll(16) ? 0 : some_int();
        return 4;
    }
    for (uint32_t i = 0; i < n; i++)
        w[2 + i] = shape->is_names || roll(2) ? roll(shape->is_names ? 8 : 70000) : some_int();
    if (shape->is_text)
        strncpy((char *)(w + 2), words[roll(5)], n * 4);
    return 2 + n;
}

/* A whole command of some kind. Returns its words. */
/* APIs of an input: those of its first command of one alone. */
static uint32_t
apis_of(const struct input *in)
{
    for (size_t i = 0; i < in->commands; i++) {
        const struct fuzz_command *shape = shape_of(in->words[in->at[i]] & 0xffff);
        if (shape && shape->apis < 3)
            return shape->apis;
    }
    return 3;
}

static const struct fuzz_command *
some_shape(uint32_t apis)
{
    const struct fuzz_command *shape;
    do
        shape = &fuzz_commands[roll((uint32_t)fuzz_command_count)];
    while (!(shape->apis & apis));
    return shape;
}

static size_t
make_command(uint32_t w[MAX_COMMAND_WORDS], uint32_t apis)
{
    uint32_t choice = roll(64);
    if (choice < 3) {
        size_t layers = roll(4);
        uint32_t mark = choice ? FUZZ_MARK_BATCH : FUZZ_MARK_PRESENT;
        size_t n = choice ? 2 : 1 + layers * FUZZ_LAYER_WORDS;
        w[0] = (uint32_t)n << 16 | mark;
        for (size_t i = 1; i < n; i++)
            w[i] = roll(8) ? roll(6) : roll(2) ? roll(64) : some_int();
        return n;
    }
    const struct fuzz_command *shape = some_shape(apis);
    size_t n = 1;
    for (int i = 0; i < shape->field_count; i++)
        n += put_value(w + n, &shape->fields[i]);
    if (shape->has_blob)
        n += put_blob(w + n, shape);
    w[0] = (uint32_t)n << 16 | shape->opcode;
    return n;
}

/* Replaces words [from, to) by `n` words. false: no room. */
static bool
replace(struct input *in, size_t from, size_t to, const uint32_t *w, size_t n)
{
    if (in->count - (to - from) + n > in->room)
        return false;
    memmove(in->words + from + n, in->words + to, (in->count - to) * 4);
    memcpy(in->words + from, w, n * 4);
    in->count = in->count - (to - from) + n;
    return true;
}

/* Another value for one argument, or another blob. */
static void
change_argument(struct input *in, size_t at, size_t end)
{
    uint32_t w[MAX_COMMAND_WORDS];
    const struct fuzz_command *shape = shape_of(in->words[at] & 0xffff);
    size_t n = 1, which = shape ? roll(shape->field_count + shape->has_blob * 2u) : 0;
    if (!shape || !(in->words[at] >> 16)) {
        if (end - at > 1)
            in->words[at + 1 + roll((uint32_t)(end - at - 1))] = some_int();
        return;
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        if (at + n + 1 >= end && i < which)
            return;
        if (i == which && at + n + (shape->fields[i].kind == FUZZ_WIDE) < end) {
            put_value(in->words + at + n, &shape->fields[i]);
            return;
        }
        n += shape->fields[i].kind == FUZZ_WIDE ? 2 : 1;
    }
    if (at + n > end)
        return;
    size_t blob = put_blob(w, shape);
    if (replace(in, at + n, end, w, blob))
        in->words[at] = (uint32_t)(n + blob) << 16 | shape->opcode;
}

static void
lie(struct input *in, size_t at, size_t end)
{
    uint32_t *header = &in->words[at];
    if (roll(2))
        *header = (*header & 0xffff) | (roll(2) ? roll(40) : (*header >> 16) + roll(5) - 2) << 16;
    else if (end - at > 1)
        in->words[at + 1 + roll((uint32_t)(end - at - 1))] ^= 1u << roll(32);
}

static void
mutate_once(struct input *in)
{
    uint32_t w[MAX_COMMAND_WORDS];
    find_commands(in);
    size_t which = in->commands ? roll((uint32_t)in->commands) : 0;
    size_t at = in->at[which], end = in->commands ? in->at[which + 1] : at;
    uint32_t what = in->commands ? roll(20) : 0;
    if (what < 8) {
        size_t to = roll(4) ? at : in->count;
        replace(in, to, to, w, make_command(w, apis_of(in)));
    } else if (what < 14) {
        change_argument(in, at, end);
    } else if (what < 16) {
        replace(in, at, end, w, 0);
    } else if (what < 18 && end - at <= MAX_COMMAND_WORDS) {
        memcpy(w, in->words + at, (end - at) * 4);
        size_t to = in->at[roll((uint32_t)in->commands)];
        replace(in, to, to, w, end - at);
    } else {
        lie(in, at, end);
    }
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static uint32_t words[65536];
    state = seed;
    struct input in = { .words = words, .count = size / 4, .room = max_size / 4 };
    if (in.room > sizeof(words) / sizeof(words[0]))
        in.room = sizeof(words) / sizeof(words[0]);
    if (in.count > in.room || !roll(40))
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy(words, data, in.count * 4);
    for (uint32_t times = 1 + roll(roll(3) ? 3 : 16); times; times--)
        mutate_once(&in);
    memcpy(data, words, in.count * 4);
    return in.count * 4;
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                          size_t max_size, unsigned seed)
{
    static uint32_t words[2][65536];
    state = seed;
    if (a_size > sizeof(words[0]) || b_size > sizeof(words[1]))
        return 0;
    struct input in[2] = { { .words = words[0], .count = a_size / 4 }, { .words = words[1], .count = b_size / 4 } };
    memcpy(words[0], a, in[0].count * 4);
    memcpy(words[1], b, in[1].count * 4);
    find_commands(&in[0]);
    find_commands(&in[1]);
    size_t cut = in[0].at[roll((uint32_t)in[0].commands + 1)], from = in[1].at[roll((uint32_t)in[1].commands + 1)];
    size_t tail = in[1].count - from;
    if (cut * 4 > max_size)
        cut = max_size / 4;
    if ((cut + tail) * 4 > max_size)
        tail = max_size / 4 - cut;
    memcpy(out, words[0], cut * 4);
    memcpy(out + cut * 4, words[1] + from, tail * 4);
    return (cut + tail) * 4;
}
