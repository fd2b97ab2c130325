/*
 * A gallery that scrolls: detailed pictures side by side move past, as a game's store or a photo application does. SDL2 and
 * OpenGL ES 2; a frame is a handful of textured rectangles, which any renderer draws at 60 Hz.
 *
 *     bench-gallery [--still | --same]
 *
 * --still: one frame, then nothing is drawn any more; --same: the same frame again and again.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <GLES2/gl2.h>
#include <SDL2/SDL.h>

#include "paintings.h"

#define SIZE 512   // pixels of a painting, on screen too
#define GAP 32
#define SPEED 5    // pixels a frame

static GLuint
compile(GLenum kind, const char *source)
{
    GLuint shader = glCreateShader(kind);
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    return shader;
}

static bool
make_program(void)
{
    GLuint program = glCreateProgram();
    GLint linked = 0;
    glAttachShader(program, compile(GL_VERTEX_SHADER, "attribute vec4 vertex; varying vec2 at;\n"
                                                      "void main() { gl_Position = vec4(vertex.xy, 0, 1); at = vertex.zw; }"));
    glAttachShader(program, compile(GL_FRAGMENT_SHADER, "precision mediump float; uniform sampler2D painting; varying vec2 at;\n"
                                                        "void main() { gl_FragColor = texture2D(painting, at); }"));
    glBindAttribLocation(program, 0, "vertex");
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    glUseProgram(program);
    glEnableVertexAttribArray(0);
    return linked;
}

static bool
make_textures(GLuint textures[PAINTINGS])
{
    uint8_t *pixels = malloc((size_t)SIZE * SIZE * 4);
    if (!pixels)
        return false;
    glGenTextures(PAINTINGS, textures);
    for (unsigned i = 0; i < PAINTINGS; i++) {
        painting_draw(i, SIZE, pixels);
        glBindTexture(GL_TEXTURE_2D, textures[i]);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, SIZE, SIZE, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    }
    free(pixels);
    return true;
}

static void
draw_painting(GLuint texture, int x, int y, int width, int height)
{
    float left = 2.0f * (float)x / (float)width - 1, right = 2.0f * (float)(x + SIZE) / (float)width - 1;
    float top = 1 - 2.0f * (float)y / (float)height, bottom = 1 - 2.0f * (float)(y + SIZE) / (float)height;
    const float corners[] = { left, top, 0, 0, right, top, 1, 0, left, bottom, 0, 1, right, bottom, 1, 1 };
    glBindTexture(GL_TEXTURE_2D, texture);
    glVertexAttribPointer(0, 4, GL_FLOAT, GL_FALSE, 0, corners);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

static void
draw(const GLuint textures[PAINTINGS], unsigned frame, int width, int height)
{
    const int step = SIZE + GAP, shift = (int)(frame * SPEED % (unsigned)(step * PAINTINGS));
    glViewport(0, 0, width, height);
    glClearColor(0.08f, 0.08f, 0.1f, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    for (int i = shift / step; i * step - shift < width; i++)
        draw_painting(textures[i % PAINTINGS], i * step - shift, (height - SIZE) / 2, width, height);
}

int
main(int argc, char **argv)
{
    bool still = argc == 2 && strcmp(argv[1], "--still") == 0, same = argc == 2 && strcmp(argv[1], "--same") == 0;
    GLuint textures[PAINTINGS];
    SDL_Event event;
    int width, height;
    if (argc > 1 && !still && !same) {
        fprintf(stderr, "Usage: bench-gallery [--still | --same]\n");
        return 2;
    }
    SDL_SetHint(SDL_HINT_OPENGL_ES_DRIVER, "1");
    if (SDL_Init(SDL_INIT_VIDEO) < 0)
        return 1;
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 2);
    SDL_Window *window = SDL_CreateWindow("gallery", 0, 0, 1280, 720, SDL_WINDOW_OPENGL | SDL_WINDOW_FULLSCREEN_DESKTOP);
    if (!window || !SDL_GL_CreateContext(window) || !make_program() || !make_textures(textures)) {
        fprintf(stderr, "bench-gallery: %s\n", SDL_GetError());
        return 1;
    }
    SDL_GL_SetSwapInterval(1);
    for (unsigned frame = 0;; frame += !same) {
        bool got = still && frame > 1 ? SDL_WaitEvent(&event) : SDL_PollEvent(&event);
        if (got && event.type == SDL_QUIT)
            break;
        SDL_GetWindowSize(window, &width, &height);
        if (still && frame > 1)
            continue;
        draw(textures, still ? 0 : frame, width, height);
        SDL_GL_SwapWindow(window);
    }
    SDL_Quit();
    return 0;
}
