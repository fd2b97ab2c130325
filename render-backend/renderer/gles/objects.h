#ifndef DC_RENDERER_GLES_OBJECTS_H
#define DC_RENDERER_GLES_OBJECTS_H
/* Making, deleting and binding objects by the application's names. */
#include "../exec.h"

/* Driver's name, made now if the application never generated it (legal in ES for buffers, textures, renderbuffers and
 * framebuffers). 0 for 0. On failure 0, and x has failed. */
uint32_t dc_objects_get(struct dc_exec *x, enum dc_names_kind kind, uint32_t name);
/* Before a program or shader is added: what the driver has forgotten makes room, and an object that had the name goes.
 * false: x has failed. */
bool dc_programs_make_room(struct dc_exec *x, uint32_t name);
/* Records a new object within the quota; false: x has failed. */
bool dc_objects_add(struct dc_exec *x, enum dc_names_kind kind, uint32_t name, uint32_t driver);

/* true: `name` is a buffer (not 0) with these bytes in it, so that a driver that reads them reads nothing else. */
bool dc_buffer_holds(const struct dc_exec *x, uint32_t name, uint64_t offset, uint64_t bytes);
/* A buffer is deleted. */
void dc_buffer_forget(struct dc_exec *x, uint32_t name, uint32_t driver);
/* A buffer name is gone: bindings of the current context that had it have none. */
void dc_vertices_forget_buffer(struct dc_exec_context *context, uint32_t name);
/* Vertex array state of a new or deleted name. */
bool dc_vertices_add_array(struct dc_exec *x, uint32_t name);
void dc_vertices_remove_array(struct dc_exec_context *context, uint32_t name);
struct dc_exec_vao *dc_vertices_current(struct dc_exec_context *context);

/* Driver has our pixel store for client memory (tight), or the app's for buffers. */
void dc_pixel_store_apply_unpack(struct dc_exec *x, const struct dc_pixel_store *store);
void dc_pixel_store_apply_pack(struct dc_exec *x, const struct dc_pixel_store *store);

/* A query's result is no longer wanted. */
void dc_queries_forget(struct dc_exec_context *context, uint32_t name);

#endif
