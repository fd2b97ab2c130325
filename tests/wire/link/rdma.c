/* Bytes of what both ends of a link say about RDMA, written out. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include <protocol/link/rdma_message.h>

#define FIXED_BYTES 56

static const uint8_t message_bytes[] = {
    3, 0, 0, 0,                                       // kind: UNAVAILABLE
    7, 0, 0, 0,                                       // ring_id
    63, 0, 0, 0,                                      // slot
    0xff, 0xff, 0, 0,                                 // port
    0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe,   // a: address
    1, 2, 3, 4,                                       // a: key
    5, 6, 7, 8,                                       // b: key
    9, 0, 0, 0, 0, 0, 0, 0x80,                        // b: address
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, // token
    'n', 'o',                                         // reason
};
static const struct dc_rdma_message message = {
    .kind = DC_RDMA_UNAVAILABLE, .ring_id = 7, .slot = 63, .port = 65535,
    .a = { 0xfedcba9876543210u, 0x04030201 }, .b = { 0x8000000000000009u, 0x08070605 },
    .token = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, .reason = "no",
};

static bool
unpack(const uint8_t *payload, size_t size_bytes, struct dc_rdma_message *out)
{
    const struct dc_channel_message from = { .type = DC_LINK_RDMA, .payload = payload, .size_bytes = size_bytes };
    return dc_rdma_message_unpack(&from, out);
}

static bool
expect_message(void *user, struct dc_channel_message *got)
{
    assert_int_equal(got->type, 32);
    assert_int_equal(got->size_bytes, sizeof(message_bytes));
    assert_memory_equal(got->payload, message_bytes, sizeof(message_bytes));
    (*(int *)user)++;
    return true;
}

static void
test_message_packs(void **state)
{
    static const struct dc_channel_listener listener = { .handle_message = expect_message };
    int pair[2], count[2] = { 0 };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct dc_channel *from = dc_channel_create(pair[0], &listener, &count[0]);
    struct dc_channel *to = dc_channel_create(pair[1], &listener, &count[1]);
    assert_int_equal(dc_rdma_message_send(from, &message), 0);
    assert_int_equal(dc_channel_process(to, dc_channel_events(to)), 0);
    assert_int_equal(count[1], 1);
    dc_channel_destroy(from);
    dc_channel_destroy(to);
}

static void
test_message_unpacks(void **state)
{
    struct dc_rdma_message m;
    assert_true(unpack(message_bytes, sizeof(message_bytes), &m));
    assert_int_equal(m.kind, message.kind);
    assert_int_equal(m.ring_id, message.ring_id);
    assert_int_equal(m.slot, message.slot);
    assert_int_equal(m.port, message.port);
    assert_true(m.a.address == message.a.address && m.a.key == message.a.key);
    assert_true(m.b.address == message.b.address && m.b.key == message.b.key);
    assert_memory_equal(m.token, message.token, sizeof(m.token));
    assert_string_equal(m.reason, "no");
}

static void
expect_refused(size_t at, uint8_t value, size_t size_bytes)
{
    uint8_t bytes[FIXED_BYTES + DC_RDMA_MAX_REASON_BYTES] = { 0 };
    struct dc_rdma_message m;
    memcpy(bytes, message_bytes, sizeof(message_bytes));
    bytes[at] = value;
    assert_false(unpack(bytes, size_bytes, &m));
}

static void
test_nonsense_is_refused(void **state)
{
    struct dc_rdma_message m;
    expect_refused(0, 0, sizeof(message_bytes));                             // kinds begin at 1
    expect_refused(0, 8, sizeof(message_bytes));                             // and end at 7
    expect_refused(8, DC_RDMA_SLOTS, sizeof(message_bytes));                 // no such slot
    expect_refused(14, 1, sizeof(message_bytes));                            // no such port
    expect_refused(0, 3, FIXED_BYTES - 1);                                   // too short
    expect_refused(0, 3, FIXED_BYTES + DC_RDMA_MAX_REASON_BYTES);            // no room for the reason's end
    assert_true(unpack(message_bytes, FIXED_BYTES, &m) && !m.reason[0]);     // it may be empty
}

static void
test_reasons_are_made_printable(void **state)
{
    uint8_t bytes[sizeof(message_bytes)];
    struct dc_rdma_message m;
    memcpy(bytes, message_bytes, sizeof(bytes));
    bytes[FIXED_BYTES] = '\n'; // would forge a line of the log
    assert_true(unpack(bytes, sizeof(bytes), &m));
    assert_string_equal(m.reason, "?o");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_packs),
        cmocka_unit_test(test_message_unpacks),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_reasons_are_made_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
