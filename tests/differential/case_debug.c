/* KHR_debug: messages to a callback within the call that causes them, the log, filters, groups, labels. */
#include "gl_case.h"

#include <string.h>

static void GL_APIENTRY
print_message(GLenum source, GLenum type, GLuint id, GLenum severity, GLsizei length, const GLchar *text,
              const void *user)
{
    // What a driver says of an error, and how it numbers it, is its own affair.
    bool own = source == GL_DEBUG_SOURCE_APPLICATION || source == GL_DEBUG_SOURCE_THIRD_PARTY;
    printf("  %s %04x %04x %04x %u %.*s\n", (const char *)user, source, type, severity, own ? id : 0, own ? length : 0,
           text);
}

static void
provoke(const char *label)
{
    printf("%s\n", label);
    glEnable(0x1234); // the driver's
    printf(" after enum\n");
    glViewport(0, 0, -1, 1);
    printf(" after value\n");
    glUseProgram(999); // the frontend's own
    printf(" after name\n");
    glBindBuffer(0x4321, 0);
    printf(" after target\n");
    glMapBufferRange(GL_ARRAY_BUFFER, 0, 4, GL_MAP_READ_BIT);
    printf(" after map\n");
    GLint value;
    glGetProgramiv(999, GL_LINK_STATUS, &value);
    printf(" after program\n");
    while (glGetError())
        ;
}

static void
print_log(const char *label)
{
    GLint logged = -1, next = -1;
    glGetIntegerv(GL_DEBUG_LOGGED_MESSAGES, &logged);
    printf("%s: logged %d\n", label, logged);
    for (int i = 0; i < logged; i++) {
        GLenum source = 0, type = 0, severity = 0;
        GLuint id = 0;
        GLsizei length = -1;
        GLchar text[1024] = "";
        glGetIntegerv(GL_DEBUG_NEXT_LOGGED_MESSAGE_LENGTH, &next);
        GLuint got = glGetDebugMessageLog(1, sizeof text, &source, &type, &id, &severity, &length, text);
        bool own = source == GL_DEBUG_SOURCE_APPLICATION || source == GL_DEBUG_SOURCE_THIRD_PARTY;
        printf("  got %u %04x %04x %04x length fits %d %d %s\n", got, source, type, severity, length == next,
               (GLsizei)strlen(text) + 1 == length, own ? text : "");
    }
}

static void
messages(void)
{
    glEnable(GL_DEBUG_OUTPUT);
    glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    glDebugMessageControl(GL_DONT_CARE, GL_DONT_CARE, GL_DONT_CARE, 0, NULL, GL_FALSE);
    glDebugMessageControl(GL_DEBUG_SOURCE_API, GL_DEBUG_TYPE_ERROR, GL_DONT_CARE, 0, NULL, GL_TRUE);
    glDebugMessageControl(GL_DEBUG_SOURCE_APPLICATION, GL_DONT_CARE, GL_DONT_CARE, 0, NULL, GL_TRUE);
    print_log("before");
    glDebugMessageCallback(print_message, "one");
    void *user = NULL;
    glGetPointerv(GL_DEBUG_CALLBACK_USER_PARAM, &user);
    printf("user %s\n", (const char *)user);
    provoke("callback");
    glDebugMessageInsert(GL_DEBUG_SOURCE_APPLICATION, GL_DEBUG_TYPE_MARKER, 77, GL_DEBUG_SEVERITY_LOW, -1, "inserted");
    glDebugMessageInsert(GL_DEBUG_SOURCE_THIRD_PARTY, GL_DEBUG_TYPE_OTHER, 78, GL_DEBUG_SEVERITY_LOW, -1, "filtered");
    glDebugMessageInsert(GL_DEBUG_SOURCE_API, GL_DEBUG_TYPE_OTHER, 79, GL_DEBUG_SEVERITY_LOW, -1, "refused");
    gl_print_error("refused");
    glPushDebugGroup(GL_DEBUG_SOURCE_APPLICATION, 5, -1, "group");
    GLint depth = 0;
    glGetIntegerv(GL_DEBUG_GROUP_STACK_DEPTH, &depth);
    printf("depth %d\n", depth);
    glDebugMessageControl(GL_DEBUG_SOURCE_API, GL_DEBUG_TYPE_ERROR, GL_DONT_CARE, 0, NULL, GL_FALSE);
    provoke("filtered in the group");
    glPopDebugGroup();
    provoke("after the group");
    glPopDebugGroup();
    gl_print_error("underflow");
    glDisable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    glDebugMessageCallback(print_message, "two");
    provoke("asynchronous");
    glFinish();
    glDisable(GL_DEBUG_OUTPUT);
    provoke("off");
    glEnable(GL_DEBUG_OUTPUT);
    glDebugMessageCallback(NULL, NULL);
    provoke("log");
    print_log("log");
    print_log("empty");
    for (unsigned i = 0; i < 30; i++)
        glDebugMessageInsert(GL_DEBUG_SOURCE_APPLICATION, GL_DEBUG_TYPE_OTHER, i, GL_DEBUG_SEVERITY_HIGH, 3, "many");
    print_log("full");
    GLchar small[8];
    glDebugMessageInsert(GL_DEBUG_SOURCE_APPLICATION, GL_DEBUG_TYPE_OTHER, 1, GL_DEBUG_SEVERITY_HIGH, -1, "too long for it");
    printf("no room %u\n", glGetDebugMessageLog(1, sizeof small, NULL, NULL, NULL, NULL, NULL, small));
    printf("no text %u\n", glGetDebugMessageLog(4, 0, NULL, NULL, NULL, NULL, NULL, NULL));
    glGetDebugMessageLog(1, -1, NULL, NULL, NULL, NULL, NULL, small);
    gl_print_error("negative size");
}

static void
labels(void)
{
    GLsync sync = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    GLchar text[32] = "?";
    GLsizei length = -1;
    glGetObjectPtrLabel(sync, sizeof text, &length, text);
    printf("none %d '%s'\n", length, text);
    glObjectPtrLabel(sync, -1, "a fence");
    glGetObjectPtrLabel(sync, sizeof text, &length, text);
    printf("set %d '%s'\n", length, text);
    glObjectPtrLabel(sync, 3, "cut here");
    glGetObjectPtrLabel(sync, 3, &length, text);
    printf("cut %d '%s'\n", length, text);
    glGetObjectPtrLabel(sync, 0, &length, NULL);
    printf("length %d\n", length);
    glObjectPtrLabel(sync, 0, NULL);
    glGetObjectPtrLabel(sync, sizeof text, &length, text);
    printf("cleared %d '%s'\n", length, text);
    gl_print_error("labels");
    glObjectPtrLabel(&length, -1, "nothing");
    gl_print_error("no sync");
    glObjectPtrLabel(sync, 100000, "nothing");
    gl_print_error("long");
    glGetObjectPtrLabel(sync, -1, &length, text);
    gl_print_error("negative");
    glDeleteSync(sync);
}

const struct gl_case gl_cases_debug[] = {
    { "debug-messages", 3, messages, 0 },
    { "debug-labels", 3, labels, 0 },
    { 0 },
};
