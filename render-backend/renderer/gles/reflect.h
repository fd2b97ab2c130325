#ifndef DC_RENDERER_GLES_REFLECT_H
#define DC_RENDERER_GLES_REFLECT_H
/* What a driver knows of a shader or program, to be pushed (protocol/gles/reflection.h). */
#include <protocol/gles/reflection.h>
#include "../exec.h"

/* Out of memory leaves lists short. */
void dc_reflect_program(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection);
void dc_reflect_shader(struct dc_exec *x, uint32_t driver, struct dc_shader_reflection *reflection);
/* For contexts before ES 3.1, which have no program interface queries. */
void dc_reflect_legacy(struct dc_exec *x, uint32_t driver, struct dc_reflection *reflection);
/* A new, empty interface with room for `count` resources whose properties say "none"; NULL: out of memory. */
struct dc_interface *dc_reflect_add_interface(struct dc_reflection *reflection, uint32_t interface, GLint count);
/* Fills `locations` of an array uniform if they are not one after the other. */
void dc_reflect_elements(struct dc_exec *x, uint32_t driver, struct dc_resource *resource);

#endif
