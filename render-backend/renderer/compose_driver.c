/* Composing with the driver: its context and objects, layers as textures, quads and blits into one output. */
#include "compose_private.h"

#include <stdlib.h>
#include <string.h>

#include <EGL/eglext.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

// target: NDC left, bottom, right, top; source: texture coordinates of the same corners.
static const char vertex_source[] =
    "attribute vec2 corner; uniform vec4 target; uniform vec4 source; varying vec2 at;\n"
    "void main() {\n"
    "    at = mix(source.xy, source.zw, corner);\n"
    "    gl_Position = vec4(mix(target.xy, target.zw, corner), 0.0, 1.0);\n"
    "}\n";
static const char fragment_source[] =
    "precision mediump float; uniform sampler2D image; uniform bool bgra; varying highp vec2 at;\n"
    "void main() {\n"
    "    vec4 c = texture2D(image, at);\n"
    "    gl_FragColor = bgra ? c.bgra : c;\n"
    "}\n";

static GLuint
compile(const struct dc_gl *gl, GLenum type, const char *source)
{
    GLuint shader = gl->CreateShader(type);
    gl->ShaderSource(shader, 1, &source, NULL);
    gl->CompileShader(shader);
    return shader;
}

static bool
link_program(struct dc_compose *compose)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    GLuint vertex = compile(gl, GL_VERTEX_SHADER, vertex_source);
    GLuint fragment = compile(gl, GL_FRAGMENT_SHADER, fragment_source);
    GLint ok = GL_FALSE;
    compose->program = gl->CreateProgram();
    gl->AttachShader(compose->program, vertex);
    gl->AttachShader(compose->program, fragment);
    gl->BindAttribLocation(compose->program, 0, "corner");
    gl->LinkProgram(compose->program);
    gl->DeleteShader(vertex);
    gl->DeleteShader(fragment);
    gl->GetProgramiv(compose->program, GL_LINK_STATUS, &ok);
    compose->uniform_target = gl->GetUniformLocation(compose->program, "target");
    compose->uniform_source = gl->GetUniformLocation(compose->program, "source");
    compose->uniform_bgra = gl->GetUniformLocation(compose->program, "bgra");
    return ok == GL_TRUE;
}

static bool
make_objects(struct dc_compose *compose)
{
    static const GLfloat corners[] = { 0, 0, 1, 0, 0, 1, 1, 1 };
    const struct dc_gl *gl = &compose->renderer->gl;
    if (!link_program(compose))
        return false;
    gl->GenBuffers(1, &compose->vertices);
    gl->BindBuffer(GL_ARRAY_BUFFER, compose->vertices);
    gl->BufferData(GL_ARRAY_BUFFER, sizeof corners, corners, GL_STATIC_DRAW);
    gl->EnableVertexAttribArray(0);
    gl->VertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    gl->GenFramebuffers(1, &compose->output_fbo);
    gl->GenFramebuffers(1, &compose->layer_fbo);
    gl->GenTextures(1, &compose->output_texture);
    gl->PixelStorei(GL_PACK_ALIGNMENT, 4);
    gl->PixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl->BlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA); // Wayland's alpha is premultiplied
    return true;
}

bool
dc_compose_init(struct dc_compose *compose, struct dc_renderer *renderer)
{
    // Whatever is drawn here is read back before the context is unbound. A flush then would wait, on llvmpipe, for what
    // the application's next frame has begun.
    const EGLint attributes[] = {
        EGL_CONTEXT_MAJOR_VERSION, 3, renderer->has_flush_control ? EGL_CONTEXT_RELEASE_BEHAVIOR_KHR : EGL_NONE,
        EGL_CONTEXT_RELEASE_BEHAVIOR_NONE_KHR, EGL_NONE,
    };
    *compose = (struct dc_compose){ .renderer = renderer, .context = EGL_NO_CONTEXT };
    eglBindAPI(EGL_OPENGL_ES_API);
    compose->context = eglCreateContext(renderer->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    if (compose->context == EGL_NO_CONTEXT ||
        !eglMakeCurrent(renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, compose->context)) {
        dc_error("compositor: no GLES 3 context: EGL error 0x%04x", (unsigned)eglGetError());
        return false;
    }
    const char *extensions = (const char *)renderer->gl.GetString(GL_EXTENSIONS);
    compose->read_bgra = extensions && strstr(extensions, "GL_EXT_read_format_bgra");
    if (make_objects(compose))
        return true;
    dc_error("compositor: its shader does not compile");
    return false;
}

void
dc_compose_finish(struct dc_compose *compose)
{
    if (compose->context != EGL_NO_CONTEXT) {
        eglMakeCurrent(compose->renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(compose->renderer->display, compose->context);
        eglReleaseThread();
    }
    free(compose->scratch);
    *compose = (struct dc_compose){ .context = EGL_NO_CONTEXT };
}

static bool
ensure_output(struct dc_compose *compose, uint32_t width, uint32_t height)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    if (compose->output_width != width || compose->output_height != height) {
        gl->BindTexture(GL_TEXTURE_2D, compose->output_texture);
        gl->TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)width, (GLsizei)height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
        gl->BindFramebuffer(GL_FRAMEBUFFER, compose->output_fbo);
        gl->FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, compose->output_texture, 0);
        compose->output_width = width;
        compose->output_height = height;
    }
    gl->BindFramebuffer(GL_FRAMEBUFFER, compose->output_fbo);
    return gl->CheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
}

static struct dc_compose_texture *
find_texture(struct dc_compose *compose, uint64_t serial)
{
    struct dc_compose_texture *free_texture = NULL;
    for (int i = 0; i < DC_PRESENT_MAX_LAYERS; i++) {
        struct dc_compose_texture *t = &compose->textures[i];
        if (t->serial == serial)
            return t;
        if (!t->serial)
            free_texture = t;
    }
    return free_texture; // one per layer: there is always one
}

/* From the pbuffer into the bound texture. */
static void
fetch_surface(struct dc_compose *compose, const struct dc_compose_layer *layer, struct dc_compose_texture *texture)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    GLsizei width = (GLsizei)texture->width, height = (GLsizei)texture->height;
    if (!dc_compose_bind(compose, layer->buffer))
        return;
    if (!layer->surface->srgb) {
        gl->BindFramebuffer(GL_DRAW_FRAMEBUFFER, compose->layer_fbo);
        gl->FramebufferTexture2D(GL_DRAW_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture->texture, 0);
        gl->BlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    } else if (dc_compose_reserve_scratch(compose, (size_t)width * (size_t)height * 4)) {
        // A blit would decode sRGB; the stored bytes are what the screen shows.
        gl->ReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, compose->scratch);
        gl->TexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, compose->scratch);
    }
    dc_compose_bind(compose, NULL);
}

static void
fetch_image(struct dc_compose *compose, struct dc_image *image, bool whole)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    struct dc_image_rect rect = { 0, 0, image->width, image->height };
    pthread_mutex_lock(&image->lock);
    if (!whole)
        rect = image->dirty;
    image->dirty = (struct dc_image_rect){ 0 };
    if (rect.x1 > rect.x0) {
        gl->PixelStorei(GL_UNPACK_ROW_LENGTH, (GLint)image->width);
        gl->TexSubImage2D(GL_TEXTURE_2D, 0, (GLint)rect.x0, (GLint)rect.y0, (GLsizei)(rect.x1 - rect.x0),
                          (GLsizei)(rect.y1 - rect.y0), GL_RGBA, GL_UNSIGNED_BYTE,
                          image->pixels + ((size_t)rect.y0 * image->width + rect.x0) * 4);
        gl->PixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    }
    pthread_mutex_unlock(&image->lock);
}

/* The layer's image as the bound texture, fetched only when it is another one than last time. */
static bool
bind_texture(struct dc_compose *compose, const struct dc_compose_layer *layer)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    struct dc_compose_texture *t =
        find_texture(compose, layer->surface ? layer->surface->serial : layer->image->serial);
    uint64_t version = layer->surface ? layer->buffer->seq : 0;
    uint32_t width, height;
    if (!t)
        return false;
    dc_compose_layer_size(layer, &width, &height);
    bool fresh = !t->serial || t->width != width || t->height != height;
    if (!t->serial)
        gl->GenTextures(1, &t->texture);
    gl->BindTexture(GL_TEXTURE_2D, t->texture);
    if (fresh) {
        gl->TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)width, (GLsizei)height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
        gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
        gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
        gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    }
    uint64_t old_version = t->version;
    *t = (struct dc_compose_texture){
        .serial = layer->surface ? layer->surface->serial : layer->image->serial,
        .version = version, .texture = t->texture, .width = width, .height = height, .used = true,
    };
    if (layer->image)
        fetch_image(compose, layer->image, fresh);
    else if (fresh || old_version != version)
        fetch_surface(compose, layer, t);
    return true;
}

static void
forget_unused(struct dc_compose *compose)
{
    for (int i = 0; i < DC_PRESENT_MAX_LAYERS; i++) {
        struct dc_compose_texture *t = &compose->textures[i];
        if (t->serial && !t->used) {
            compose->renderer->gl.DeleteTextures(1, &t->texture);
            *t = (struct dc_compose_texture){ 0 };
        }
        t->used = false;
    }
}

static void
draw_quad(struct dc_compose *compose, const struct dc_compose_layer *layer, bool opaque, const struct dc_frame *frame)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    const struct dc_present_layer *l = layer->layer;
    uint32_t width, height;
    dc_compose_layer_size(layer, &width, &height);
    if (!bind_texture(compose, layer))
        return;
    float src_width = l->src_width ? (float)l->src_width / DC_COMPOSE_FIXED_ONE : (float)width;
    float src_height = l->src_width ? (float)l->src_height / DC_COMPOSE_FIXED_ONE : (float)height;
    float left = (float)l->src_x / DC_COMPOSE_FIXED_ONE / (float)width, right = left + src_width / (float)width;
    float top = (float)l->src_y / DC_COMPOSE_FIXED_ONE / (float)height, bottom = top + src_height / (float)height;
    if (l->y_inverted) { // the first row in memory is the lowest on screen
        top = 1 - top;
        bottom = 1 - bottom;
    }
    float x_scale = 2.0f / (float)frame->width, y_scale = 2.0f / (float)frame->height;
    gl->BindFramebuffer(GL_FRAMEBUFFER, compose->output_fbo);
    gl->UseProgram(compose->program);
    gl->Uniform1i(compose->uniform_bgra, layer->image != NULL);
    gl->Uniform4f(compose->uniform_source, left, bottom, right, top);
    gl->Uniform4f(compose->uniform_target, (float)l->x * x_scale - 1, 1 - ((float)l->y + (float)l->height) * y_scale,
                  ((float)l->x + (float)l->width) * x_scale - 1, 1 - (float)l->y * y_scale);
    (opaque ? gl->Disable : gl->Enable)(GL_BLEND);
    gl->DrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

/* One copy instead of two where nothing is blended or scaled. */
static void
blit(struct dc_compose *compose, const struct dc_compose_layer *layer, const struct dc_frame *frame)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    const struct dc_present_layer *l = layer->layer;
    GLint low = (GLint)frame->height - l->y - (GLint)l->height, high = (GLint)frame->height - l->y;
    if (dc_compose_bind(compose, layer->buffer)) {
        gl->BindFramebuffer(GL_DRAW_FRAMEBUFFER, compose->output_fbo);
        gl->BlitFramebuffer(0, 0, (GLint)l->width, (GLint)l->height, l->x, l->y_inverted ? low : high,
                            l->x + (GLint)l->width, l->y_inverted ? high : low, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    }
    dc_compose_bind(compose, NULL);
}

bool
dc_compose_with_driver(struct dc_compose *compose, const struct dc_compose_layer *layers, uint32_t count,
                    struct dc_pool_frame *pooled)
{
    const struct dc_gl *gl = &compose->renderer->gl;
    const struct dc_frame *frame = &pooled->frame;
    if (!ensure_output(compose, frame->width, frame->height)) {
        dc_error("compositor: no output of %ux%u", frame->width, frame->height);
        return false;
    }
    gl->Viewport(0, 0, (GLsizei)frame->width, (GLsizei)frame->height);
    gl->ClearColor(0, 0, 0, 1);
    gl->Clear(GL_COLOR_BUFFER_BIT);
    for (uint32_t i = 0; i < count; i++) {
        const struct dc_compose_layer *layer = &layers[i];
        bool opaque = dc_compose_is_opaque(layer);
        if (!layer->buffer && !layer->image)
            continue;
        if (layer->surface && opaque && dc_compose_is_unscaled(layer) && !layer->surface->srgb && !layer->surface->multisampled)
            blit(compose, layer, frame);
        else
            draw_quad(compose, layer, opaque, frame);
    }
    gl->BindFramebuffer(GL_FRAMEBUFFER, compose->output_fbo);
    bool ok = dc_compose_read_back(compose, pooled, false, true);
    forget_unused(compose);
    return ok;
}
