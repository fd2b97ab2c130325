/* Occlusion queries, sync objects, finish. */
#include "gl_case.h"

#include <time.h>

static void
occlusion(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), queries[4];
    glGenQueries(4, queries);
    printf("is %d\n", glIsQuery(queries[0]));
    glEnable(GL_DEPTH_TEST);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    for (int i = 0; i < 4; i++) {
        GLenum target = i & 1 ? GL_ANY_SAMPLES_PASSED_CONSERVATIVE : GL_ANY_SAMPLES_PASSED;
        glBeginQuery(target, queries[i]);
        GLint current = 0;
        glGetQueryiv(target, GL_CURRENT_QUERY, &current);
        printf("current %d\n", current == (GLint)queries[i]);
        if (i < 2)
            gl_draw_quad(program, -0.5f, -0.5f, 0.5f, 0.5f);
        else
            gl_draw_quad(program, 2, 2, 3, 3);
        glEndQuery(target);
    }
    printf("is %d\n", glIsQuery(queries[0]));
    for (int i = 0; i < 4; i++) {
        GLuint result = 77, available = 77;
        glGetQueryObjectuiv(queries[i], GL_QUERY_RESULT, &result);
        glGetQueryObjectuiv(queries[i], GL_QUERY_RESULT_AVAILABLE, &available);
        printf("result %u available %u\n", result, available);
    }
    // Polling must come to an end.
    glBeginQuery(GL_ANY_SAMPLES_PASSED, queries[0]);
    gl_draw_quad(program, -0.1f, -0.1f, 0.1f, 0.1f);
    glEndQuery(GL_ANY_SAMPLES_PASSED);
    GLuint available = 0;
    for (int i = 0; i < 10000 && !available; i++) {
        glGetQueryObjectuiv(queries[0], GL_QUERY_RESULT_AVAILABLE, &available);
        nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    }
    printf("polled %u\n", available);
    GLuint result;
    glBeginQuery(GL_ANY_SAMPLES_PASSED, 0);
    glBeginQuery(0x1234, queries[0]);
    glEndQuery(GL_ANY_SAMPLES_PASSED);
    gl_print_error("bad");
    glBeginQuery(GL_ANY_SAMPLES_PASSED, queries[1]);
    gl_print_error("other target");
    glBeginQuery(GL_ANY_SAMPLES_PASSED, queries[0]);
    glGetQueryObjectuiv(queries[0], GL_QUERY_RESULT, &result);
    gl_print_error("active");
    glBeginQuery(GL_ANY_SAMPLES_PASSED_CONSERVATIVE, queries[1]);
    gl_print_error("two at once");
    glEndQuery(GL_ANY_SAMPLES_PASSED);
    glGetQueryObjectuiv(999, GL_QUERY_RESULT, &result);
    gl_print_error("unknown");
    glDeleteQueries(4, queries);
    printf("is %d\n", glIsQuery(queries[0]));
}

static void
sync_objects(void)
{
    GLsync sync = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    printf("is %d\n", glIsSync(sync));
    GLenum wait = glClientWaitSync(sync, GL_SYNC_FLUSH_COMMANDS_BIT, 5000000000u);
    printf("waited %d\n", wait == GL_ALREADY_SIGNALED || wait == GL_CONDITION_SATISFIED);
    GLint value = 0;
    GLsizei length = 0;
    glGetSynciv(sync, GL_SYNC_STATUS, 1, &length, &value);
    printf("status %04x %d\n", value, length);
    glGetSynciv(sync, GL_OBJECT_TYPE, 1, &length, &value);
    printf("type %04x\n", value);
    glGetSynciv(sync, GL_SYNC_CONDITION, 1, &length, &value);
    printf("condition %04x\n", value);
    glGetSynciv(sync, GL_SYNC_FLAGS, 1, &length, &value);
    printf("flags %04x\n", value);
    printf("again %04x\n", glClientWaitSync(sync, 0, 0));
    glWaitSync(sync, 0, GL_TIMEOUT_IGNORED);
    gl_print_error("wait");
    glWaitSync(sync, 0, 5);
    gl_print_error("wait timeout");
    glClientWaitSync(sync, 0x1234, 0);
    gl_print_error("wait flags");
    glDeleteSync(sync);
    printf("is %d\n", glIsSync(sync));
    glDeleteSync(NULL);
    gl_print_error("delete");
    glFenceSync(0x1234, 0);
    gl_print_error("condition");
    glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 1);
    gl_print_error("flags");
    glFlush();
    glFinish();
    gl_print_error("finish");
}

/* glFinish returns only when the GPU is done: heavy drawing takes its time before it and next to none after it. */
static void
finish(void)
{
    GLuint program = gl_program(gl_vs_uv, "precision highp float; varying vec2 uv; uniform float n; void main() { float s = 0.0;"
                                          "for (int i = 0; i < 3000; i++) { s += sin(uv.x * float(i) + s) * 0.001; } gl_FragColor = vec4(s, uv, 1.0); }");
    glUseProgram(program);
    glFinish();
    struct timespec a, b, c;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < 6; i++)
        gl_draw_quad(program, -1, -1, 1, 1);
    glFinish();
    clock_gettime(CLOCK_MONOTONIC, &b);
    uint8_t pixel[4];
    glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    clock_gettime(CLOCK_MONOTONIC, &c);
    double drawn = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
    double read = (double)(c.tv_sec - b.tv_sec) + (double)(c.tv_nsec - b.tv_nsec) * 1e-9;
    printf("finished before the read %d\n", read < drawn / 2);
    gl_print_pixels("drawn");
}

const struct gl_case gl_cases_query[] = {
    { "query-occlusion", 3, occlusion, 0 },
    { "sync-objects", 3, sync_objects, 0 },
    { "finish", 2, finish, 0 },
    { 0 },
};
