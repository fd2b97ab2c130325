#include "program_binary.h"

#include <string.h>

#include <common/wire.h>
#include <protocol/gles/profile.h>
#include <protocol/gles/reflection.h>

#include "gl.h"
#include "result_key.h"

#define MAGIC 0x42504344u // "DCPB"
#define VERSION 1u
#define HEAD_BYTES 32u
#define SETTINGS_MAX 4096u
#define SOURCE_MAX_BYTES (16u << 20) // as glShaderSource takes it
#define NAMES_MAX_BYTES (1u << 20)   // as glTransformFeedbackVaryings takes them

uint64_t
dc_program_binary_driver(const struct dc_profile *profile)
{
    struct dc_result_key key = { 0 };
    for (uint32_t i = 0; i < DC_PROFILE_STRING_COUNT; i++) {
        const char *string = profile->strings[i] ? profile->strings[i] : "";
        key = dc_result_key_fold(key, string, strlen(string));
    }
    return key.low;
}

static void
write_text(struct dc_writer *w, const struct dc_glsl_text *text)
{
    dc_writer_u32le(w, text ? (uint32_t)text->size_bytes : 0);
    if (text)
        dc_writer_bytes(w, text->data, text->size_bytes);
}

static void
write_inputs(struct dc_writer *w, const struct dc_reflection *reflection)
{
    const struct dc_interface *inputs = dc_reflection_interface(reflection, GL_PROGRAM_INPUT);
    uint32_t count = 0;
    for (uint32_t i = 0; inputs && i < inputs->count; i++)
        count += inputs->resources[i].prop[DC_PROP_LOCATION] >= 0;
    dc_writer_u32le(w, count);
    for (uint32_t i = 0; inputs && i < inputs->count; i++) {
        if (inputs->resources[i].prop[DC_PROP_LOCATION] < 0)
            continue;
        dc_writer_u32le(w, (uint32_t)inputs->resources[i].prop[DC_PROP_LOCATION]);
        dc_writer_string(w, inputs->resources[i].name);
    }
}

void
dc_program_binary_pack(struct dc_writer *w, uint64_t driver, const struct dc_link_recipe *recipe,
                       const struct dc_reflection *reflection)
{
    struct dc_writer body;
    dc_writer_init(&body);
    dc_writer_u32le(&body, recipe->separable);
    dc_writer_u32le(&body, recipe->stage_count);
    for (uint32_t i = 0; i < recipe->stage_count; i++) {
        dc_writer_u32le(&body, recipe->stages[i].type);
        write_text(&body, recipe->stages[i].source);
    }
    dc_writer_u32le(&body, recipe->settings.count);
    for (uint32_t i = 0; i < recipe->settings.count; i++) {
        const struct dc_link_setting *setting = &recipe->settings.list[i];
        dc_writer_u32le(&body, setting->kind);
        dc_writer_u32le(&body, setting->numbers[0]);
        dc_writer_u32le(&body, setting->numbers[1]);
        write_text(&body, setting->text);
    }
    write_inputs(&body, reflection);
    struct dc_result_key digest = dc_result_key_fold((struct dc_result_key){ 0 }, body.data, body.size_bytes);
    dc_writer_u32le(w, MAGIC);
    dc_writer_u32le(w, VERSION);
    dc_writer_u64le(w, driver);
    dc_writer_u64le(w, digest.low);
    dc_writer_u64le(w, digest.high);
    dc_writer_bytes(w, body.data, body.size_bytes);
    w->failed = w->failed || body.failed;
    dc_writer_finish(&body);
}

/* NULL: malformed or out of memory. */
static struct dc_glsl_text *
read_text(struct dc_reader *r, uint32_t most_bytes)
{
    uint32_t size_bytes = 0;
    const char *data = dc_reader_string(r, &size_bytes);
    return r->failed || size_bytes > most_bytes ? 0 : dc_glsl_text_create(data, size_bytes);
}

static bool
read_stages(struct dc_reader *r, struct dc_link_recipe *recipe)
{
    recipe->separable = dc_reader_u32le(r) != 0;
    uint32_t count = dc_reader_u32le(r);
    bool good = count >= 1 && count <= DC_LINK_STAGES;
    for (uint32_t i = 0; good && i < count; i++) {
        uint32_t type = dc_reader_u32le(r);
        struct dc_glsl_text *source = read_text(r, SOURCE_MAX_BYTES);
        for (uint32_t k = 0; k < i; k++)
            good = good && recipe->stages[k].type != type;
        good = source && good && dc_link_recipe_add(recipe, type, source);
        dc_glsl_text_unref(source);
    }
    return good;
}

/* A name ends where its text ends; varyings are as many names as were counted. */
static bool
is_text_good(const struct dc_link_setting *setting)
{
    const struct dc_glsl_text *text = setting->text;
    uint32_t ends = 0;
    for (size_t i = 0; i < text->size_bytes; i++)
        ends += text->data[i] == 0;
    if (setting->kind != DC_LINK_VARYINGS)
        return ends == 0;
    return ends == setting->numbers[1] && (!text->size_bytes || text->data[text->size_bytes - 1] == 0);
}

static bool
read_settings(struct dc_reader *r, struct dc_link_settings *settings, bool are_inputs)
{
    uint32_t count = dc_reader_u32le(r);
    bool good = count <= SETTINGS_MAX;
    for (uint32_t i = 0; good && i < count; i++) {
        struct dc_link_setting setting = { .kind = are_inputs ? DC_LINK_ATTRIB : dc_reader_u32le(r) };
        setting.numbers[0] = dc_reader_u32le(r);
        setting.numbers[1] = are_inputs ? 0 : dc_reader_u32le(r);
        setting.text = read_text(r, NAMES_MAX_BYTES);
        good = setting.text && setting.kind < DC_LINK_KINDS && is_text_good(&setting) &&
               !dc_link_settings_find(settings, &setting) && dc_link_settings_put(settings, &setting);
        dc_glsl_text_unref(setting.text);
    }
    return good;
}

bool
dc_program_binary_unpack(struct dc_program_binary *binary, uint64_t driver, const void *data, size_t size_bytes)
{
    struct dc_reader r;
    dc_reader_init(&r, data, size_bytes);
    *binary = (struct dc_program_binary){ 0 };
    bool good = size_bytes <= DC_PROGRAM_BINARY_MAX_BYTES && size_bytes > HEAD_BYTES && dc_reader_u32le(&r) == MAGIC &&
                dc_reader_u32le(&r) == VERSION && dc_reader_u64le(&r) == driver;
    if (!good)
        return false;
    struct dc_result_key said = { .low = dc_reader_u64le(&r) };
    said.high = dc_reader_u64le(&r);
    struct dc_result_key is = dc_result_key_fold((struct dc_result_key){ 0 }, (const uint8_t *)data + HEAD_BYTES,
                                                 size_bytes - HEAD_BYTES);
    good = dc_result_key_equal(said, is) && read_stages(&r, &binary->recipe) &&
           read_settings(&r, &binary->recipe.settings, false) && read_settings(&r, &binary->inputs, true) && !r.failed &&
           dc_reader_left(&r) == 0;
    if (!good)
        dc_program_binary_finish(binary);
    return good;
}

void
dc_program_binary_finish(struct dc_program_binary *binary)
{
    dc_link_recipe_finish(&binary->recipe);
    dc_link_settings_finish(&binary->inputs);
}
