/*
 * What a window of another process shows, for a compositor among the instance's applications. It is copied: the window's
 * buffers are the driver's pbuffers, which no texture can share, and the window goes on with them at once.
 */
#include "egl_image.h"

#include <time.h>

#include <EGL/eglext.h>

#include <common/clock.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "surface.h"

#define WAIT_US 100000     // for commands of the other process that are under way; its compositor waits, nobody else
#define MAX_IMPORTERS 3u   // of one surface at a time; DC_SURFACE_BUFFERS counts on it

struct source {
    struct dc_surface *surface; // reference
    struct dc_surface_buffer *buffer; // one user
};

static void
pause_shortly(void)
{
    static const struct timespec gap = { .tv_nsec = 100000 };
    nanosleep(&gap, NULL);
}

static struct dc_surface *
find_locked(const struct dc_renderer *renderer, uint32_t ring_id, uint32_t surface_id)
{
    for (struct dc_executor *executor = renderer->executors; executor; executor = executor->next) {
        for (struct dc_surface *s = executor->ring_id == ring_id ? executor->surfaces : NULL; s; s = s->next) {
            if (s->id == surface_id)
                return s;
        }
    }
    return NULL;
}

static uint32_t
users_locked(const struct dc_surface *surface)
{
    uint32_t users = 0;
    for (int i = 0; i < DC_SURFACE_BUFFERS; i++)
        users += surface->buffers[i].users;
    return users;
}

static bool
has_ring_locked(const struct dc_renderer *renderer, uint32_t ring_id)
{
    const struct dc_executor *executor = renderer->executors;
    while (executor && executor->ring_id != ring_id)
        executor = executor->next;
    return executor;
}

/* One look. true: there is no need for another one. source->buffer NULL: no picture (yet). */
static bool
take(struct dc_renderer *renderer, uint32_t ring_id, uint32_t surface_id, uint64_t seq, bool last_try,
     struct source *source)
{
    bool late = true;
    *source = (struct source){ NULL, NULL };
    pthread_mutex_lock(&renderer->lock);
    last_try |= !has_ring_locked(renderer, ring_id); // its process is gone
    struct dc_surface *surface = find_locked(renderer, ring_id, surface_id);
    struct dc_surface_buffer *buffer = surface ? dc_surface_choose_locked(surface, seq, &late) : NULL;
    if (buffer && (!late || last_try) && users_locked(surface) < MAX_IMPORTERS + 2) {
        surface->refs++;
        buffer->users++;
        *source = (struct source){ surface, buffer };
    }
    pthread_mutex_unlock(&renderer->lock);
    return source->buffer || last_try;
}

static void
wait_finished(const struct dc_renderer *renderer, const struct dc_surface_buffer *buffer, int64_t end_us)
{
    // A wait inside the driver would hold its display's lock (Mesa up to 22.3), and the other executors up.
    while (buffer->fence != EGL_NO_SYNC && !buffer->finished && dc_clock_now_us() < end_us &&
           eglClientWaitSync(renderer->display, buffer->fence, 0, 0) == EGL_TIMEOUT_EXPIRED)
        pause_shortly();
}

static void
give_back(struct dc_renderer *renderer, struct source *source)
{
    pthread_mutex_lock(&renderer->lock);
    source->buffer->users--;
    struct dc_surface *surface = dc_surface_unref_locked(source->surface);
    pthread_mutex_unlock(&renderer->lock);
    dc_surface_free(surface);
}

/* Blits what is bound for reading into the bound texture, upside down. */
static void
blit(const struct dc_gl *gl, GLuint texture, GLint width, GLint height, bool opaque)
{
    GLuint fbo = 0;
    gl->TexImage2D(GL_TEXTURE_2D, 0, opaque ? GL_RGB8 : GL_RGBA8, width, height, 0, opaque ? GL_RGB : GL_RGBA,
                   GL_UNSIGNED_BYTE, NULL);
    gl->GenFramebuffers(1, &fbo);
    gl->BindFramebuffer(GL_DRAW_FRAMEBUFFER, fbo);
    gl->FramebufferTexture2D(GL_DRAW_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    gl->BlitFramebuffer(0, 0, width, height, 0, height, width, 0, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    gl->BindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
    gl->DeleteFramebuffers(1, &fbo);
}

/* The stored bytes: a blit would decode sRGB, and cannot turn what is multisampled. */
static void
read_and_upload(struct dc_executor *executor, GLint width, GLint height, bool opaque)
{
    const struct dc_gl *gl = executor->exec.gl;
    size_t row_bytes = (size_t)width * 4;
    uint8_t *pixels = dc_exec_big(&executor->exec, row_bytes * (size_t)height);
    if (!pixels)
        return;
    gl->PixelStorei(GL_PACK_ALIGNMENT, 1);
    for (GLint row = 0; row < height; row++)
        gl->ReadPixels(0, height - 1 - row, width, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixels + (size_t)row * row_bytes);
    for (size_t i = 3; opaque && i < row_bytes * (size_t)height; i += 4)
        pixels[i] = 0xff;
    gl->TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
}

/* The eraser's context is current with the source (or nothing) bound. */
static EGLImage
make_image(struct dc_executor *executor, const struct source *source, bool opaque)
{
    static const uint8_t black[] = { 0, 0, 0, 0xff };
    static const EGLAttrib attributes[] = { EGL_IMAGE_PRESERVED, EGL_TRUE, EGL_NONE };
    const struct dc_gl *gl = executor->exec.gl;
    const struct dc_surface *surface = source->surface;
    GLuint texture = 0;
    gl->GenTextures(1, &texture);
    gl->BindTexture(GL_TEXTURE_2D, texture);
    gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    if (!surface)
        gl->TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 1, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, black);
    else if (surface->srgb || surface->multisampled)
        read_and_upload(executor, (GLint)source->buffer->width, (GLint)source->buffer->height, opaque);
    else
        blit(gl, texture, (GLint)source->buffer->width, (GLint)source->buffer->height, opaque);
    EGLImage image = eglCreateImage(executor->renderer->display, executor->eraser, EGL_GL_TEXTURE_2D,
                                    (EGLClientBuffer)(uintptr_t)texture, attributes);
    if (image == EGL_NO_IMAGE)
        dc_error("ring %u (%s): no image of another window: EGL error 0x%04x", executor->ring_id, executor->process,
                 (unsigned)eglGetError());
    gl->BindTexture(GL_TEXTURE_2D, 0);
    gl->DeleteTextures(1, &texture); // the image keeps what it stands for
    return image;
}

EGLImage
dc_egl_image_import(struct dc_executor *executor, uint32_t ring_id, uint32_t surface_id, uint64_t seq, bool opaque)
{
    struct dc_renderer *renderer = executor->renderer;
    struct source source;
    EGLImage image = EGL_NO_IMAGE;
    int64_t end_us = dc_clock_now_us() + WAIT_US;
    // What this ring itself has not swapped yet, it will not while we wait.
    bool own = ring_id == executor->ring_id;
    while (!take(renderer, ring_id, surface_id, seq, own || dc_clock_now_us() >= end_us, &source))
        pause_shortly();
    if (source.buffer) {
        wait_finished(renderer, source.buffer, end_us);
        pthread_mutex_lock(&source.buffer->reading);
    }
    EGLSurface egl = source.buffer ? source.buffer->egl : EGL_NO_SURFACE;
    if (dc_eraser_bind(executor, egl, egl))
        image = make_image(executor, &source, opaque);
    if (!dc_context_bind(executor, executor->exec.context))
        dc_exec_fail(&executor->exec, 0, "the driver cannot bind the context again");
    if (source.buffer) {
        pthread_mutex_unlock(&source.buffer->reading);
        give_back(renderer, &source);
    }
    return image;
}
