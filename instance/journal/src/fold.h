#ifndef DC_JOURNAL_FOLD_H
#define DC_JOURNAL_FOLD_H
/* Folding: what one command of the stream changes in the state. Which command is handled how: fold_table.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "context.h"
#include "frame_log.h"

struct dc_journal {
    struct dc_contents contents;
    struct dc_frame_log log;
    struct dc_group *groups;             // owned
    struct dc_journal_context *contexts; // owned, in order of creation
    struct dc_journal_surface *surfaces; // owned, in order of creation
    struct dc_objects images;            // EGLImages; on the supervisor's ring pictures of windows
    uint64_t order;      // counts commands
    uint64_t generation; // counts changes of storage that framebuffers may have attached
    bool incomplete;     // out of memory once: what it would recreate is wrong
};

/* One command being folded. */
struct dc_fold {
    struct dc_journal *journal;
    struct dc_journal_context *context; // the batch's; NULL: none
    const uint32_t *w;  // header and arguments (of the long form: from the second word on)
    uint32_t op, count; // words
    struct dc_content *content; // data of its blob in the ring, if that is where it is; borrowed
};

enum dc_fold_scope {
    DC_FOLD_UNKNOWN,     // nobody has said: a test fails
    DC_FOLD_NOTHING,     // changes no state
    DC_FOLD_CONTEXT,     // state of the context
    DC_FOLD_ARRAY,       // of the bound vertex array
    DC_FOLD_TEXTURE,     // of the texture bound to the first argument
    DC_FOLD_FRAMEBUFFER, // of the framebuffer bound to the first argument
    DC_FOLD_RENDERBUFFER,
    DC_FOLD_SAMPLER,  // of the one that the first argument names, likewise:
    DC_FOLD_PIPELINE,
    DC_FOLD_PROGRAM,  // what the next link takes
    DC_FOLD_UNIFORM,  // of the current program; each location and size by itself
    DC_FOLD_PROGRAM_UNIFORM,
    DC_FOLD_DRAW,     // the GPU writes what is attached
    DC_FOLD_BY_HAND,
};

struct dc_fold_rule {
    uint8_t scope; // enum dc_fold_scope
    uint8_t keys;  // so many arguments (after the one that names the object) tell commands apart
    uint16_t same_as; // the command whose place it takes; 0: its own
    bool (*check)(const struct dc_fold *fold); // optional: whether a driver takes it
    void (*by_hand)(struct dc_fold *fold);
};

extern const struct dc_fold_rule dc_fold_rules[]; // by command

const struct dc_fold_rule *dc_fold_rule(uint32_t op);

void dc_fold_batch(struct dc_journal *journal, const struct dc_log_batch *batch);
void dc_fold_out_of_memory(struct dc_fold *fold);

/* The data of the command's blob, which begins at word `at`. NULL: it has none, or it is lost. */
const void *dc_fold_blob(const struct dc_fold *fold, uint32_t at, uint32_t *size_bytes);
/* The same as a content, the caller's reference. */
struct dc_content *dc_fold_blob_content(struct dc_fold *fold, uint32_t at);
static inline uint64_t
dc_fold_u64(const struct dc_fold *fold, uint32_t at)
{
    return fold->w[at] | (uint64_t)fold->w[at + 1] << 32;
}

/* The command goes into a recipe, its data inline. The entry, NULL: out of memory (noted). */
struct dc_recipe_entry *dc_fold_put(struct dc_fold *fold, struct dc_recipe *recipe, uint64_t key);
/* A shared or own object by name; NULL: none. */
struct dc_object *dc_fold_find(const struct dc_fold *fold, enum dc_object_kind kind, uint32_t name);
/* Made if need be; marks it as bound. NULL for name 0 and out of memory (noted). */
struct dc_object *dc_fold_bound(struct dc_fold *fold, enum dc_object_kind kind, uint32_t name);

/* ---- between the files ---- */
struct dc_object *dc_fold_texture(const struct dc_fold *fold, uint32_t target); // bound to the active unit
struct dc_object *dc_fold_buffer(const struct dc_fold *fold, uint32_t target);
struct dc_object *dc_fold_framebuffer(const struct dc_fold *fold, uint32_t target);
/* The GPU writes what the framebuffer has attached. */
void dc_fold_mark_drawn(struct dc_fold *fold);
void dc_fold_mark_lost(struct dc_object *object, const char *why);
/* The texture (a level of it) or renderbuffer gets other storage: images that were made of it keep the old one. */
#define DC_FOLD_ALL_LEVELS UINT32_MAX
void dc_fold_orphan_images(struct dc_fold *fold, struct dc_object *object, uint32_t level);
/* A share group goes, and images that were made of its objects know no more what they were made of. */
void dc_fold_forget_group(struct dc_journal *journal, const struct dc_group *group);
/* Drops a program that was deleted, once nobody uses it. */
void dc_fold_collect_glsl(struct dc_object *object);

/* by_hand, by file */
void dc_fold_gen(struct dc_fold *fold), dc_fold_delete(struct dc_fold *fold);
void dc_fold_context_create(struct dc_fold *fold), dc_fold_context_destroy(struct dc_fold *fold),
    dc_fold_surface_create(struct dc_fold *fold), dc_fold_surface_resize(struct dc_fold *fold),
    dc_fold_surface_destroy(struct dc_fold *fold), dc_fold_make_current(struct dc_fold *fold),
    dc_fold_surface_keep(struct dc_fold *fold), dc_fold_image(struct dc_fold *fold);
void dc_fold_egl_image_create(struct dc_fold *fold), dc_fold_egl_image_import(struct dc_fold *fold),
    dc_fold_egl_image_destroy(struct dc_fold *fold), dc_fold_egl_image_texture(struct dc_fold *fold),
    dc_fold_egl_image_renderbuffer(struct dc_fold *fold), dc_fold_texture_view(struct dc_fold *fold);
void dc_fold_active_texture(struct dc_fold *fold), dc_fold_bind_texture(struct dc_fold *fold),
    dc_fold_bind_buffer(struct dc_fold *fold), dc_fold_bind_indexed(struct dc_fold *fold),
    dc_fold_bind_array(struct dc_fold *fold), dc_fold_bind_framebuffer(struct dc_fold *fold),
    dc_fold_bind_renderbuffer(struct dc_fold *fold), dc_fold_bind_sampler(struct dc_fold *fold),
    dc_fold_bind_feedback(struct dc_fold *fold), dc_fold_bind_pipeline(struct dc_fold *fold),
    dc_fold_bind_image(struct dc_fold *fold), dc_fold_bind_vertex_buffer(struct dc_fold *fold),
    dc_fold_attrib_pointer(struct dc_fold *fold), dc_fold_attach(struct dc_fold *fold),
    dc_fold_query(struct dc_fold *fold), dc_fold_query_counter(struct dc_fold *fold),
    dc_fold_condition(struct dc_fold *fold), dc_fold_feedback_begin(struct dc_fold *fold);
void dc_fold_buffer_data(struct dc_fold *fold), dc_fold_buffer_sub_data(struct dc_fold *fold),
    dc_fold_copy_buffer(struct dc_fold *fold), dc_fold_read_pixels(struct dc_fold *fold),
    dc_fold_client_range(struct dc_fold *fold);
void dc_fold_tex_image(struct dc_fold *fold), dc_fold_tex_sub_image(struct dc_fold *fold),
    dc_fold_tex_storage(struct dc_fold *fold), dc_fold_copy_tex_image(struct dc_fold *fold),
    dc_fold_copy_tex_sub_image(struct dc_fold *fold), dc_fold_generate_mipmap(struct dc_fold *fold),
    dc_fold_tex_buffer(struct dc_fold *fold), dc_fold_copy_image(struct dc_fold *fold),
    dc_fold_clear_texture(struct dc_fold *fold);
void dc_fold_debug_control(struct dc_fold *fold);
void dc_fold_create_shader(struct dc_fold *fold), dc_fold_create_program(struct dc_fold *fold),
    dc_fold_shader_source(struct dc_fold *fold), dc_fold_compile(struct dc_fold *fold),
    dc_fold_attach_shader(struct dc_fold *fold), dc_fold_detach_shader(struct dc_fold *fold),
    dc_fold_link(struct dc_fold *fold), dc_fold_use_program(struct dc_fold *fold),
    dc_fold_delete_glsl(struct dc_fold *fold), dc_fold_program_from_source(struct dc_fold *fold),
    dc_fold_bind_location(struct dc_fold *fold), dc_fold_block_binding(struct dc_fold *fold),
    dc_fold_use_stages(struct dc_fold *fold);

#endif
