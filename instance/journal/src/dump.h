#ifndef DC_JOURNAL_DUMP_H
#define DC_JOURNAL_DUMP_H
/* The state as commands; dump.c says in which order. */
#include "fold.h"
#include "writer.h"

#define DC_ALIAS_FIRST 0xf0000000u // names of our own, above whatever an application has

/* Entries of a recipe, in their order. Those of an object that is gone are left out where `skip_gone` says so. */
void dc_dump_recipe(struct dc_journal_writer *writer, const struct dc_recipe *recipe, bool skip_gone);
/* Those between two orders. */
void dc_dump_recipe_part(struct dc_journal_writer *writer, const struct dc_recipe *recipe, uint64_t from, uint64_t to);

/* Buffers, textures, renderbuffers, samplers, into a context in which nothing is bound. */
void dc_dump_shared(struct dc_journal_writer *writer, const struct dc_objects *objects);
void dc_dump_texture(struct dc_journal_writer *writer, const struct dc_object *texture);
void dc_dump_renderbuffer(struct dc_journal_writer *writer, const struct dc_object *renderbuffer);
/* Those that dc_dump_shared() left out, and EGLImages: storage that belongs to more than one object. */
void dc_dump_sharing(struct dc_journal_writer *writer, const struct dc_journal *journal);
/* Vertex arrays, framebuffers, transform feedback objects, pipelines; names of queries. */
void dc_dump_own(struct dc_journal_writer *writer, const struct dc_objects *objects);
void dc_dump_images(struct dc_journal_writer *writer, const struct dc_objects *objects);
/* Shaders and programs. */
void dc_dump_glsl(struct dc_journal_writer *writer, const struct dc_objects *objects, uint32_t *alias);
/* glDelete* for those that have no name but ours; those that wait for their deletion. */
void dc_dump_deletions(struct dc_journal_writer *writer, const struct dc_objects *objects);
void dc_dump_pending_deletions(struct dc_journal_writer *writer, const struct dc_objects *objects);
/* Creates the names (with those of our own). */
void dc_dump_names(struct dc_journal_writer *writer, const struct dc_objects *objects);

#endif
