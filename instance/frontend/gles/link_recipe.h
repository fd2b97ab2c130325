#ifndef DC_FRONTEND_GLES_LINK_RECIPE_H
#define DC_FRONTEND_GLES_LINK_RECIPE_H
/*
 * What a program is linked from: the sources of its shaders, and what was set before that decides the link. A program
 * keeps the one of its last link, so that it can be linked again elsewhere, whatever became of its shaders
 * (program_binary.h). Nothing here locks; that of programs and shaders is protected by their share group's lock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/result_key.h>

/* A shader's source, shared by the shader and the programs that were linked from it. */
struct dc_glsl_text {
    uint32_t refs;
    size_t size_bytes;
    char data[]; // and a terminator
};

/* Copies; referenced once. NULL: out of memory. */
struct dc_glsl_text *dc_glsl_text_create(const char *data, size_t size_bytes);
struct dc_glsl_text *dc_glsl_text_ref(struct dc_glsl_text *text); // NULL gives NULL
void dc_glsl_text_unref(struct dc_glsl_text *text);

enum dc_link_setting_kind {
    DC_LINK_ATTRIB,         // numbers: location
    DC_LINK_OUTPUT,         // numbers: colour, as glBindFragDataLocationEXT says it
    DC_LINK_OUTPUT_INDEXED, // numbers: colour, index
    DC_LINK_VARYINGS,       // numbers: mode, count; text: so many terminated names
    DC_LINK_KINDS,
};

struct dc_link_setting {
    uint32_t kind;
    uint32_t numbers[2];
    struct dc_glsl_text *text; // the name
};

struct dc_link_settings {
    struct dc_link_setting *list; // owned; in the order in which each was first said
    uint32_t count, capacity;
};

/* Replaces what was said about the same name. false: out of memory. */
bool dc_link_settings_put(struct dc_link_settings *settings, const struct dc_link_setting *setting);
bool dc_link_settings_copy(struct dc_link_settings *to, const struct dc_link_settings *from);
void dc_link_settings_finish(struct dc_link_settings *settings);
/* What was said about the name of `setting`; NULL: nothing. */
const struct dc_link_setting *dc_link_settings_find(const struct dc_link_settings *settings,
                                                    const struct dc_link_setting *setting);
struct dc_result_key dc_link_settings_fold(const struct dc_link_settings *settings, struct dc_result_key key);

#define DC_LINK_STAGES 6 // kinds of shaders

struct dc_link_recipe {
    struct dc_link_stage {
        uint32_t type;
        struct dc_glsl_text *source;
    } stages[DC_LINK_STAGES];
    uint32_t stage_count;
    bool separable;
    struct dc_link_settings settings;
};

/* Takes a reference. false: no room. */
bool dc_link_recipe_add(struct dc_link_recipe *recipe, uint32_t type, struct dc_glsl_text *source);
void dc_link_recipe_finish(struct dc_link_recipe *recipe);

#endif
