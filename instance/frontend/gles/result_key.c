#include "result_key.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../core/context.h"
#include "glsl_object.h"

enum kind { COMPILE = 1, LINK, CREATE };

struct dc_result_key
dc_result_key_fold(struct dc_result_key key, const void *data, size_t size_bytes)
{
    XXH128_hash_t inner = XXH3_128bits(data, size_bytes);
    const uint64_t both[5] = { key.low, key.high, inner.low64, inner.high64, size_bytes };
    XXH128_hash_t outer = XXH3_128bits(both, sizeof both);
    return (struct dc_result_key){ outer.low64, outer.high64 };
}

/* Different kinds of results, and different versions of the language, never meet. */
static struct dc_result_key
begin(const struct dc_context *context, enum kind kind, uint32_t detail)
{
    const uint32_t head[4] = { kind, context->version_major, context->version_minor, detail };
    return dc_result_key_fold((struct dc_result_key){ 0 }, head, sizeof head);
}

struct dc_result_key
dc_result_key_compile(const struct dc_context *context, const struct dc_glsl_object *shader)
{
    const struct dc_glsl_text *source = shader->source;
    return dc_result_key_fold(begin(context, COMPILE, shader->type), source ? source->data : "", source ? source->size_bytes : 0);
}

struct dc_result_key
dc_result_key_link(const struct dc_context *context, const struct dc_glsl_object *program)
{
    struct dc_result_key key = begin(context, LINK, program->separable);
    key = dc_link_settings_fold(&program->settings, key);
    for (uint32_t i = 0; i < program->attached_count; i++)
        key = dc_result_key_fold(key, &program->attached[i]->result.key, sizeof program->attached[i]->result.key);
    return key;
}

struct dc_result_key
dc_result_key_create(const struct dc_context *context, uint32_t type, const char *source, size_t size_bytes)
{
    return dc_result_key_fold(begin(context, CREATE, type), source, size_bytes);
}
