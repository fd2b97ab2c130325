#include "error.h"

#include <gles_encode.h>
#include <gles_entry.h>

#include "state.h"

void
dc_gles_raise(struct dc_context *context, GLenum error)
{
    struct dc_gles_state *s = context->gles;
    enum dc_error_mode mode = context->process->error_mode;
    if (context->no_error)
        return;
    // While the worker is asked, it also keeps the order: GL remembers the first error only. And with debug output it
    // has the driver say what it says of such an error.
    bool tell = mode == DC_ERROR_EXACT || (mode == DC_ERROR_AUTO && (s->error_sync || dc_debug_is_on(context)));
    s->error_sync |= tell;
    if (tell && !dc_process_is_lost(context->process))
        dc_enc_dcRaise(&context->encoder, error);
    else if (!s->local_error)
        s->local_error = error;
}

void
dc_gles_count_frame(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    if (s)
        dc_debug_count_frame(context);
    if (s && s->error_sync && ++s->clean_frames >= DC_ERROR_CLEAN_FRAMES)
        s->error_sync = false;
}

void
dc_gles_begin_setup(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    uint32_t rtt_us = __atomic_load_n(&context->process->ring.shared->link_rtt_us, __ATOMIC_RELAXED);
    if (rtt_us >= DC_ERROR_FAR_US)
        return;
    s->error_sync = true;
    s->clean_frames = 0;
}

static GLenum
ask(struct dc_context *context)
{
    uint32_t answer = GL_NO_ERROR;
    struct dc_call call;
    dc_call_begin(context->process, &call, &answer, sizeof answer);
    dc_enc_GetError(&context->encoder, call.serial);
    if (!dc_context_call_wait(context, &call, DC_WAIT_STACK))
        return GL_NO_ERROR;
    return answer;
}

static void
count_answer(struct dc_context *context, GLenum answer)
{
    struct dc_gles_state *s = context->gles;
    uint32_t rtt_us = __atomic_load_n(&context->process->ring.shared->link_rtt_us, __ATOMIC_RELAXED);
    s->clean_answers = answer ? 0 : s->clean_answers + 1;
    if (answer)
        s->clean_frames = 0;
    if (rtt_us >= DC_ERROR_FAR_US && s->clean_answers >= DC_ERROR_CLEAN_ANSWERS) {
        s->error_sync = false;
        // A program's next context (LÖVE makes three) does what the first did: it need not learn that again.
        __atomic_store_n(&context->process->errors_trusted, true, __ATOMIC_RELAXED);
    }
}

GLenum GL_APIENTRY
dc_gl_GetError(void)
{
    struct dc_context *context = dc_current;
    if (!context)
        return GL_NO_ERROR;
    struct dc_gles_state *s = context->gles;
    enum dc_error_mode mode = context->process->error_mode;
    GLenum local = s->local_error, remote = GL_NO_ERROR;
    s->local_error = GL_NO_ERROR;
    if (context->no_error)
        return GL_NO_ERROR;
    if (mode != DC_ERROR_EXACT && !s->error_sync)
        dc_process_drain(context->process); // what was pushed meanwhile
    uint32_t pushed = __atomic_load_n(&s->pushed_error, __ATOMIC_ACQUIRE);
    if (pushed && mode != DC_ERROR_EXACT) {
        __atomic_store_n(&s->pushed_error, 0, __ATOMIC_RELEASE);
        s->error_sync = true;
        s->clean_frames = s->clean_answers = 0;
        __atomic_store_n(&context->process->errors_trusted, false, __ATOMIC_RELAXED);
    }
    if (mode == DC_ERROR_EXACT || (mode == DC_ERROR_AUTO && s->error_sync))
        count_answer(context, remote = ask(context));
    else if (mode == DC_ERROR_ASYNC)
        remote = pushed;
    dc_debug_deliver(context);
    // GL keeps the first; which of the two it was does not show when both came between two questions.
    return local ? local : remote;
}

GLenum GL_APIENTRY
dc_gl_GetGraphicsResetStatus(void)
{
    struct dc_context *context = dc_current;
    if (!context)
        return GL_NO_ERROR;
    if (context->lost || dc_process_is_lost(context->process))
        return GL_UNKNOWN_CONTEXT_RESET;
    return __atomic_load_n(&context->gles->reset_status, __ATOMIC_ACQUIRE);
}
