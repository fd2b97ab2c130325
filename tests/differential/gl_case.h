#ifndef DC_TESTS_DIFFERENTIAL_GL_CASE_H
#define DC_TESTS_DIFFERENTIAL_GL_CASE_H
/*
 * GL programs whose whole output is text: hashes of pixels, errors and query results. run.py runs them on native Mesa
 * and through the stack and compares the text byte for byte, so nothing here may print what legitimately differs
 * (addresses, times, driver strings).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>
#include <GLES3/gl32.h>

#define CASE_WIDTH 64
#define CASE_HEIGHT 48

struct gl_case {
    const char *name;
    int version; // GLES major version of the context
    void (*run)(void);
    int samples; // of the pbuffer
};

extern const struct gl_case gl_cases_draw[], gl_cases_texture[], gl_cases_vertex[], gl_cases_buffer[],
    gl_cases_feedback[], gl_cases_framebuffer[], gl_cases_program[], gl_cases_query[], gl_cases_error[],
    gl_cases_random[], gl_cases_get[], gl_cases_share[], gl_cases_store[], gl_cases_es31[], gl_cases_debug[],
    gl_cases_extension[], gl_cases_extension_draw[], gl_cases_recover[], gl_cases_recover_more[], gl_cases_viewport[],
    gl_cases_binary[], gl_cases_gles1[], gl_cases_gles1_draw[];

/* Display and context of the running case. */
extern EGLDisplay gl_display;
extern EGLContext gl_context;
extern EGLConfig gl_config;
extern EGLSurface gl_surface;
EGLContext gl_make_context(EGLContext share, int version);

/* The worker dies here and another one takes over, where run.py says how ($GL_CASES_BREAK, a command). */
void gl_break(void);
uint64_t gl_hash(const void *data, size_t size_bytes);
/* Hash of the whole read buffer as RGBA8, with the GL error after reading. */
void gl_print_pixels(const char *label);
void gl_print_area(const char *label, int x, int y, int width, int height, GLenum format, GLenum type,
                   size_t pixel_bytes);
void gl_print_error(const char *label);
void gl_print_hash(const char *label, const void *data, size_t size_bytes);
/* Deterministic bytes. */
void gl_fill(void *data, size_t size_bytes, uint32_t seed);

GLuint gl_shader(GLenum type, const char *source);
/* Linked; prints log and stops the case if it does not link. */
GLuint gl_program(const char *vertex, const char *fragment);
/* A quad over the clip rectangle from client memory or a buffer, through attribute 0 "pos". */
void gl_draw_quad(GLuint program, float x0, float y0, float x1, float y1);

/* Position "pos" to gl_Position; varying "uv" = pos * 0.5 + 0.5. */
extern const char gl_vs_uv[];
extern const char gl_fs_color[]; // uniform vec4 color
extern const char gl_fs_tex[];   // uniform sampler2D tex

#endif
