#define DC_LOG_COMPONENT "render"
/* The executor's core: walking batches, replies, sticky failure, errors. */
#include "../exec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <common/log.h>
#include <gles_decode.h>

bool
dc_exec_init(struct dc_exec *x, const struct dc_gl *gl, const struct dc_exec_impl *impl, void *user)
{
    *x = (struct dc_exec){ .gl = gl, .impl = impl, .user = user, .quota = DC_EXEC_QUOTA_DEFAULT };
    x->own_ledger.limit_bytes = UINT64_MAX;
    x->ledger = &x->own_ledger;
    x->scratch = malloc(2 * DC_EXEC_SCRATCH_BYTES);
    if (!x->scratch)
        return false;
    x->fill = x->scratch + DC_EXEC_SCRATCH_BYTES;
    return true;
}

void
dc_exec_finish(struct dc_exec *x)
{
    while (x->contexts)
        dc_exec_context_destroy(x, x->contexts);
    free(x->fences);
    free(x->scratch);
    free(x->big);
    *x = (struct dc_exec){ 0 };
}

void
dc_exec_fail(struct dc_exec *x, uint32_t op, const char *reason)
{
    if (x->failed)
        return;
    x->failed = true;
    x->failed_op = op ? op : x->op;
    x->fail_reason = reason;
    dc_decoder_fail(&x->decoder, reason);
    // The one line for people is its owner's, who knows ring and process.
    dc_debug("command %s (%u): %s", dc_op_name(x->failed_op), x->failed_op, reason);
}

int
dc_gles_dispatch(struct dc_exec *x, const uint32_t *words, size_t word_count)
{
    const uint32_t *w = words, *end = words + word_count;
    while (w < end && !x->failed) {
        uint32_t op = *w & 0xffff, n = *w >> 16;
        size_t left = (size_t)(end - w);
        const uint32_t *command = w;
        __atomic_store_n(&x->op, op, __ATOMIC_RELAXED); // the watchdog looks
        if (!n) { // long form: unpackers see the second word as the header
            n = left > 1 ? w[1] : 0;
            if (n < 2 || n > left) {
                dc_exec_fail(x, op, "length runs past its batch");
                break;
            }
            command++;
        } else if (n > left) {
            dc_exec_fail(x, op, "length runs past its batch");
            break;
        }
        if (op >= DC_OP_END || !dc_exec_ops[op].run) {
            dc_exec_fail(x, op, "unknown command");
            break;
        }
        uint32_t apis = dc_exec_ops[op].apis;
        if (apis && (!x->context || !(apis & x->context->api))) {
            dc_exec_fail(x, op, x->context ? "command of another API than its context's" : "no current context");
            break;
        }
        dc_exec_ops[op].run(x, command, n - (size_t)(command - w));
        if (x->decoder.failed)
            dc_exec_fail(x, op, x->decoder.reason);
        __atomic_store_n(&x->commands, x->commands + 1, __ATOMIC_RELAXED);
        w += n;
    }
    return x->failed ? -EPROTO : 0;
}

static void
reply_one(struct dc_exec *x, uint32_t type, uint64_t serial, const void *head, size_t head_bytes, const void *data,
          size_t size_bytes)
{
    size_t payload = head_bytes + size_bytes;
    size_t total = (sizeof(struct dc_reply_header) + payload + 7) / 8 * 8;
    uint8_t *p = x->impl->reply_reserve(x, total);
    if (!p)
        return;
    struct dc_reply_header header = { (uint32_t)payload, type, serial };
    memcpy(p, &header, sizeof(header));
    if (head_bytes)
        memcpy(p + sizeof(header), head, head_bytes);
    if (size_bytes)
        memcpy(p + sizeof(header) + head_bytes, data, size_bytes);
    memset(p + sizeof(header) + payload, 0, total - sizeof(header) - payload);
    x->impl->reply_publish(x, total);
}

void
dc_exec_reply(struct dc_exec *x, uint32_t type, uint64_t serial, const void *data, size_t size_bytes)
{
    const uint8_t *p = data;
    for (; type == DC_REPLY_SYNC && size_bytes > DC_EXEC_REPLY_PART_BYTES; size_bytes -= DC_EXEC_REPLY_PART_BYTES) {
        reply_one(x, DC_REPLY_SYNC_PART, serial, NULL, 0, p, DC_EXEC_REPLY_PART_BYTES);
        p += DC_EXEC_REPLY_PART_BYTES;
    }
    reply_one(x, type, serial, NULL, 0, p, size_bytes);
}

void
dc_exec_reply_parts(struct dc_exec *x, uint32_t serial, const void *head, size_t head_bytes, const void *data,
                    int64_t count, uint32_t element_bytes)
{
    size_t bytes = count > 0 ? (size_t)count * element_bytes : 0;
    if (bytes > DC_EXEC_SCRATCH_BYTES)
        bytes = DC_EXEC_SCRATCH_BYTES;
    reply_one(x, DC_REPLY_SYNC, serial, head, head_bytes, data, bytes);
}

void
dc_exec_get_fill(struct dc_exec *x, int pass)
{
    if (pass)
        memcpy(x->fill, x->scratch, DC_EXEC_GET_BYTES);
    memset(x->scratch, pass ? 0x5a : 0xa5, DC_EXEC_GET_BYTES);
}

void
dc_exec_get_reply(struct dc_exec *x, uint32_t serial, uint32_t element_bytes)
{
    // From the end, in long steps over what both passes left as it was filled.
    size_t bytes = DC_EXEC_GET_BYTES;
    for (uint64_t fill, scratch; bytes; bytes -= sizeof(fill)) {
        memcpy(&fill, x->fill + bytes - sizeof(fill), sizeof(fill));
        memcpy(&scratch, x->scratch + bytes - sizeof(scratch), sizeof(scratch));
        if ((fill ^ scratch) != UINT64_MAX)
            break;
    }
    while (bytes && memcmp(x->fill + bytes - element_bytes, x->scratch + bytes - element_bytes, element_bytes) != 0)
        bytes -= element_bytes;
    dc_exec_reply(x, DC_REPLY_SYNC, serial, x->scratch, bytes);
}

bool
dc_exec_check_blob(struct dc_exec *x, const struct dc_blob *blob, int64_t count, uint32_t element_bytes)
{
    if (count <= 0)
        return true;
    if (!blob->data)
        return false;
    if ((uint64_t)count > UINT32_MAX || blob->size_bytes < (uint64_t)count * element_bytes) {
        dc_exec_fail(x, 0, "data is shorter than the arguments say");
        return false;
    }
    return true;
}

const char *
dc_exec_string(struct dc_exec *x, struct dc_blob blob)
{
    if (blob.size_bytes >= DC_EXEC_SCRATCH_BYTES) {
        dc_exec_fail(x, 0, "string is too long");
        return NULL;
    }
    if (blob.size_bytes)
        memcpy(x->scratch, blob.data, blob.size_bytes);
    x->scratch[blob.size_bytes] = 0;
    return (const char *)x->scratch;
}

const void *
dc_exec_copy(struct dc_exec *x, struct dc_blob blob)
{
    if (!dc_exec_big(x, blob.size_bytes))
        return NULL;
    memcpy(x->big, blob.data, blob.size_bytes);
    return x->big;
}

void *
dc_exec_big(struct dc_exec *x, size_t size_bytes)
{
    if (size_bytes > x->big_bytes) {
        uint8_t *p = realloc(x->big, size_bytes);
        if (!p) {
            dc_exec_fail(x, 0, "out of memory");
            return NULL;
        }
        x->big = p;
        x->big_bytes = size_bytes;
    }
    return x->big;
}

static void
note_error(struct dc_exec *x, GLenum error)
{
    if (!x->context->pending_error)
        x->context->pending_error = error;
    x->context->fresh_error = error;
}

void
dc_exec_raise(struct dc_exec *x, GLenum error)
{
    if (!x->context)
        return;
    if (x->context->debug_output) {
        dc_exec_collect_error(x); // what came before
        if (dc_exec_debug_provoke(x, error))
            x->gl->GetError(); // noted below
    }
    note_error(x, error);
}

bool
dc_exec_collect_error(struct dc_exec *x)
{
    GLenum error = x->gl->GetError();
    if (error && x->context)
        note_error(x, error);
    return error != GL_NO_ERROR;
}

static void
check_reset(struct dc_exec *x)
{
    uint32_t status = x->context->lost || x->context->version < 32 ? GL_NO_ERROR : x->gl->GetGraphicsResetStatus();
    if (status == GL_NO_ERROR)
        return;
    x->context->lost = true;
    dc_exec_reply(x, DC_REPLY_RESET, x->context->id, &status, sizeof(status));
}

void
dc_exec_check_errors(struct dc_exec *x)
{
    struct dc_exec_context *context = x->context;
    if (!context)
        return;
    dc_exec_collect_error(x);
    if (context->fresh_error)
        dc_exec_reply(x, DC_REPLY_GL_ERROR, context->id, &context->fresh_error, sizeof(context->fresh_error));
    context->fresh_error = GL_NO_ERROR;
    check_reset(x);
}

void
dc_exec_dcRaise(struct dc_exec *x, const struct dc_cmd_dcRaise *c)
{
    dc_exec_collect_error(x); // what came before
    dc_exec_raise(x, c->error);
}

void
dc_exec_GetError(struct dc_exec *x, const struct dc_cmd_GetError *c)
{
    struct dc_exec_context *context = x->context;
    GLenum driver = x->gl->GetError(); // dropped behind a pending one: GL keeps the first only
    uint32_t error = context->pending_error ? context->pending_error : driver;
    context->pending_error = GL_NO_ERROR;
    context->fresh_error = GL_NO_ERROR;
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, &error, sizeof(error));
}

void
dc_exec_GetGraphicsResetStatus(struct dc_exec *x, const struct dc_cmd_GetGraphicsResetStatus *c)
{
    uint32_t status = x->gl->GetGraphicsResetStatus();
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, &status, sizeof(status));
}
