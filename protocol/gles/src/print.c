#include <protocol/gles/print.h>

#include <inttypes.h>
#include <string.h>

#include <protocol/gles/decoder.h>
#include <protocol/gles/table.h>

#define TEXT_MAX 160   // characters of a text
#define ELEMENTS_MAX 16 // elements of an array

static void
print_enum(FILE *out, uint32_t value)
{
    const char *name = dc_gles_enum_name(value);
    if (name)
        fprintf(out, "%s", name);
    else
        fprintf(out, "0x%x", value);
}

/* Prints a scalar; returns its words. */
static size_t
print_scalar(FILE *out, uint8_t kind, const uint32_t *w)
{
    uint64_t wide = kind == DC_PARAM_U64 || kind == DC_PARAM_I64 ? w[0] | (uint64_t)w[1] << 32 : 0;
    switch (kind) {
    case DC_PARAM_I32:
        fprintf(out, "%" PRId32, (int32_t)w[0]);
        return 1;
    case DC_PARAM_HEX:
        fprintf(out, "0x%" PRIx32, w[0]);
        return 1;
    case DC_PARAM_ENUM:
        print_enum(out, w[0]);
        return 1;
    case DC_PARAM_F32:
        fprintf(out, "%g", (double)dc_decode_f32(w[0]));
        return 1;
    case DC_PARAM_U64:
        fprintf(out, "%" PRIu64, wide);
        return 2;
    case DC_PARAM_I64:
        fprintf(out, "%" PRId64, (int64_t)wide);
        return 2;
    case DC_PARAM_NAME:
        fprintf(out, "#%" PRIu32, w[0]);
        return 1;
    default:
        fprintf(out, "%" PRIu32, w[0]);
        return 1;
    }
}

static void
print_text(FILE *out, const char *text, uint32_t size)
{
    fputc('"', out);
    for (uint32_t i = 0; i < size && i < TEXT_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fprintf(out, size > TEXT_MAX ? "\"… (%" PRIu32 " bytes)" : "\"", size);
}

static void
print_elements(FILE *out, uint8_t kind, const uint32_t *w, uint32_t size)
{
    uint32_t count = size / 4;
    fputc('{', out);
    for (uint32_t i = 0; i < count && i < ELEMENTS_MAX; i++) {
        fputs(i ? ", " : "", out);
        print_scalar(out, kind == DC_PARAM_FLOATS ? DC_PARAM_F32 : kind == DC_PARAM_INTS ? DC_PARAM_I32
                          : kind == DC_PARAM_ENUMS ? DC_PARAM_ENUM : DC_PARAM_U32, w + i);
    }
    fprintf(out, count > ELEMENTS_MAX ? ", … %" PRIu32 " in all}" : "}", count);
}

/* The blob at w, `words` words. false: malformed. */
static bool
print_blob(FILE *out, uint8_t kind, const uint32_t *w, size_t words)
{
    uint32_t size = w[0];
    if (w[1] == DC_BLOB_NULL && words == 2) {
        fputs("NULL", out);
        return true;
    }
    if (w[1] == DC_BLOB_BULK && words == 4) {
        fprintf(out, "%" PRIu32 " bytes at bulk 0x%" PRIx64, size, w[2] | (uint64_t)w[3] << 32);
        return true;
    }
    if (w[1] != DC_BLOB_INLINE || words - 2 != ((size_t)size + 3) / 4)
        return false;
    if (kind == DC_PARAM_TEXT)
        print_text(out, (const char *)(w + 2), size);
    else if (kind == DC_PARAM_BYTES)
        fprintf(out, "%" PRIu32 " bytes", size);
    else
        print_elements(out, kind, w + 2, size);
    return true;
}

static bool
print_command(FILE *out, const char *prefix, uint32_t op, const uint32_t *w, size_t words)
{
    const struct dc_op_info *info = dc_op_info(op);
    bool blob = info && (info->flags & DC_OP_BLOB);
    if (!info || (info->flags & DC_OP_LOCAL)) {
        fprintf(out, "%sunknown command %" PRIu32 ", %zu words\n", prefix, op, words);
        return false;
    }
    if (blob ? words < info->fixed_words + 2u : words != info->fixed_words) {
        fprintf(out, "%s%s: wrong length, %zu words\n", prefix, info->name, words);
        return false;
    }
    fprintf(out, "%s%s(", prefix, info->name);
    size_t at = 1;
    bool ok = true;
    for (uint8_t i = 0; i < info->param_count; i++) {
        const struct dc_param_info *p = &info->params[i];
        fprintf(out, "%s%s=", i ? ", " : "", p->name);
        if (blob && i == info->param_count - 1)
            ok = print_blob(out, p->kind, w + at, words - at);
        else
            at += print_scalar(out, p->kind, w + at);
    }
    fputs(ok ? ")\n" : "malformed data)\n", out);
    return ok;
}

bool
dc_gles_print(FILE *out, const char *prefix, const uint32_t *words, size_t word_count)
{
    for (size_t at = 0; at < word_count;) {
        size_t n = words[at] >> 16, left = word_count - at, skip = 0;
        if (!n) { // long form
            n = left > 1 ? words[at + 1] : 0;
            skip = 1;
        }
        if (n < 1 + skip || n > left) {
            fprintf(out, "%slength runs past its batch\n", prefix);
            return false;
        }
        if (!print_command(out, prefix, words[at] & 0xffff, words + at + skip, n - skip))
            return false;
        at += n;
    }
    return true;
}
