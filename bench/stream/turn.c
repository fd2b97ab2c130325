/*
 * The application that streams are measured with: a texture of noise that turns, so that every encoder needs its whole bit
 * rate for it, drawn as one quad, so that it costs next to nothing else. SDL2 and OpenGL ES 2.
 *
 *     bench-turn [--size WxH]
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <GLES2/gl2.h>
#include <SDL2/SDL.h>

#define TEXTURE_SIZE 256
#define CELL 4                // texels of one colour: detail, not snow
#define RADIANS_A_FRAME 0.002f // far corners move by a pixel and a half

struct turn {
    SDL_Window *window;
    SDL_GLContext context;
    int width, height;
    GLint angle, shape;
};

static const char vertex_source[] =
    "attribute vec2 at; uniform float angle; uniform vec2 shape; varying vec2 place;\n"
    "void main() {\n"
    "    vec2 p = at * shape;\n"
    "    place = vec2(p.x * cos(angle) - p.y * sin(angle), p.x * sin(angle) + p.y * cos(angle));\n"
    "    gl_Position = vec4(at, 0.0, 1.0);\n"
    "}\n";
static const char fragment_source[] =
    "precision mediump float; uniform sampler2D noise; varying vec2 place;\n"
    "void main() { gl_FragColor = texture2D(noise, place); }\n";

static GLuint
compile(GLenum kind, const char *source)
{
    GLuint shader = glCreateShader(kind);
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    return shader;
}

static bool
create_program(struct turn *turn)
{
    GLint linked = 0;
    GLuint program = glCreateProgram();
    glAttachShader(program, compile(GL_VERTEX_SHADER, vertex_source));
    glAttachShader(program, compile(GL_FRAGMENT_SHADER, fragment_source));
    glBindAttribLocation(program, 0, "at");
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    glUseProgram(program);
    turn->angle = glGetUniformLocation(program, "angle");
    turn->shape = glGetUniformLocation(program, "shape");
    return linked;
}

static void
create_noise(void)
{
    static uint8_t texels[TEXTURE_SIZE][TEXTURE_SIZE][4];
    uint32_t state = 1;
    GLuint texture;
    for (int y = 0; y < TEXTURE_SIZE; y += CELL) {
        for (int x = 0; x < TEXTURE_SIZE; x += CELL) {
            state = state * 1664525 + 1013904223;
            uint8_t colour[4] = { (uint8_t)(state >> 24), (uint8_t)(state >> 17), (uint8_t)(state >> 11), 255 };
            for (int i = 0; i < CELL * CELL; i++)
                memcpy(texels[y + i / CELL][x + i % CELL], colour, sizeof colour);
        }
    }
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, TEXTURE_SIZE, TEXTURE_SIZE, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
}

static bool
open_window(struct turn *turn)
{
    static const float corners[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
    SDL_SetHint(SDL_HINT_OPENGL_ES_DRIVER, "1");
    if (SDL_Init(SDL_INIT_VIDEO) < 0)
        return false;
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 2);
    turn->window = SDL_CreateWindow("turn", 0, 0, turn->width, turn->height, SDL_WINDOW_OPENGL | SDL_WINDOW_BORDERLESS);
    turn->context = turn->window ? SDL_GL_CreateContext(turn->window) : NULL;
    if (!turn->context || !create_program(turn))
        return false;
    SDL_GL_SetSwapInterval(1);
    create_noise();
    glEnableVertexAttribArray(0);
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof corners, corners, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    return true;
}

static bool
runs(void)
{
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        if (event.type == SDL_QUIT)
            return false;
    }
    return true;
}

int
main(int argc, char **argv)
{
    struct turn turn = { .width = 1280, .height = 720 };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--size") != 0 || ++i == argc || sscanf(argv[i], "%dx%d", &turn.width, &turn.height) != 2 ||
            turn.width < 1 || turn.height < 1) {
            fprintf(stderr, "Usage: bench-turn [--size WxH]\n");
            return 2;
        }
    }
    if (!open_window(&turn)) {
        fprintf(stderr, "bench-turn: %s\n", SDL_GetError());
        return 1;
    }
    for (unsigned frame = 0; runs(); frame++) {
        glViewport(0, 0, turn.width, turn.height);
        glUniform1f(turn.angle, (float)frame * RADIANS_A_FRAME);
        glUniform2f(turn.shape, (float)turn.width / TEXTURE_SIZE / 2, (float)turn.height / TEXTURE_SIZE / 2);
        glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
        SDL_GL_SwapWindow(turn.window);
    }
    SDL_Quit();
    return 0;
}
