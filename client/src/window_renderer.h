#ifndef DC_CLIENT_WINDOW_RENDERER_H
#define DC_CLIENT_WINDOW_RENDERER_H
/* Which of SDL's renderers draws the window. */
#include <stdbool.h>

#include <SDL.h>

/* SDL's own choice, unless that is OpenGL computed by the processor: then SDL's software renderer, which needs half of its
 * time for a picture that is only copied. SDL_RENDER_DRIVER decides where it is set. NULL: SDL_GetError() says why. */
SDL_Renderer *dc_window_renderer_create(SDL_Window *window, bool vsync);

#endif
