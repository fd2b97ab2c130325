#include "debug.h"

#include <stdlib.h>
#include <string.h>

#include <common/wire.h>
#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "gles1.h"
#include "state.h"
#include "value.h"

#define PENDING_MOST 4096u // of an application that never lets us call back

static void
list_push(struct dc_debug_list *list, struct dc_debug_message *message)
{
    message->next = 0;
    *list->end = message;
    list->end = &message->next;
    list->count++;
}

static struct dc_debug_message *
list_pull(struct dc_debug_list *list)
{
    struct dc_debug_message *message = list->first;
    if (!message)
        return 0;
    list->first = message->next;
    if (!list->first)
        list->end = &list->first;
    list->count--;
    return message;
}

void
dc_debug_init(struct dc_debug *debug, const struct dc_context *context)
{
    pthread_mutex_init(&debug->lock, 0);
    debug->pending.end = &debug->pending.first;
    debug->log.end = &debug->log.first;
    debug->log_room = (uint32_t)dc_gles_limit(context, GL_MAX_DEBUG_LOGGED_MESSAGES, 1);
}

void
dc_debug_finish(struct dc_debug *debug)
{
    struct dc_debug_message *message;
    while ((message = list_pull(&debug->pending)) || (message = list_pull(&debug->log)))
        free(message);
    pthread_mutex_destroy(&debug->lock);
}

bool
dc_debug_is_on(const struct dc_context *context)
{
    return dc_gles_cap(context->gles, DC_CAP_DEBUG_OUTPUT) && !context->no_error;
}

static bool
is_far(const struct dc_context *context)
{
    return __atomic_load_n(&context->process->ring.shared->link_rtt_us, __ATOMIC_RELAXED) >= DC_ERROR_FAR_US;
}

void
dc_debug_update(struct dc_context *context)
{
    struct dc_debug *debug = &context->gles->debug;
    debug->clean_frames = 0;
    context->debug_sync = debug->callback && dc_debug_is_on(context) &&
                          (context->process->error_mode == DC_ERROR_EXACT || !is_far(context));
}

void
dc_debug_handle_message(struct dc_context *context, const void *payload, size_t size_bytes)
{
    struct dc_debug *debug = &context->gles->debug;
    struct dc_reader r;
    dc_reader_init(&r, payload, size_bytes);
    GLenum source = dc_reader_u32le(&r), type = dc_reader_u32le(&r);
    GLuint id = dc_reader_u32le(&r);
    GLenum severity = dc_reader_u32le(&r);
    size_t length = dc_reader_left(&r);
    struct dc_debug_message *message = r.failed ? 0 : malloc(sizeof *message + length + 1);
    if (!message)
        return;
    *message = (struct dc_debug_message){ .source = source, .type = type, .severity = severity, .id = id,
                                          .length = (GLsizei)length };
    memcpy(message->text, (const uint8_t *)payload + size_bytes - length, length);
    message->text[length] = 0;
    pthread_mutex_lock(&debug->lock);
    struct dc_debug_list *list = debug->callback ? &debug->pending : &debug->log;
    bool room = list->count < (debug->callback ? PENDING_MOST : debug->log_room);
    if (room)
        list_push(list, message);
    pthread_mutex_unlock(&debug->lock);
    if (!room)
        free(message); // GL: a full log drops new messages
}

/* Waits until the messages of everything encoded so far are here. */
static void
fetch(struct dc_context *context)
{
    struct dc_call call;
    dc_call_begin(context->process, &call, 0, 0);
    dc_enc_dcSync(&context->encoder, call.serial);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

void
dc_debug_deliver(struct dc_context *context)
{
    struct dc_debug *debug = &context->gles->debug;
    if (debug->calling || !debug->callback)
        return;
    debug->calling = true;
    for (;;) {
        pthread_mutex_lock(&debug->lock);
        struct dc_debug_message *message = list_pull(&debug->pending);
        GLDEBUGPROC callback = debug->callback;
        pthread_mutex_unlock(&debug->lock);
        if (!message)
            break;
        if (callback)
            callback(message->source, message->type, message->id, message->severity, message->length, message->text,
                     debug->user);
        free(message);
        dc_debug_update(context);
    }
    debug->calling = false;
}

void
dc_gles_debug_after(struct dc_context *context)
{
    if (context->gles->debug.calling)
        return; // the callback itself called GL
    fetch(context);
    dc_debug_deliver(context);
}

void
dc_debug_count_frame(struct dc_context *context)
{
    dc_debug_deliver(context);
    if (context->debug_sync && context->process->error_mode != DC_ERROR_EXACT &&
        ++context->gles->debug.clean_frames >= DC_ERROR_CLEAN_FRAMES)
        context->debug_sync = false;
}

bool
dc_debug_get(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    struct dc_debug *debug = &context->gles->debug;
    if (pname != GL_DEBUG_LOGGED_MESSAGES && pname != GL_DEBUG_NEXT_LOGGED_MESSAGE_LENGTH)
        return false;
    if (dc_debug_is_on(context))
        fetch(context);
    pthread_mutex_lock(&debug->lock);
    const struct dc_debug_message *next = debug->log.first;
    dc_value_set_int(value, pname == GL_DEBUG_LOGGED_MESSAGES ? (int64_t)debug->log.count : next ? next->length + 1 : 0);
    pthread_mutex_unlock(&debug->lock);
    return true;
}

void GL_APIENTRY
dc_gl_DebugMessageCallback(GLDEBUGPROC callback, const void *user)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    struct dc_debug *debug = &context->gles->debug;
    if (dc_debug_is_on(context)) {
        fetch(context); // whatever came before is the old callback's, or the log's
        dc_debug_deliver(context);
    }
    pthread_mutex_lock(&debug->lock);
    debug->callback = callback;
    debug->user = user;
    pthread_mutex_unlock(&debug->lock);
    dc_debug_update(context);
}

GLuint GL_APIENTRY
dc_gl_GetDebugMessageLog(GLuint count, GLsizei buf_size, GLenum *sources, GLenum *types, GLuint *ids,
                         GLenum *severities, GLsizei *lengths, GLchar *text)
{
    struct dc_context *context = dc_current;
    if (!context)
        return 0;
    struct dc_debug *debug = &context->gles->debug;
    if (text && buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return 0;
    }
    if (dc_debug_is_on(context))
        fetch(context);
    GLuint got = 0;
    pthread_mutex_lock(&debug->lock);
    for (; got < count && debug->log.first; got++) {
        GLsizei size = debug->log.first->length + 1;
        if (text && size > buf_size)
            break;
        struct dc_debug_message *message = list_pull(&debug->log);
        if (text) {
            memcpy(text, message->text, (size_t)size);
            text += size;
            buf_size -= size;
        }
        if (sources)
            sources[got] = message->source;
        if (types)
            types[got] = message->type;
        if (ids)
            ids[got] = message->id;
        if (severities)
            severities[got] = message->severity;
        if (lengths)
            lengths[got] = size;
        free(message);
    }
    pthread_mutex_unlock(&debug->lock);
    return got;
}

void GL_APIENTRY
dc_gl_GetPointerv(GLenum pname, void **params)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (context->gles->gles1)
        dc_gles1_get_pointer(context, pname, params);
    else if (pname == GL_DEBUG_CALLBACK_FUNCTION)
        *params = (void *)context->gles->debug.callback;
    else if (pname == GL_DEBUG_CALLBACK_USER_PARAM)
        *params = (void *)context->gles->debug.user;
    else
        dc_gles_raise(context, GL_INVALID_ENUM);
}
