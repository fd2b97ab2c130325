#ifndef DC_FRONTEND_GLES_DEBUG_H
#define DC_FRONTEND_GLES_DEBUG_H
/*
 * KHR_debug messages. The worker pushes what the driver says; here they wait for the application's callback or in its
 * log. A native driver calls back within the call that is at fault, so while a callback is set every call is followed by
 * a wait for its messages; as with glGetError in mode auto, clean frames end that (and so does a far worker), messages
 * then come at the next swap, flush or glGetError, and the first one brings the waiting back.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gl.h"

struct dc_context;
struct dc_value;

struct dc_debug_message {
    struct dc_debug_message *next;
    GLenum source, type, severity;
    GLuint id;
    GLsizei length; // without the NUL
    GLchar text[];  // NUL-terminated
};

struct dc_debug_list {
    struct dc_debug_message *first, **end; // owned
    uint32_t count;
};

struct dc_debug {
    pthread_mutex_t lock;               // of the lists: any thread that drains fills them
    struct dc_debug_list pending, log;  // for the callback; for glGetDebugMessageLog
    uint32_t log_room;                  // GL_MAX_DEBUG_LOGGED_MESSAGES
    GLDEBUGPROC callback;               // protected by lock; written by the context's thread
    const void *user;
    bool calling;                       // context's thread: in the callback
    uint32_t clean_frames;              // swaps without a message while waiting after every call
};

void dc_debug_init(struct dc_debug *debug, const struct dc_context *context);
void dc_debug_finish(struct dc_debug *debug);

/* Messages exist: debug output is enabled. */
bool dc_debug_is_on(const struct dc_context *context);
/* Debug output or its callback was changed: decides anew whether to wait after every call. */
void dc_debug_update(struct dc_context *context);
/* Hands what has come to the application's callback, without waiting. */
void dc_debug_deliver(struct dc_context *context);
void dc_debug_count_frame(struct dc_context *context);
/* A message of the worker's: u32 source, type, id, severity, text. Any thread. */
void dc_debug_handle_message(struct dc_context *context, const void *payload, size_t size_bytes);
/* GL_DEBUG_LOGGED_MESSAGES, GL_DEBUG_NEXT_LOGGED_MESSAGE_LENGTH; false for another name. */
bool dc_debug_get(struct dc_context *context, GLenum pname, struct dc_value *value);

#endif
