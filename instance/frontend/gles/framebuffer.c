#include "framebuffer.h"

#include <stdlib.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "shared.h"
#include "state.h"

static struct dc_framebuffer *
find(struct dc_context *context, GLuint name)
{
    return name ? dc_names_object(&context->gles->framebuffer_names, name) : 0;
}

static GLuint
bound(const struct dc_context *context, GLenum target)
{
    return target == GL_READ_FRAMEBUFFER ? context->gles->read_framebuffer : context->gles->draw_framebuffer;
}

bool
dc_hook_BindFramebuffer(struct dc_context *context, GLenum target, GLuint name)
{
    struct dc_gles_state *s = context->gles;
    if (target != GL_FRAMEBUFFER && target != GL_DRAW_FRAMEBUFFER && target != GL_READ_FRAMEBUFFER)
        return true;
    if (name && !find(context, name)) {
        dc_gles_begin_setup(context);
        struct dc_framebuffer *framebuffer = calloc(1, sizeof *framebuffer);
        if (!framebuffer || !dc_names_set(&s->framebuffer_names, name, framebuffer)) {
            free(framebuffer);
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
    }
    if (target != GL_READ_FRAMEBUFFER)
        s->draw_framebuffer = name;
    if (target != GL_DRAW_FRAMEBUFFER)
        s->read_framebuffer = name;
    return true;
}

bool
dc_hook_DeleteFramebuffers(struct dc_context *context, GLsizei n, const GLuint *names)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; names && i < n; i++) {
        if (!names[i] || dc_names_get(&s->framebuffer_names, names[i]) == DC_NAME_FREE)
            continue;
        free(find(context, names[i]));
        dc_names_set(&s->framebuffer_names, names[i], DC_NAME_FREE);
        if (s->draw_framebuffer == names[i])
            s->draw_framebuffer = 0;
        if (s->read_framebuffer == names[i])
            s->read_framebuffer = 0;
    }
    return true;
}

/* An attachment of the framebuffer bound to `target` changes. */
static bool
attach(struct dc_context *context, GLenum target)
{
    struct dc_framebuffer *framebuffer = find(context, bound(context, target));
    if (framebuffer)
        framebuffer->status = 0;
    return true;
}

bool
dc_hook_FramebufferRenderbuffer(struct dc_context *context, GLenum target, GLenum attachment, GLenum kind, GLuint name)
{
    return attach(context, target);
}

bool
dc_hook_FramebufferTexture2D(struct dc_context *context, GLenum target, GLenum attachment, GLenum textarget,
                             GLuint texture, GLint level)
{
    return attach(context, target);
}

bool
dc_hook_FramebufferTexture(struct dc_context *context, GLenum target, GLenum attachment, GLuint texture, GLint level)
{
    return attach(context, target);
}

bool
dc_hook_FramebufferTextureLayer(struct dc_context *context, GLenum target, GLenum attachment, GLuint texture,
                                GLint level, GLint layer)
{
    return attach(context, target);
}

bool
dc_hook_FramebufferParameteri(struct dc_context *context, GLenum target, GLenum pname, GLint param)
{
    return attach(context, target);
}

/* ---- storage of renderbuffers; that of textures: texture_storage.c ---- */

bool
dc_hook_RenderbufferStorage(struct dc_context *context, GLenum target, GLenum format, GLsizei width, GLsizei height)
{
    dc_gles_storage_changed(context->shared);
    return true;
}

bool
dc_hook_RenderbufferStorageMultisample(struct dc_context *context, GLenum target, GLsizei samples, GLenum format,
                                       GLsizei width, GLsizei height)
{
    dc_gles_storage_changed(context->shared);
    return true;
}

static GLenum
ask(struct dc_context *context, GLenum target)
{
    uint32_t status = 0;
    struct dc_call call;
    dc_call_begin(context->process, &call, &status, sizeof status);
    dc_enc_CheckFramebufferStatus(&context->encoder, call.serial, target);
    // A lost worker must not make applications abort: they learn it from the swap.
    return dc_context_call_wait(context, &call, DC_WAIT_STACK) ? status : GL_FRAMEBUFFER_COMPLETE;
}

GLenum GL_APIENTRY
dc_gl_CheckFramebufferStatus(GLenum target)
{
    struct dc_context *context = dc_current;
    if (!context)
        return 0;
    bool known_target =
        target == GL_FRAMEBUFFER || target == GL_DRAW_FRAMEBUFFER || target == GL_READ_FRAMEBUFFER;
    struct dc_framebuffer *framebuffer = known_target ? find(context, bound(context, target)) : 0;
    if (!framebuffer)
        return ask(context, target);
    uint64_t generation = __atomic_load_n(&context->shared->storage_generation, __ATOMIC_ACQUIRE);
    if (framebuffer->status != GL_FRAMEBUFFER_COMPLETE || framebuffer->generation != generation) {
        framebuffer->status = ask(context, target);
        framebuffer->generation = generation;
    }
    return framebuffer->status;
}

/* ---- attachments ---- */

#define REMEMBERED (sizeof((struct dc_gles_state *)0)->default_framebuffer / sizeof(struct dc_default_framebuffer_answer))

/* true: `target` has the default framebuffer bound, `key` says whose. */
static bool
is_default(const struct dc_context *context, GLenum target, GLenum attachment, GLenum pname,
           struct dc_default_framebuffer_answer *key)
{
    bool reads = target == GL_READ_FRAMEBUFFER;
    if ((!reads && target != GL_FRAMEBUFFER && target != GL_DRAW_FRAMEBUFFER) || bound(context, target))
        return false;
    *key = (struct dc_default_framebuffer_answer){
        .surface = dc_surface_get_id(reads ? context->read : context->draw),
        .attachment = attachment,
        .pname = pname,
    };
    return true;
}

static const struct dc_default_framebuffer_answer *
find_answer(const struct dc_gles_state *s, const struct dc_default_framebuffer_answer *key)
{
    for (uint32_t i = 0; i < REMEMBERED && i < s->default_framebuffer_count; i++) {
        const struct dc_default_framebuffer_answer *a = &s->default_framebuffer[i];
        if (a->surface == key->surface && a->attachment == key->attachment && a->pname == key->pname)
            return a;
    }
    return 0;
}

void GL_APIENTRY
dc_gl_GetFramebufferAttachmentParameteriv(GLenum target, GLenum attachment, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    struct dc_default_framebuffer_answer key;
    if (!context)
        return;
    struct dc_gles_state *s = context->gles;
    bool shared = is_default(context, target, attachment, pname, &key);
    const struct dc_default_framebuffer_answer *known = shared ? find_answer(s, &key) : 0;
    if (known) {
        *params = known->value;
        return;
    }
    GLint answer[4];
    struct dc_call call;
    dc_call_begin(context->process, &call, answer, sizeof answer);
    dc_enc_GetFramebufferAttachmentParameteriv(&context->encoder, call.serial, target, attachment, pname);
    if (!dc_context_call_wait(context, &call, DC_WAIT_STACK) || !call.got_bytes || call.got_bytes > sizeof answer)
        return; // lost, or an error
    for (size_t i = 0; i < call.got_bytes / sizeof answer[0]; i++)
        params[i] = answer[i];
    key.value = answer[0];
    if (shared && call.got_bytes == sizeof answer[0])
        s->default_framebuffer[s->default_framebuffer_count++ % REMEMBERED] = key;
}
