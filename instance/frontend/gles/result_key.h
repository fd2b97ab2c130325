#ifndef DC_FRONTEND_GLES_RESULT_KEY_H
#define DC_FRONTEND_GLES_RESULT_KEY_H
/* Names what a compile or a link will give (protocol/gles/result_key.h): 128 bits of XXH3 over all that decides it. The
 * same on every machine. */
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/result_key.h>

struct dc_context;
struct dc_glsl_object;

/* `key` and further data in one key. */
struct dc_result_key dc_result_key_fold(struct dc_result_key key, const void *data, size_t size_bytes);
/* Of the shader's source as it is now, in this context's version of GLES. */
struct dc_result_key dc_result_key_compile(const struct dc_context *context, const struct dc_glsl_object *shader);
/* Of the program's shaders as they were compiled and of what was set before. Lock held. */
struct dc_result_key dc_result_key_link(const struct dc_context *context, const struct dc_glsl_object *program);
/* Of glCreateShaderProgramv. */
struct dc_result_key dc_result_key_create(const struct dc_context *context, uint32_t type, const char *source,
                                          size_t size_bytes);

#endif
