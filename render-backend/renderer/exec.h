#ifndef DC_RENDERER_EXEC_H
#define DC_RENDERER_EXEC_H
/*
 * One ring's command executor, as the generated handlers (gles_exec.c), the hand-written ones (gles/) and the owner of
 * EGL contexts and surfaces (context.c, surface.c …) see it. Everything here belongs to the executor thread.
 *
 * Names are chosen by the application's process: the maps below turn them into the driver's. Nothing that it says is
 * trusted; what does not fit fails the whole ring (dc_exec_fail), once, with the opcode and the reason.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gles_driver.h>
#include <gles_opcodes.h>
#include <protocol/gles/client_range.h>
#include <protocol/gles/result_key.h>
#include <protocol/gles/decoder.h>
#include <protocol/gles/pixels.h>
#include <protocol/link/ring.h>
#include "gles/ledger.h"
#include "gles/names.h"

#define DC_EXEC_SCRATCH_BYTES (256u << 10)
#define DC_EXEC_REPLY_PART_BYTES (256u << 10)
#define DC_EXEC_GET_BYTES (8u << 10) // more than any getter of the driver writes
#define DC_EXEC_ATTRIBS 32
#define DC_EXEC_QUERY_TARGETS 5

struct dc_exec;
struct dc_exec_context;
typedef void (*dc_exec_run)(struct dc_exec *x, const uint32_t *words, size_t word_count);

/* What a context is of. */
enum dc_api { DC_API_GLES2 = 1 /* and above */, DC_API_GLES1 = 2 };

struct dc_exec_op {
    dc_exec_run run; // NULL: no wire command
    uint32_t apis;   // whose contexts have the command; 0: it needs no context
};
extern const struct dc_exec_op dc_exec_ops[DC_OP_END];

/* Limits that one ring may reach; beyond them it fails (objects, shader bytes) or GL says OUT_OF_MEMORY (bytes). What all
 * objects may have together is the ledger's (gles/ledger.h). */
struct dc_exec_quota {
    uint32_t objects;      // per kind and share group
    uint32_t programs;     // programs and shaders of a share group
    uint32_t shader_bytes; // one shader's source
    uint64_t buffer_bytes; // one buffer, texture or texture level
    uint64_t read_bytes;   // one glReadPixels to the application's memory
};
#define DC_EXEC_QUOTA_DEFAULT                                                                                           \
    {                                                                                                                   \
        .objects = 1u << 18, .programs = 1u << 14, .shader_bytes = 4u << 20, .buffer_bytes = 1ull << 30,                \
        .read_bytes = 512u << 20                                                                                        \
    }
#define DC_EXEC_MAX_FENCES (1u << 16)

/* What a share group has in common. */
struct dc_exec_share {
    uint32_t refs;
    struct dc_names names[DC_NAMES_SHARED_COUNT];
    struct dc_names bound_buffers; // that were bound once without an error: the driver has them (1)
    struct dc_ledger_table sizes;
};

/* Vertex array object, as far as safety needs it: no draw may make the driver read client memory. */
struct dc_exec_vao {
    uint32_t element_buffer;                  // name; 0: none
    uint32_t enabled;                         // bit per attribute
    uint32_t sourced;                         // attributes whose binding has a buffer
    uint8_t binding[DC_EXEC_ATTRIBS];         // attribute → binding point
    uint32_t buffer[DC_EXEC_ATTRIBS];         // binding point → name of its buffer; 0: none
    uint32_t next_free;                       // index, while unused
};

/* Buffer of the context that client arrays or indices are streamed through. */
struct dc_exec_stream {
    uint32_t driver; // 0: not made yet
    uint32_t size_bytes, at; // size 0: the driver has no memory for it
    uint32_t retired[DC_EXEC_ATTRIBS]; // full ones that the coming draw still reads
    uint32_t retired_count;
};

struct dc_exec_fence {
    uint64_t serial;
    uint32_t context_id;
    void *sync; // GLsync
};

struct dc_exec_context {
    uint32_t id;
    struct dc_exec_context *next; // x->contexts
    struct dc_exec_share *share;
    uint32_t version; // 11, 20, 30, 31, 32: what the driver says
    enum dc_api api;  // as it was made
    bool ready;           // has been current once
    bool first_bind_done; // executor.c
    void *backend;        // context.c's record (EGLContext, surfaces)

    struct dc_names names[DC_NAMES_CONTEXT_COUNT];
    struct dc_names vao_index;  // name → index in vaos
    struct dc_exec_vao *vaos;   // owned; [0] is the default one
    uint32_t vao_count, vao_free, vao_current; // vao_free 0: none
    uint32_t max_attribs;

    uint32_t array_buffer, pixel_pack_buffer, pixel_unpack_buffer, draw_indirect_buffer, dispatch_indirect_buffer;
    bool primitive_restart;
    // The app's pixel store, and what the driver has now: applied only when an upload or read needs it.
    struct dc_pixel_store unpack, pack, unpack_applied, pack_applied;

    uint32_t pending_error; // seen by dc_exec_check_errors() or raised by us, not yet fetched
    uint32_t fresh_error;   // latest one that the frontend does not know of
    bool lost;
    bool debug;           // made as a debug context: debug output is on from the start
    bool debug_output;    // the driver's messages are pushed at present
    bool debug_collected; // our callback is set

    struct dc_exec_stream stream_vertices, stream_indices; // client arrays and indices go through these
    struct dc_exec_client {
        GLint size;
        GLenum type;
        bool normalized, integer;
        uint32_t divisor, stride, vertex_count;
        int32_t first_vertex;
        uint32_t buffer, offset; // driver's name, and where vertex 0 is
    } client[DC_EXEC_ATTRIBS];
    uint32_t client_unit; // GLES 1.1: glClientActiveTexture
    uint32_t client_mask; // given by dcClientArray and dcClientAttrib since the last draw
    struct dc_exec_range {
        uint32_t driver, at, size_bytes; // driver 0: none; kept ones have their pad before `at`
    } next_draw_range, kept[DC_CLIENT_SLOTS + 1]; // kept: by slot, [0] unused
    uint32_t kept_bytes;

    uint32_t query_active[DC_EXEC_QUERY_TARGETS]; // names
    struct dc_exec_query { uint32_t name; bool wide; } *queries; // owned: ended, result not pushed yet
    uint32_t query_count, query_capacity;
};

/* What executor.c gives. */
struct dc_exec_impl {
    /* Required. Room in the reply area; NULL only when the ring is closed or lost (the reply is dropped). */
    void *(*reply_reserve)(struct dc_exec *x, size_t size_bytes);
    void (*reply_publish)(struct dc_exec *x, size_t size_bytes);
    /* Optional. Makes another context of this ring current (its last surfaces) and sets x->context; false: cannot. For
     * polling queries and fences of a context that is not. */
    bool (*switch_context)(struct dc_exec *x, struct dc_exec_context *context);
    /* Optional. What a compile or a link gave (DC_REPLY_SHADER, DC_REPLY_PROGRAM), as it is pushed. */
    void (*note_result)(struct dc_exec *x, uint32_t type, struct dc_result_key key, const void *data, size_t size_bytes);
};

struct dc_exec {
    struct dc_decoder decoder; // bulk_view and user set by executor.c
    const struct dc_gl *gl;
    const struct dc_exec_impl *impl;
    void *user; // executor.c
    struct dc_exec_quota quota;
    struct dc_ledger *ledger; // the worker's; until executor.c says, a limit of this ring alone
    struct dc_ledger own_ledger;
    struct dc_exec_context *context; // current, NULL: none
    struct dc_exec_context *contexts;
    uint32_t batch_context_id; // of the batch being executed; set by executor.c
    struct dc_exec_fence *fences; // owned, in order
    uint32_t fence_count, fence_capacity;
    uint64_t commands; // executed, for metrics
    bool failed;
    uint32_t failed_op;
    const char *fail_reason; // static string
    uint8_t *scratch;  // owned, DC_EXEC_SCRATCH_BYTES
    uint8_t *fill;     // owned, the same: the first of two answers of a getter
    uint8_t *big;      // owned, grows: copies of shared data that is checked
    size_t big_bytes;
    uint32_t op; // being executed
    struct dc_result_key next_result; // of the next compile or link; none: it is not noted
};

/* ---- set-up (executor.c calls these; gles/exec.c) ---- */
bool dc_exec_init(struct dc_exec *x, const struct dc_gl *gl, const struct dc_exec_impl *impl, void *user);
/* Destroys what is left of the contexts' records; calls no driver function. */
void dc_exec_finish(struct dc_exec *x);
/* Record of a new context. share may be NULL. NULL: out of memory. The driver's own context is executor.c's. */
struct dc_exec_context *dc_exec_context_create(struct dc_exec *x, uint32_t id, enum dc_api api,
                                               struct dc_exec_context *share);
struct dc_exec_context *dc_exec_context_find(struct dc_exec *x, uint32_t id);
/* Forgets the record (and its fences, signalled). If it was current, x->context is NULL afterwards. Objects of a share
 * group die with the driver's last context of it. */
void dc_exec_context_destroy(struct dc_exec *x, struct dc_exec_context *context);
/* After the driver's context became current (or NULL: none is). */
void dc_exec_context_made_current(struct dc_exec *x, struct dc_exec_context *context);

/* ---- while running ---- */
/* Sticky; the first one wins. op 0: the command being executed. */
void dc_exec_fail(struct dc_exec *x, uint32_t op, const char *reason);
/* One reply; long ones are cut into DC_REPLY_SYNC_PART and a last DC_REPLY_SYNC (only SYNC may be long). */
void dc_exec_reply(struct dc_exec *x, uint32_t type, uint64_t serial, const void *data, size_t size_bytes);
/* A GL error of our own making: kept for glGetError. */
void dc_exec_raise(struct dc_exec *x, GLenum error);
/* Debug output of the current context is pushed from now on (gles/debug.c). */
void dc_exec_debug_start(struct dc_exec *x);
/* Makes the driver raise the error itself, so that its debug message follows the application's filters. false: not so. */
bool dc_exec_debug_provoke(struct dc_exec *x, GLenum error);
/* Asks the driver for errors since the last time and pushes DC_REPLY_GL_ERROR; a later exact glGetError still returns
 * each once. Also notices a GPU reset (DC_REPLY_RESET). At swap and flush. */
void dc_exec_check_errors(struct dc_exec *x);
/* Pushes fences that have signalled and query results that are there. Returns how many are still pending: call again soon
 * (without other work: after about 200 µs) if not 0. */
uint32_t dc_exec_poll_fences(struct dc_exec *x);
/* Between batches of a busy ring: fences of the current context only, and without a flush. Whoever waits for an older
 * frame learns of it while the next one is executed. */
void dc_exec_glance_fences(struct dc_exec *x);
/* Errors so far go to pending_error; true if there was one. Around calls whose failure must be known. */
bool dc_exec_collect_error(struct dc_exec *x);

/* ---- for handlers ---- */
/* Driver's name for ours; 0 for 0; DC_NAME_UNKNOWN (no driver object has it) for what does not exist. */
static inline struct dc_names *
dc_exec_names(struct dc_exec *x, enum dc_names_kind kind)
{
    return kind < DC_NAMES_SHARED_COUNT ? &x->context->share->names[kind]
                                        : &x->context->names[kind - DC_NAMES_SHARED_COUNT];
}
static inline uint32_t
dc_exec_name(struct dc_exec *x, enum dc_names_kind kind, uint32_t name)
{
    uint32_t driver = dc_names_find(dc_exec_names(x, kind), name);
    return driver || !name ? driver : DC_NAME_UNKNOWN;
}
/* true: the blob holds `count` elements. A NULL blob where data is needed: false, nothing is called. A short one fails. */
bool dc_exec_check_blob(struct dc_exec *x, const struct dc_blob *blob, int64_t count, uint32_t element_bytes);
/* Terminated copy in scratch, NULL if too long (fails). One at a time. */
const char *dc_exec_string(struct dc_exec *x, struct dc_blob blob);
/* The blob's bytes where the sender cannot change them: itself, or a copy valid until the next call. NULL: no data, or
 * failed. */
const void *dc_exec_copy(struct dc_exec *x, struct dc_blob blob);
static inline const void *
dc_exec_private(struct dc_exec *x, struct dc_blob blob)
{
    return blob.shared ? dc_exec_copy(x, blob) : blob.data;
}
/* Room of the executor's own, for the same purpose. NULL: failed. */
void *dc_exec_big(struct dc_exec *x, size_t size_bytes);
void dc_exec_vao_init(struct dc_exec_vao *vao);
/* Fences of a context that goes away count as signalled. */
void dc_exec_fences_forget(struct dc_exec *x, uint32_t context_id);
void dc_exec_get_fill(struct dc_exec *x, int pass);
void dc_exec_get_reply(struct dc_exec *x, uint32_t serial, uint32_t element_bytes);
void dc_exec_reply_parts(struct dc_exec *x, uint32_t serial, const void *head, size_t head_bytes, const void *data,
                         int64_t count, uint32_t element_bytes);

#endif
