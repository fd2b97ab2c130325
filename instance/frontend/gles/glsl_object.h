#ifndef DC_FRONTEND_GLES_GLSL_OBJECT_H
#define DC_FRONTEND_GLES_GLSL_OBJECT_H
/*
 * Shader and program objects. The worker pushes what a compile or a link gave (protocol/gles/reflection.h); whoever
 * asks for it waits until as many pushes came as commands went out, so that compiles run beside the application.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/reflection.h>
#include <protocol/gles/result_key.h>

#include "gl.h"
#include "link_recipe.h"

struct dc_context;
struct dc_gles_shared;

#define DC_MAX_ATTACHED 8

/* Protected by the share group's lock but where it says otherwise. */
struct dc_glsl_object {
    struct dc_glsl_object *next; // among the spare ones
    GLuint name;                 // 0: spare
    bool is_program;
    bool delete_pending;
    uint32_t pending; // atomic: compiles or links whose push has not come
    struct dc_glsl_result {
        struct dc_result_key key; // of the last compile or link; none: not named
        const void *known;        // atomic: taken from what is known (results.h), while its push has not come
        size_t known_bytes;
    } result;
    uint32_t uses;    // atomic: programs that have this shader attached, or contexts that use this program

    // Shaders
    GLenum type;
    struct dc_glsl_text *source, *compiled; // as it is now, and as it was at the last compile
    struct dc_shader_reflection shader;

    // Programs
    struct dc_glsl_object *attached[DC_MAX_ATTACHED];
    uint32_t attached_count;
    struct dc_reflection reflection;
    bool ever_linked;  // has an executable
    bool validated;    // glValidateProgram came after the last link: log and status are asked for
    bool separable;
    struct dc_link_settings settings;  // for the next link
    struct dc_link_recipe linked_from; // of the last link
    bool has_recipe;                   // it is complete
};

/* Lock held. NULL: out of memory. */
struct dc_glsl_object *dc_glsl_object_create(struct dc_gles_shared *shared, bool is_program, GLuint *name);
/* Lock held: deletes it if it was asked for and nobody uses it any more. */
void dc_glsl_object_collect(struct dc_gles_shared *shared, struct dc_glsl_object *object);
void dc_glsl_object_free(struct dc_glsl_object *object);

/* Object of a name with GL's errors: INVALID_VALUE for no object, INVALID_OPERATION for one of the other kind.
 * Takes no lock. */
struct dc_glsl_object *dc_glsl_object_get(struct dc_context *context, GLuint name, bool is_program);
/* A compile or link that `key` names is about to be encoded in this context: tells the worker. */
void dc_glsl_object_expect(struct dc_context *context, struct dc_glsl_object *object, struct dc_result_key key);
/* Waits for outstanding pushes. false: lost. Lock not held. */
bool dc_glsl_object_wait(struct dc_context *context, struct dc_glsl_object *object);
/* Whether there is nothing outstanding (KHR_parallel_shader_compile). Waits for nothing. */
bool dc_glsl_object_is_done(struct dc_context *context, struct dc_glsl_object *object);
/* The same of what is here already: nothing is sent, looked up or read. */
bool dc_glsl_object_is_answered(const struct dc_glsl_object *object);

/* A push came for `name` of the group. */
void dc_glsl_object_handle(struct dc_gles_shared *shared, bool is_program, GLuint name, const void *payload,
                           size_t size_bytes);

/* Whether this context has shaders of that type. */
bool dc_shader_is_type(const struct dc_context *context, GLenum type);
/* The pieces of a glShaderSource in one; owned by the caller. NULL: out of memory or too long. */
struct dc_glsl_text *dc_glsl_join_source(GLsizei count, const GLchar *const *strings, const GLint *lengths);
/* As GL returns strings: at most buffer_bytes - 1 characters and a terminator; `length` may be NULL. */
void dc_glsl_copy_string(const char *text, GLsizei buffer_bytes, GLsizei *length, GLchar *out);

#endif
