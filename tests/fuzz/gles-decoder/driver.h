#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H
/*
 * A driver that draws nothing and checks everything: what it is given must be readable, what it is to fill must be
 * writable, and no draw may depend on client memory. It keeps the state that such a check needs, per context as GLES
 * does, and it fails now and then as drivers do. Whatever a driver could not survive aborts. One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include <gles_driver.h>
#include <protocol/gles/pixels.h>

#define DRIVER_NAMES 2048
#define DRIVER_ATTRIBS 16
#define DRIVER_ARRAYS 12

enum driver_target {
    TARGET_ARRAY, TARGET_PACK, TARGET_UNPACK, TARGET_INDIRECT, TARGET_DISPATCH, TARGET_COPY_READ, TARGET_OTHER,
    TARGET_COUNT,
};

struct driver_attrib {
    bool enabled;
    uint8_t binding;
    uint32_t bytes; // of one element
};

struct driver_binding {
    GLuint buffer;
    int64_t offset;
    uint32_t stride, divisor;
};

struct driver_array {
    bool alive;
    GLuint element;
    struct driver_attrib attribs[DRIVER_ATTRIBS];
    struct driver_binding bindings[DRIVER_ATTRIBS];
};

struct driver_buffer {
    bool alive;
    int64_t size;
    uint8_t *map; // owned while mapped
};

/* What a share group has in common: here all contexts of a run, whose names never collide. */
struct driver_shared {
    struct driver_buffer buffers[DRIVER_NAMES];
    GLuint next_name;
    uint32_t luck; // of the simulated failures
};

struct driver_context {
    GLuint bound[TARGET_COUNT];
    struct driver_array arrays[DRIVER_ARRAYS]; // [0]: the default one
    GLuint array;
    struct dc_pixel_store pack, unpack;
    GLenum error;
    bool gles1;         // a context of GLES 1.1
    GLuint client_unit; // its glClientActiveTexture
};

extern struct driver_shared driver_shared;
extern struct driver_context *driver_current; // NULL: none; calls abort then

void driver_fill(struct dc_gl *gl);
/* driver_arrays.c */
void driver_fill_arrays(struct dc_gl *gl);
/* driver_pixels.c */
void driver_fill_pixels(struct dc_gl *gl);
/* driver_programs.c */
void driver_fill_programs(struct dc_gl *gl);
void driver_reset(void);
void driver_context_init(struct driver_context *context);

/* gl*Pointer and gl{En,Dis}able* of an attribute; a size of 0 is refused. */
void driver_pointer(GLuint index, GLint size, GLenum type, GLsizei stride, const void *at);
void driver_enable(GLuint index, bool on);

struct driver_context *driver_context(void);
void driver_raise(GLenum error);
/* true once in `n` calls, by the run's own dice. */
bool driver_unlucky(uint32_t n);
/* Aborts with a word about why. */
_Noreturn void driver_abort(const char *what);
void driver_read(const void *data, uint64_t size_bytes);
void driver_write(void *data, uint64_t size_bytes);

#endif
