/* What is told of a stream: every kind of object goes through dump → printer and decoder's words → another journal, and
 * comes out as it went in. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gles_encode.h>
#include <protocol/gles/table.h>

#include "fold.h"
#include "stream.h"

struct test {
    struct dc_journal *journal;
    struct stream *stream;
    struct dc_encoder *e;
    uint8_t data[20000];
};

static int
setup(void **state)
{
    struct test *t = calloc(1, sizeof(*t));
    t->journal = dc_journal_create(1 << 20);
    t->stream = malloc(sizeof(*t->stream));
    stream_init(t->stream, t->journal);
    t->e = &t->stream->encoder;
    for (size_t i = 0; i < sizeof(t->data); i++)
        t->data[i] = (uint8_t)(i * 7 + i / 251);
    dc_enc_dcContextCreate(t->e, 1, 0, 5, 3, 2, 0);
    dc_enc_dcSurfaceCreate(t->e, 1, 5, 640, 480, 0, 0);
    stream_enter(t->stream, 1);
    dc_enc_dcMakeCurrent(t->e, 1, 1);
    *state = t;
    return 0;
}

static int
teardown(void **state)
{
    struct test *t = *state;
    dc_journal_destroy(t->journal);
    stream_finish(t->stream);
    free(t->stream);
    free(t);
    return 0;
}

/* Folds what was encoded, dumps it into a second journal, and dumps that: both dumps are the same. Returns the text,
 * the caller's. */
static char *
round_trip(struct test *t)
{
    stream_flush(t->stream);
    dc_journal_settle_all(t->journal);
    struct dc_journal *second = dc_journal_create(1 << 20);
    struct dump first_dump = { 0 }, second_dump = { 0 };
    assert_true(dump_take(&first_dump, t->journal, second));
    dc_journal_settle_all(second);
    assert_true(dump_take(&second_dump, second, NULL));
    assert_string_equal(first_dump.text, second_dump.text);
    char *text = strdup(first_dump.text);
    dc_journal_destroy(second);
    dump_finish(&first_dump);
    dump_finish(&second_dump);
    return text;
}

static void
assert_has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("not in the dump: %s\n%s", part, text ? text : "(out of memory)");
}

static void
assert_lacks(const char *text, const char *part)
{
    if (!text || strstr(text, part))
        fail_msg("in the dump: %s\n%s", part, text ? text : "(out of memory)");
}

/* GL's own getters change nothing. */
static bool
is_mere_question(const struct dc_op_info *info)
{
    bool ours = info->flags & DC_OP_OURS;
    return (info->flags & DC_OP_SYNC) && !ours &&
           (!strncmp(info->name, "Get", 3) || !strncmp(info->name, "Is", 2) || !strncmp(info->name, "Check", 5));
}

static void
every_command_has_a_rule(void **state)
{
    uint32_t unknown = 0;
    for (uint32_t op = 1; op < DC_OP_END; op++) {
        const struct dc_op_info *info = dc_op_info(op);
        if (!info || !info->name || (info->flags & DC_OP_LOCAL) || dc_fold_rule(op)->scope != DC_FOLD_UNKNOWN ||
            is_mere_question(info))
            continue;
        print_error("%s: fold_table.c does not say what another worker must be told of it\n", info->name);
        unknown++;
    }
    assert_int_equal(unknown, 0);
}

static void
buffers(void **state)
{
    struct test *t = *state;
    const uint32_t names[] = { 3, 9 };
    dc_enc_GenBuffers(t->e, 2, names, 8);
    dc_enc_BindBuffer(t->e, GL_ARRAY_BUFFER, 3);
    dc_enc_BufferData(t->e, GL_ARRAY_BUFFER, 8000, t->data, 8000, GL_STATIC_DRAW);
    dc_enc_BufferSubData(t->e, GL_ARRAY_BUFFER, 100, 50, t->data, 50);
    dc_enc_BufferSubData(t->e, GL_ARRAY_BUFFER, 90, 70, t->data + 5, 70); // makes the one before needless
    dc_enc_BindBuffer(t->e, GL_UNIFORM_BUFFER, 9);
    dc_enc_BufferData(t->e, GL_UNIFORM_BUFFER, 64, NULL, 0, GL_DYNAMIC_DRAW);
    dc_enc_BindBufferRange(t->e, GL_UNIFORM_BUFFER, 2, 9, 16, 32);
    dc_enc_CopyBufferSubData(t->e, GL_ARRAY_BUFFER, GL_UNIFORM_BUFFER, 95, 0, 20);
    char *text = round_trip(t);
    assert_has(text, "BufferData(target=ARRAY_BUFFER, size=8000");
    assert_lacks(text, "offset=100, size=50");
    assert_has(text, "offset=90, size=70");
    assert_has(text, "offset=0, size=20"); // the copy, made here
    assert_has(text, "BindBufferRange(target=UNIFORM_BUFFER, index=2, buffer=#9");
    free(text);
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 0);
}

static void
textures(void **state)
{
    struct test *t = *state;
    const uint32_t names[] = { 1, 2, 3 };
    dc_enc_GenTextures(t->e, 3, names, 12);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 1);
    dc_enc_TexImage2D(t->e, GL_TEXTURE_2D, 0, GL_RGBA, 64, 64, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data, 16384);
    dc_enc_TexParameteri(t->e, GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_REPEAT);
    dc_enc_TexParameteri(t->e, GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    dc_enc_GenerateMipmap(t->e, GL_TEXTURE_2D);
    dc_enc_TexSubImage2D(t->e, GL_TEXTURE_2D, 0, 4, 4, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data, 256);
    dc_enc_ActiveTexture(t->e, GL_TEXTURE4);
    dc_enc_BindTexture(t->e, GL_TEXTURE_CUBE_MAP, 2);
    dc_enc_TexStorage2D(t->e, GL_TEXTURE_CUBE_MAP, 2, GL_RGBA8, 16, 16);
    dc_enc_TexSubImage2D(t->e, GL_TEXTURE_CUBE_MAP_NEGATIVE_Y, 1, 0, 0, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data,
                         256);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 3);
    dc_enc_CompressedTexImage2D(t->e, GL_TEXTURE_2D, 0, GL_COMPRESSED_RGB8_ETC2, 16, 16, 0, 128, false, 0, t->data, 128);
    char *text = round_trip(t);
    assert_has(text, "GenerateMipmap(target=TEXTURE_2D)");
    assert_has(text, "WRAP_S, param=33071");
    assert_lacks(text, "WRAP_S, param=10497");
    assert_has(text, "TexSubImage2D(target=TEXTURE_2D, level=0, xoffset=4");
    assert_has(text, "NEGATIVE_Y, level=1");
    assert_has(text, "ActiveTexture(texture=TEXTURE4)\n  BindTexture(target=TEXTURE_2D, texture=#3)");
    assert_true(strstr(text, "GenerateMipmap") < strstr(text, "xoffset=4"));
    free(text);
}

/* Storage that belongs to several objects: it is made once, and after it what shares it, also across deletions. */
static void
shared_storage(void **state)
{
    struct test *t = *state;
    const uint32_t names[] = { 1, 2, 3, 4 }, original = 3;
    dc_enc_GenTextures(t->e, 4, names, 16);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 3);
    dc_enc_TexStorage2D(t->e, GL_TEXTURE_2D, 2, GL_RGBA8, 16, 16);
    dc_enc_TextureViewEXT(t->e, 1, GL_TEXTURE_2D, 3, GL_RGBA8, 1, 1, 0, 1);
    dc_enc_dcEglImageCreate(t->e, 77, 9, 1, 0x30b1, 3, 0, 0);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 2);
    dc_enc_EGLImageTargetTexture2DOES(t->e, GL_TEXTURE_2D, 9);
    dc_enc_TexParameteri(t->e, GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    dc_enc_dcEglImageDestroy(t->e, 9);
    dc_enc_DeleteTextures(t->e, 1, &original, 4);
    dc_enc_GenRenderbuffers(t->e, 1, names, 4);
    dc_enc_BindRenderbuffer(t->e, GL_RENDERBUFFER, 1);
    dc_enc_dcEglImageImport(t->e, 10, 2, 1, 5, 0);
    dc_enc_EGLImageTargetRenderbufferStorageOES(t->e, GL_RENDERBUFFER, 10);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 4);
    dc_enc_TexImage2D(t->e, GL_TEXTURE_2D, 0, GL_RGBA, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, NULL, 0);
    dc_enc_ClearTexImageEXT(t->e, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, t->data, 4);
    dc_enc_ClearTexSubImageEXT(t->e, 4, 0, 1, 1, 0, 2, 2, 1, GL_RGBA, GL_UNSIGNED_BYTE, NULL, 0);
    dc_enc_ClearTexSubImageEXT(t->e, 4, 0, 0, 0, 0, 4, 4, 1, GL_RGBA, GL_UNSIGNED_BYTE, t->data, 4);
    char *text = round_trip(t);
    assert_has(text, "TextureViewEXT(texture=#1, target=TEXTURE_2D, origtexture=#4026531");
    assert_has(text, "dcEglImageCreate(serial=0");
    assert_has(text, "EGLImageTargetRenderbufferStorageOES");
    assert_has(text, "ClearTexImageEXT(texture=4");
    assert_lacks(text, "xoffset=1, yoffset=1, zoffset=0"); // covered by the next one
    const char *storage = strstr(text, "TexStorage2D"), *image = strstr(text, "dcEglImageCreate"),
               *target = strstr(text, "EGLImageTargetTexture2DOES"), *parameter = strstr(text, "TexParameteri"),
               *deleted = strstr(text, "DeleteTextures");
    assert_true(storage && image && target && parameter && deleted);
    assert_true(storage < image && image < target && target < parameter && parameter < deleted);
    free(text);
}

/* What draws into shared storage is lost for all that have it, and an image is not made of storage that came later. */
static void
shared_storage_is_lost_together(void **state)
{
    struct test *t = *state;
    const uint32_t names[] = { 1, 2 }, framebuffer = 1;
    dc_enc_GenTextures(t->e, 2, names, 8);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 1);
    dc_enc_TexImage2D(t->e, GL_TEXTURE_2D, 0, GL_RGBA, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data, 256);
    dc_enc_dcEglImageCreate(t->e, 1, 9, 1, 0x30b1, 1, 0, 0);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 2);
    dc_enc_EGLImageTargetTexture2DOES(t->e, GL_TEXTURE_2D, 9);
    free(round_trip(t));
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 0);
    dc_enc_GenFramebuffers(t->e, 1, &framebuffer, 4);
    dc_enc_BindFramebuffer(t->e, GL_FRAMEBUFFER, 1);
    dc_enc_FramebufferTexture2D(t->e, GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 2, 0);
    dc_enc_Clear(t->e, GL_COLOR_BUFFER_BIT);
    free(round_trip(t));
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 2);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 1);
    dc_enc_TexImage2D(t->e, GL_TEXTURE_2D, 0, GL_RGBA, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data, 64);
    char *text = round_trip(t);
    assert_lacks(text, "dcEglImageCreate");
    free(text);
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 1);
    dc_enc_dcContextDestroy(t->e, 1); // with the image still there
    stream_flush(t->stream);
    dc_journal_settle_all(t->journal);
}

/* Without a swap there is no frame to draw again: the log stays short, however many batches there are. */
static void
a_log_without_frames_stays_short(void **state)
{
    struct test *t = *state;
    for (uint32_t i = 0; i < 200000; i++) {
        dc_enc_dcFinish(t->e, i + 1);
        stream_flush(t->stream);
        dc_journal_settle(t->journal);
    }
    struct dc_journal_stats stats;
    dc_journal_get_stats(t->journal, &stats);
    assert_in_range(stats.log_bytes, 1, 300000);
}

/* A glyph cache: thousands of small parts become one, and it has the last bytes of each place. */
static void
many_parts_become_one(void **state)
{
    struct test *t = *state;
    const uint32_t name = 1;
    dc_enc_GenTextures(t->e, 1, &name, 4);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 1);
    dc_enc_TexStorage2D(t->e, GL_TEXTURE_2D, 1, GL_R8, 64, 64);
    uint8_t expected[64 * 64] = { 0 };
    for (int i = 0; i < 5000; i++) {
        int x = i * 7 % 61, y = i * 3 % 62;
        for (int row = 0; row < 2; row++)
            memcpy(expected + (y + row) * 64 + x, t->data + i + row * 3, 3);
        dc_enc_TexSubImage2D(t->e, GL_TEXTURE_2D, 0, x, y, 3, 2, GL_RED, GL_UNSIGNED_BYTE, false, 0, t->data + i, 6);
        if (i % 100 == 99)
            stream_flush(t->stream);
    }
    free(round_trip(t));
    uint8_t got[64 * 64] = { 0 };
    uint32_t steps = 0;
    const struct dc_object *texture = t->journal->groups->objects.first[DC_OBJECT_TEXTURE];
    for (const struct dc_image_step *s = texture->image.first; s; s = s->next) {
        steps++;
        for (int y = 0; s->kind == DC_IMAGE_PART && y < s->box.height; y++)
            memcpy(got + (s->box.y + y) * 64 + s->box.x, s->content->data + y * s->box.width, (size_t)s->box.width);
    }
    assert_in_range(steps, 2, 600);
    assert_memory_equal(got, expected, sizeof(got));
}

static void
programs(void **state)
{
    struct test *t = *state;
    dc_enc_CreateShader(t->e, GL_VERTEX_SHADER, 1);
    dc_enc_ShaderSource(t->e, 1, "vertex one", 10);
    dc_enc_CompileShader(t->e, 1);
    dc_enc_CreateShader(t->e, GL_FRAGMENT_SHADER, 2);
    dc_enc_ShaderSource(t->e, 2, "fragment", 8);
    dc_enc_CompileShader(t->e, 2);
    dc_enc_CreateProgram(t->e, 3);
    dc_enc_AttachShader(t->e, 3, 1);
    dc_enc_AttachShader(t->e, 3, 2);
    dc_enc_BindAttribLocation(t->e, 3, 4, "pos", 3);
    dc_enc_LinkProgram(t->e, 3);
    dc_enc_BindAttribLocation(t->e, 3, 5, "late", 4);
    dc_enc_ShaderSource(t->e, 1, "vertex two", 10); // not what the program was linked from
    dc_enc_DeleteShader(t->e, 2);                   // still attached
    dc_enc_UseProgram(t->e, 3);
    dc_enc_Uniform1i(t->e, 7, 1);
    dc_enc_Uniform1i(t->e, 7, 2);
    const float vectors[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    dc_enc_Uniform4fv(t->e, 0, 2, vectors, 32);
    dc_enc_Uniform4fv(t->e, 0, 1, vectors + 4, 16); // part of the array only
    dc_enc_UniformBlockBinding(t->e, 3, 0, 6);
    char *text = round_trip(t);
    const char *link = strstr(text, "LinkProgram(program=#3)");
    assert_non_null(link);
    assert_true(strstr(text, "\"pos\"") < link && strstr(text, "\"late\"") > link);
    assert_has(text, "\"vertex one\"");
    assert_has(text, "\"vertex two\"");
    assert_has(text, "Uniform1i(location=7, v0=2)");
    assert_lacks(text, "v0=1)");
    assert_true(strstr(text, "count=2") < strstr(text, "Uniform4fv(location=0, count=1"));
    assert_has(text, "UniformBlockBinding(program=#3");
    assert_has(text, "DeleteShader(shader=#2)");
    free(text);
    // Gone with the last that uses it.
    dc_enc_DeleteProgram(t->e, 3);
    dc_enc_UseProgram(t->e, 0);
    text = round_trip(t);
    assert_lacks(text, "CreateProgram");
    assert_lacks(text, "fragment");
    free(text);
}

static void
containers(void **state)
{
    struct test *t = *state;
    const uint32_t one = 1, two = 2;
    dc_enc_GenVertexArrays(t->e, 1, &one, 4);
    dc_enc_GenBuffers(t->e, 1, &one, 4);
    dc_enc_GenBuffers(t->e, 1, &two, 4);
    dc_enc_BindVertexArray(t->e, 1);
    dc_enc_BindBuffer(t->e, GL_ARRAY_BUFFER, 1);
    dc_enc_BindBuffer(t->e, GL_ELEMENT_ARRAY_BUFFER, 2);
    dc_enc_VertexAttribPointer(t->e, 2, 3, GL_FLOAT, false, 12, 24);
    dc_enc_EnableVertexAttribArray(t->e, 2);
    dc_enc_VertexAttribDivisor(t->e, 2, 1);
    dc_enc_BindVertexArray(t->e, 0);
    dc_enc_DeleteBuffers(t->e, 1, &one, 4); // the array keeps it
    dc_enc_GenFramebuffers(t->e, 1, &one, 4);
    dc_enc_GenRenderbuffers(t->e, 1, &one, 4);
    dc_enc_BindRenderbuffer(t->e, GL_RENDERBUFFER, 1);
    dc_enc_RenderbufferStorage(t->e, GL_RENDERBUFFER, GL_RGBA8, 32, 32);
    dc_enc_BindFramebuffer(t->e, GL_FRAMEBUFFER, 1);
    dc_enc_FramebufferRenderbuffer(t->e, GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, 1);
    dc_enc_Clear(t->e, GL_COLOR_BUFFER_BIT);
    dc_enc_GenSamplers(t->e, 1, &two, 4);
    dc_enc_SamplerParameteri(t->e, 2, GL_TEXTURE_WRAP_R, GL_REPEAT);
    dc_enc_BindSampler(t->e, 3, 2);
    dc_enc_GenQueries(t->e, 1, &two, 4);
    dc_enc_BeginQuery(t->e, GL_ANY_SAMPLES_PASSED, 2);
    dc_enc_GenTransformFeedbacks(t->e, 1, &two, 4);
    dc_enc_BindTransformFeedback(t->e, GL_TRANSFORM_FEEDBACK, 2);
    dc_enc_BindBufferBase(t->e, GL_TRANSFORM_FEEDBACK_BUFFER, 1, 2);
    char *text = round_trip(t);
    assert_has(text, "BindBuffer(target=ARRAY_BUFFER, buffer=#4026531840)\n  VertexAttribPointer(index=2");
    assert_has(text, "FramebufferRenderbuffer(target=FRAMEBUFFER");
    assert_has(text, "SamplerParameteri(sampler=#2");
    assert_has(text, "BindSampler(unit=3, sampler=#2)");
    assert_has(text, "BeginQuery(target=ANY_SAMPLES_PASSED, id=#2)");
    assert_has(text, "BindBufferBase(target=TRANSFORM_FEEDBACK_BUFFER, index=1, buffer=#2)");
    free(text);
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 1); // what was drawn to the renderbuffer
}

static void
refused_commands_change_nothing(void **state)
{
    struct test *t = *state;
    dc_enc_Viewport(t->e, 1, 2, 3, 4);
    dc_enc_Viewport(t->e, 0, 0, -1, 4);
    dc_enc_DepthFunc(t->e, GL_GREATER);
    dc_enc_DepthFunc(t->e, GL_RGBA);
    dc_enc_Enable(t->e, GL_BLEND);
    dc_enc_Disable(t->e, GL_BLEND);
    char *text = round_trip(t);
    assert_has(text, "Viewport(x=1, y=2, width=3, height=4)");
    assert_lacks(text, "width=-1");
    assert_has(text, "DepthFunc(func=GREATER)");
    assert_has(text, "Disable(cap=BLEND)");
    assert_lacks(text, "Enable(cap=BLEND)");
    assert_has(text, "Scissor(x=0, y=0, width=640, height=480)"); // of the first surface
    free(text);
}

static void
share_groups(void **state)
{
    struct test *t = *state;
    const uint32_t name = 1;
    stream_enter(t->stream, 0);
    dc_enc_dcContextCreate(t->e, 2, 1, 5, 3, 2, 0);
    dc_enc_dcContextCreate(t->e, 3, 0, 5, 3, 2, 4);
    dc_enc_dcSurfaceCreate(t->e, 9, 5, 16, 16, 1, 0);
    dc_enc_dcSurfaceResize(t->e, 1, 320, 200);
    stream_enter(t->stream, 2);
    dc_enc_dcMakeCurrent(t->e, 9, 9);
    dc_enc_GenTextures(t->e, 1, &name, 4);
    stream_enter(t->stream, 0);
    dc_enc_dcContextDestroy(t->e, 1); // the second one is the group's oldest now
    dc_enc_dcSurfaceDestroy(t->e, 9);
    char *text = round_trip(t);
    assert_has(text, "dcContextCreate(context=2, share=0");
    assert_has(text, "dcContextCreate(context=3, share=0");
    assert_lacks(text, "context=1,");
    assert_has(text, "width=320, height=200");
    assert_lacks(text, "surface=9,");
    assert_has(text, "GenTextures");
    free(text);
}

static void
client_ranges(void **state)
{
    struct test *t = *state;
    dc_enc_dcClientRange(t->e, 4, 8, t->data, 5000);
    dc_enc_dcClientRange(t->e, 5, 0, t->data, 300);
    dc_enc_dcClientRange(t->e, 0, 0, t->data, 100); // for one draw
    dc_enc_dcClientEvict(t->e, 5);
    char *text = round_trip(t);
    assert_has(text, "dcClientRange(slot=4, pad=8");
    assert_lacks(text, "slot=5");
    assert_lacks(text, "slot=0");
    free(text);
}

static void
images(void **state)
{
    struct test *t = *state;
    stream_enter(t->stream, 0);
    dc_enc_dcImageCreate(t->e, 1, 32, 32, 1);
    dc_enc_dcImageUpload(t->e, 1, 0, 0, 32, 32, t->data, 4096);
    dc_enc_dcImageUpload(t->e, 1, 4, 4, 2, 2, t->data, 16);
    dc_enc_dcImageCommit(t->e, 1, 77);
    dc_enc_dcImageCreate(t->e, 2, 32, 32, 1);
    dc_enc_dcImageDestroy(t->e, 2);
    char *text = round_trip(t);
    assert_has(text, "dcImageUpload(image=1, x=4");
    assert_has(text, "dcImageCommit(image=1, seq=77)");
    assert_lacks(text, "image=2");
    free(text);
}

/* ---- frames ---- */

static void
swap(struct test *t, uint64_t seq, float red)
{
    dc_enc_ClearColor(t->e, red, 0, 0, 1);
    dc_enc_Clear(t->e, GL_COLOR_BUFFER_BIT);
    dc_enc_dcSwap(t->e, 1, seq);
    stream_flush(t->stream);
}

static void
the_newest_frame_is_replayed(void **state)
{
    struct test *t = *state;
    for (uint64_t seq = 1; seq <= 5; seq++)
        swap(t, seq, (float)seq);
    dc_enc_ClearColor(t->e, 99, 0, 0, 1); // of a frame that has begun
    stream_flush(t->stream);
    dc_journal_acknowledge(t->journal, 1, 4);
    dc_journal_settle(t->journal);
    struct dump dump = { .replay = true };
    assert_true(dump_take(&dump, t->journal, NULL));
    assert_lacks(dump.text, "seq=3)");
    assert_has(dump.text, "red=3"); // the state before the frame that is drawn again
    assert_has(dump.text, "seq=4)");
    assert_has(dump.text, "seq=5)");
    assert_true(strstr(dump.text, "seq=5)") < strstr(dump.text, "red=99"));
    dump_finish(&dump);
}

static void
a_sink_that_stops_is_asked_no_more(void **state)
{
    struct test *t = *state;
    for (uint64_t seq = 1; seq <= 5; seq++)
        swap(t, seq, (float)seq);
    struct dump dump = { .replay = true, .stop_after = 2 };
    assert_false(dump_take(&dump, t->journal, NULL));
    assert_int_equal(dump.batches, 2);
    dump_finish(&dump);
    dump = (struct dump){ .replay = true };
    assert_true(dump_take(&dump, t->journal, NULL)); // and again to another one
    dump_finish(&dump);
}

static void
questions_of_frames_are_asked_again(void **state)
{
    struct test *t = *state;
    dc_enc_dcFinish(t->e, 41);
    stream_flush(t->stream);
    assert_true(dc_journal_asks(t->journal, 41));
    assert_false(dc_journal_asks(t->journal, 42));
    dc_journal_settle_all(t->journal);
    assert_false(dc_journal_asks(t->journal, 41));
}

/* ---- contents ---- */

static void
contents_stay_in_the_ring_as_long_as_they_can(void **state)
{
    struct test *t = *state;
    struct dc_journal_stats stats;
    const uint32_t names[] = { 1, 2 };
    dc_enc_GenBuffers(t->e, 2, names, 8);
    dc_enc_BindBuffer(t->e, GL_ARRAY_BUFFER, 1);
    for (int i = 0; i < 10; i++) // replaced again and again: nothing is copied
        dc_enc_BufferData(t->e, GL_ARRAY_BUFFER, 8192, t->data + i, 8192, GL_STREAM_DRAW);
    dc_enc_BindBuffer(t->e, GL_ARRAY_BUFFER, 2);
    dc_enc_BufferData(t->e, GL_ARRAY_BUFFER, 4096, t->data, 4096, GL_STATIC_DRAW);
    stream_flush(t->stream);
    dc_journal_settle_all(t->journal);
    dc_journal_get_stats(t->journal, &stats);
    assert_int_equal(stats.content_bytes, 0);
    assert_int_equal(stats.ring_bytes, 8192 + 4096);
    dc_journal_release(t->journal, 10 * 8192); // the first buffer's
    memset(t->stream->bulk, 0xee, 10 * 8192);
    dc_journal_get_stats(t->journal, &stats);
    assert_int_equal(stats.content_bytes, 8192);
    assert_int_equal(stats.ring_bytes, 4096);
    dc_journal_detach(t->journal);
    memset(t->stream->bulk, 0xee, STREAM_BULK_BYTES);
    free(round_trip(t));
    const struct dc_object *buffer = t->journal->groups->objects.first[DC_OBJECT_BUFFER];
    assert_memory_equal(buffer->store.first->content->data, t->data + 9, 8192);
}

static void
what_is_beyond_the_quota_is_named(void **state)
{
    struct test *t = *state;
    const uint32_t name = 1;
    t->journal->contents.max_bytes = 10000;
    dc_enc_GenTextures(t->e, 1, &name, 4);
    dc_enc_BindTexture(t->e, GL_TEXTURE_2D, 1);
    dc_enc_TexImage2D(t->e, GL_TEXTURE_2D, 0, GL_RGBA, 64, 64, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, t->data, 16384);
    stream_flush(t->stream);
    dc_journal_settle_all(t->journal);
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 0);
    dc_journal_detach(t->journal);
    assert_int_equal(dc_journal_each_loss(t->journal, NULL, NULL), 1);
    char *text = round_trip(t); // the storage comes back
    assert_has(text, "TexImage2D(target=TEXTURE_2D, level=0, internalformat=6408, width=64");
    free(text);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(every_command_has_a_rule), T(buffers), T(textures), T(shared_storage), T(shared_storage_is_lost_together),
        T(a_log_without_frames_stays_short), T(many_parts_become_one), T(programs), T(containers),
        T(refused_commands_change_nothing), T(share_groups), T(client_ranges), T(images),
        T(the_newest_frame_is_replayed), T(a_sink_that_stops_is_asked_no_more), T(questions_of_frames_are_asked_again),
        T(contents_stay_in_the_ring_as_long_as_they_can), T(what_is_beyond_the_quota_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
