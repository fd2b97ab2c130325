#define DC_LOG_COMPONENT "client"
#include "window_renderer.h"

#include <string.h>

#include <SDL_opengl.h>

#include <common/log.h>

/* Of the context that the renderer has made current; NULL: it has none. */
static const char *
opengl_renderer(SDL_Renderer *renderer)
{
    SDL_RendererInfo info;
    if (SDL_GetRendererInfo(renderer, &info) < 0 || strncmp(info.name, "opengl", 6) != 0 || !SDL_GL_GetCurrentContext())
        return NULL;
    const GLubyte *(APIENTRY *get_string)(GLenum) =
        (const GLubyte *(APIENTRY *)(GLenum))SDL_GL_GetProcAddress("glGetString");
    return get_string ? (const char *)get_string(GL_RENDERER) : NULL;
}

static bool
is_software(const char *name)
{
    return strstr(name, "llvmpipe") || strstr(name, "softpipe") || strstr(name, "SwiftShader") ||
           strstr(name, "Software Rasterizer");
}

SDL_Renderer *
dc_window_renderer_create(SDL_Window *window, bool vsync)
{
    SDL_Renderer *renderer = SDL_CreateRenderer(window, -1, vsync ? SDL_RENDERER_PRESENTVSYNC : 0);
    const char *name = renderer && !SDL_GetHint(SDL_HINT_RENDER_DRIVER) ? opengl_renderer(renderer) : NULL;
    if (!name || !is_software(name))
        return renderer;
    dc_info("OpenGL here is %s: pictures are drawn without it", name);
    SDL_DestroyRenderer(renderer);
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); // or the window's surface becomes an OpenGL texture again
    renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
    return renderer ? renderer : SDL_CreateRenderer(window, -1, vsync ? SDL_RENDERER_PRESENTVSYNC : 0);
}
