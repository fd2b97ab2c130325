/*
 * The application that latencies are measured with: bars scroll, and a patch in the middle turns from black to white and
 * back with each mouse button that goes down. SDL2 and OpenGL ES 2, drawn by clears alone, so that the picture costs next to
 * nothing everywhere.
 *
 *     bench-flip [--vsync] [--size WxH]
 *
 * Without --vsync it draws at its own 60 Hz: an X server without a monitor has no refresh to wait for.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <GLES2/gl2.h>
#include <SDL2/SDL.h>

#define BAR_WIDTH 32
#define BARS 64
#define SPEED 4 // pixels a frame
#define PATCH 320
#define PERIOD_NS 16666667

struct flip {
    SDL_Window *window;
    SDL_GLContext context;
    int width, height;
    bool vsync, lit, running;
    uint64_t frame;
    struct timespec next;
};

static void
fill(int x, int y, int width, int height, float red, float green, float blue)
{
    glScissor(x, y, width, height);
    glClearColor(red, green, blue, 1);
    glClear(GL_COLOR_BUFFER_BIT);
}

static void
draw(const struct flip *flip)
{
    int shift = (int)(flip->frame * SPEED % (BAR_WIDTH * BARS));
    glViewport(0, 0, flip->width, flip->height);
    glEnable(GL_SCISSOR_TEST);
    for (int x = -(shift % BAR_WIDTH); x < flip->width; x += BAR_WIDTH) {
        unsigned bar = (unsigned)(x + shift) / BAR_WIDTH % BARS;
        fill(x, 0, BAR_WIDTH, flip->height, (float)(bar * 37 % 64) / 96, (float)(bar * 23 % 64) / 96,
             (float)(bar * 11 % 64) / 96);
    }
    float patch = flip->lit ? 1 : 0;
    fill((flip->width - PATCH) / 2, (flip->height - PATCH) / 2, PATCH, PATCH, patch, patch, patch);
}

static void
handle_events(struct flip *flip)
{
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        if (event.type == SDL_QUIT)
            flip->running = false;
        else if (event.type == SDL_MOUSEBUTTONDOWN)
            flip->lit = !flip->lit;
    }
}

static void
wait_for_tick(struct flip *flip)
{
    struct timespec now;
    flip->next.tv_nsec += PERIOD_NS;
    if (flip->next.tv_nsec >= 1000000000) {
        flip->next.tv_nsec -= 1000000000;
        flip->next.tv_sec++;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec > flip->next.tv_sec + 1)
        flip->next = now; // stopped for a while: no burst
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &flip->next, NULL);
}

static bool
open_window(struct flip *flip)
{
    SDL_SetHint(SDL_HINT_OPENGL_ES_DRIVER, "1");
    if (SDL_Init(SDL_INIT_VIDEO) < 0)
        return false;
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_ES);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 2);
    flip->window = SDL_CreateWindow("flip", 0, 0, flip->width, flip->height, SDL_WINDOW_OPENGL | SDL_WINDOW_BORDERLESS);
    flip->context = flip->window ? SDL_GL_CreateContext(flip->window) : NULL;
    if (!flip->context)
        return false;
    SDL_GL_SetSwapInterval(flip->vsync ? 1 : 0);
    clock_gettime(CLOCK_MONOTONIC, &flip->next);
    return true;
}

int
main(int argc, char **argv)
{
    struct flip flip = { .width = 1280, .height = 720, .running = true };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--vsync") == 0) {
            flip.vsync = true;
        } else if (strcmp(argv[i], "--size") == 0 && i + 1 < argc &&
                   sscanf(argv[i + 1], "%dx%d", &flip.width, &flip.height) == 2 && flip.width > 0 && flip.height > 0) {
            i++;
        } else {
            fprintf(stderr, "Usage: bench-flip [--vsync] [--size WxH]\n");
            return 2;
        }
    }
    if (!open_window(&flip)) {
        fprintf(stderr, "bench-flip: %s\n", SDL_GetError());
        return 1;
    }
    for (; flip.running; flip.frame++) {
        if (!flip.vsync)
            wait_for_tick(&flip);
        handle_events(&flip);
        SDL_GetWindowSize(flip.window, &flip.width, &flip.height);
        draw(&flip);
        SDL_GL_SwapWindow(flip.window);
    }
    SDL_Quit();
    return 0;
}
