/* The bytes of commands, written out (layout: protocol/gles/encoder.h). */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <gles_encode.h>

static struct {
    struct dc_encoder encoder; // first
    uint32_t words[4096];
    uint8_t bulk[16384];
    size_t bulk_size; // published
} out;

static void
refill(struct dc_encoder *encoder, size_t words)
{
    fail();
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    assert_in_range(size_bytes, 1, sizeof(out.bulk));
    *position = 0x0000000500000040;
    return out.bulk;
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    out.bulk_size = size_bytes;
}

static const struct dc_encoder_impl impl = { refill, bulk_begin, bulk_end };

static struct dc_encoder *
start(void)
{
    memset(&out, 0xee, sizeof(out));
    out.encoder = (struct dc_encoder){ &impl, out.words, out.words + 4096 };
    out.bulk_size = 0;
    return &out.encoder;
}

static void
expect_bytes(const uint8_t *bytes, size_t size)
{
    assert_int_equal((size_t)(out.encoder.at - out.words) * 4, size);
    assert_memory_equal(out.words, bytes, size);
}

#define EXPECT(...)                                                                                                     \
    do {                                                                                                                \
        const uint8_t bytes[] = { __VA_ARGS__ };                                                                        \
        expect_bytes(bytes, sizeof(bytes));                                                                             \
    } while (0)

static void
test_scalars(void **state)
{
    dc_enc_ClearColor(start(), 1.0f, 0.5f, -2.0f, 0.0f);
    EXPECT(17, 0, 5, 0,        // opcode 17 ClearColor, 5 words
           0, 0, 0x80, 0x3f,   // red 1.0
           0, 0, 0x00, 0x3f,   // green 0.5
           0, 0, 0x00, 0xc0,   // blue -2.0
           0, 0, 0, 0);        // alpha
    dc_enc_ColorMask(start(), GL_TRUE, GL_FALSE, GL_TRUE, GL_FALSE);
    EXPECT(20, 0, 5, 0,        // opcode 20 ColorMask
           1, 0, 0, 0,         // red: 8 bits widened
           0, 0, 0, 0,         // green
           1, 0, 0, 0,         // blue
           0, 0, 0, 0);        // alpha
    dc_enc_Scissor(start(), -1, 2, 3, 4);
    EXPECT(97, 0, 5, 0,               // opcode 97 Scissor
           0xff, 0xff, 0xff, 0xff,    // x -1
           2, 0, 0, 0,                // y
           3, 0, 0, 0,                // width
           4, 0, 0, 0);               // height
}

static void
test_wide_scalars(void **state)
{
    dc_enc_BindBufferRange(start(), GL_UNIFORM_BUFFER, 2, 7, 0x100000001, 256);
    EXPECT(178, 0, 8, 0,              // opcode 178 BindBufferRange, 8 words
           0x11, 0x8a, 0, 0,          // target
           2, 0, 0, 0,                // index
           7, 0, 0, 0,                // buffer: the frontend's name
           1, 0, 0, 0, 1, 0, 0, 0,    // offset, 64 bits, low word first
           0, 1, 0, 0, 0, 0, 0, 0);   // size
}

static void
test_inline_data(void **state)
{
    dc_enc_BindAttribLocation(start(), 3, 1, "tint!", 5);
    EXPECT(3, 0, 7, 0,                  // opcode 3 BindAttribLocation, 7 words
           3, 0, 0, 0,                  // program
           1, 0, 0, 0,                  // index
           5, 0, 0, 0,                  // name: bytes, no terminator
           1, 0, 0, 0,                  // inline
           't', 'i', 'n', 't',          //
           '!', 0, 0, 0);               // padded with zeros
    dc_enc_BindAttribLocation(start(), 3, 1, "", 0);
    EXPECT(3, 0, 5, 0, 3, 0, 0, 0, 1, 0, 0, 0, // as above
           0, 0, 0, 0,                         // empty
           1, 0, 0, 0);                        // inline, which is not NULL
}

static void
test_null_data(void **state)
{
    dc_enc_BufferData(start(), GL_ARRAY_BUFFER, 64, NULL, 0, GL_STATIC_DRAW);
    EXPECT(13, 0, 7, 0,               // opcode 13 BufferData, 7 words
           0x92, 0x88, 0, 0,          // target
           64, 0, 0, 0, 0, 0, 0, 0,   // size
           0xe4, 0x88, 0, 0,          // usage: scalars come before data
           0, 0, 0, 0,                // data: 0 bytes
           0, 0, 0, 0);               // NULL
}

static void
test_bulk_data(void **state)
{
    uint8_t data[4097];
    memset(data, 0x5a, sizeof(data));
    dc_enc_BufferSubData(start(), GL_ARRAY_BUFFER, 8, sizeof(data), data, sizeof(data));
    EXPECT(14, 0, 10, 0,                // opcode 14 BufferSubData, 10 words
           0x92, 0x88, 0, 0,            // target
           8, 0, 0, 0, 0, 0, 0, 0,      // offset
           1, 16, 0, 0, 0, 0, 0, 0,     // size
           1, 16, 0, 0,                 // data: bytes
           2, 0, 0, 0,                  // bulk
           0x40, 0, 0, 0, 5, 0, 0, 0);  // position
    assert_int_equal(out.bulk_size, 4160); // whole units of 64, so that positions stay aligned
    assert_memory_equal(out.bulk, data, sizeof(data));
    // one byte less than 4 KiB stays inline
    dc_enc_BufferSubData(start(), GL_ARRAY_BUFFER, 8, 4095, data, 4095);
    assert_int_equal(out.bulk_size, 0);
    assert_int_equal(out.encoder.at - out.words, 8 + 1024);
}

static void
test_pointer_or_offset(void **state)
{
    dc_enc_DrawElements(start(), GL_TRIANGLES, 6, GL_UNSIGNED_SHORT, true, 0x200, NULL, 0);
    EXPECT(42, 0, 9, 0,               // opcode 42 DrawElements, 9 words
           4, 0, 0, 0,                // mode
           6, 0, 0, 0,                // count
           0x03, 0x14, 0, 0,          // type
           1, 0, 0, 0,                // is_offset
           0, 2, 0, 0, 0, 0, 0, 0,    // offset
           0, 0, 0, 0, 0, 0, 0, 0);   // no data
}

static void
test_calls_and_ours(void **state)
{
    dc_enc_CheckFramebufferStatus(start(), 0x01020304, GL_FRAMEBUFFER);
    EXPECT(15, 0, 3, 0,               // opcode 15 CheckFramebufferStatus
           4, 3, 2, 1,                // serial of the answer
           0x40, 0x8d, 0, 0);         // target
    dc_enc_CreateShader(start(), GL_VERTEX_SHADER, 9);
    EXPECT(27, 0, 3, 0,               // opcode 27 CreateShader
           0x31, 0x8b, 0, 0,          // type
           9, 0, 0, 0);               // the name that the frontend chose
    dc_enc_dcSwap(start(), 6, 0x100000002);
    EXPECT(6, 3, 4, 0,                // opcode 774 dcSwap
           6, 0, 0, 0,                // surface
           2, 0, 0, 0, 1, 0, 0, 0);   // seq
    dc_enc_dcContextCreate(start(), 1, 0, 5, 3, 2, 2);
    EXPECT(0, 3, 7, 0,                // opcode 768 dcContextCreate
           1, 0, 0, 0,                // context
           0, 0, 0, 0,                // share
           5, 0, 0, 0,                // config
           3, 0, 0, 0, 2, 0, 0, 0,    // version
           2, 0, 0, 0);               // flags: robust
}

static void
test_client_ranges(void **state)
{
    dc_enc_dcClientRange(start(), 5, 64, "abcde", 5);
    EXPECT(0x10, 3, 7, 0,             // opcode 784 dcClientRange, 7 words
           5, 0, 0, 0,                // slot
           64, 0, 0, 0,               // pad: room before the data
           5, 0, 0, 0, 1, 0, 0, 0,    // data: 5 bytes, inline
           'a', 'b', 'c', 'd', 'e', 0, 0, 0);
    dc_enc_dcClientAttrib(start(), 1, 4, GL_UNSIGNED_BYTE, 1, 0, 16, 4, 5, 8);
    EXPECT(0x11, 3, 10, 0,            // opcode 785 dcClientAttrib
           1, 0, 0, 0,                // index
           4, 0, 0, 0,                // size
           0x01, 0x14, 0, 0,          // type
           1, 0, 0, 0,                // flags: normalized
           0, 0, 0, 0,                // divisor
           16, 0, 0, 0,               // stride
           4, 0, 0, 0,                // first_vertex
           5, 0, 0, 0,                // slot
           8, 0, 0, 0);               // offset of that vertex in the range
    dc_enc_dcClientEvict(start(), 128);
    EXPECT(0x12, 3, 2, 0,             // opcode 786 dcClientEvict
           128, 0, 0, 0);             // slot
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),      cmocka_unit_test(test_wide_scalars),
        cmocka_unit_test(test_inline_data),  cmocka_unit_test(test_null_data),
        cmocka_unit_test(test_bulk_data),    cmocka_unit_test(test_pointer_or_offset),
        cmocka_unit_test(test_calls_and_ours), cmocka_unit_test(test_client_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
