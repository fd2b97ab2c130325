#include "link_recipe.h"

#include <stdlib.h>
#include <string.h>

#include "result_key.h"

struct dc_glsl_text *
dc_glsl_text_create(const char *data, size_t size_bytes)
{
    struct dc_glsl_text *text = malloc(sizeof *text + size_bytes + 1);
    if (!text)
        return 0;
    *text = (struct dc_glsl_text){ 1, size_bytes };
    if (size_bytes)
        memcpy(text->data, data, size_bytes);
    text->data[size_bytes] = 0;
    return text;
}

struct dc_glsl_text *
dc_glsl_text_ref(struct dc_glsl_text *text)
{
    if (text)
        text->refs++;
    return text;
}

void
dc_glsl_text_unref(struct dc_glsl_text *text)
{
    if (text && --text->refs == 0)
        free(text);
}

/* Of each there is one: varyings; a name's attribute location; a name's output, however it was said. */
static bool
says_the_same(const struct dc_link_setting *a, const struct dc_link_setting *b)
{
    uint32_t kind_a = a->kind == DC_LINK_OUTPUT_INDEXED ? DC_LINK_OUTPUT : a->kind;
    uint32_t kind_b = b->kind == DC_LINK_OUTPUT_INDEXED ? DC_LINK_OUTPUT : b->kind;
    if (kind_a != kind_b || kind_a == DC_LINK_VARYINGS)
        return kind_a == kind_b;
    return a->text->size_bytes == b->text->size_bytes && memcmp(a->text->data, b->text->data, a->text->size_bytes) == 0;
}

const struct dc_link_setting *
dc_link_settings_find(const struct dc_link_settings *settings, const struct dc_link_setting *setting)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        if (says_the_same(&settings->list[i], setting))
            return &settings->list[i];
    }
    return 0;
}

bool
dc_link_settings_put(struct dc_link_settings *settings, const struct dc_link_setting *setting)
{
    const struct dc_link_setting *said = dc_link_settings_find(settings, setting);
    uint32_t at = said ? (uint32_t)(said - settings->list) : settings->count;
    if (at == settings->capacity) {
        uint32_t capacity = settings->capacity ? settings->capacity * 2 : 4;
        struct dc_link_setting *list = realloc(settings->list, capacity * sizeof *list);
        if (!list)
            return false;
        settings->list = list;
        settings->capacity = capacity;
    }
    dc_glsl_text_ref(setting->text);
    if (said)
        dc_glsl_text_unref(settings->list[at].text);
    else
        settings->count++;
    settings->list[at] = *setting;
    return true;
}

bool
dc_link_settings_copy(struct dc_link_settings *to, const struct dc_link_settings *from)
{
    bool good = true;
    for (uint32_t i = 0; i < from->count; i++)
        good = dc_link_settings_put(to, &from->list[i]) && good;
    return good;
}

void
dc_link_settings_finish(struct dc_link_settings *settings)
{
    for (uint32_t i = 0; i < settings->count; i++)
        dc_glsl_text_unref(settings->list[i].text);
    free(settings->list);
    *settings = (struct dc_link_settings){ 0 };
}

struct dc_result_key
dc_link_settings_fold(const struct dc_link_settings *settings, struct dc_result_key key)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        const struct dc_link_setting *setting = &settings->list[i];
        const uint32_t numbers[3] = { setting->kind, setting->numbers[0], setting->numbers[1] };
        key = dc_result_key_fold(key, numbers, sizeof numbers);
        key = dc_result_key_fold(key, setting->text->data, setting->text->size_bytes);
    }
    return key;
}

bool
dc_link_recipe_add(struct dc_link_recipe *recipe, uint32_t type, struct dc_glsl_text *source)
{
    if (recipe->stage_count == DC_LINK_STAGES)
        return false;
    recipe->stages[recipe->stage_count++] = (struct dc_link_stage){ type, dc_glsl_text_ref(source) };
    return true;
}

void
dc_link_recipe_finish(struct dc_link_recipe *recipe)
{
    for (uint32_t i = 0; i < recipe->stage_count; i++)
        dc_glsl_text_unref(recipe->stages[i].source);
    dc_link_settings_finish(&recipe->settings);
    *recipe = (struct dc_link_recipe){ 0 };
}
