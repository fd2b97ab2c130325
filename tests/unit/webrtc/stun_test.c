/* The vectors of RFC 5769, and what must not be taken for STUN. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "stun.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

static const uint8_t request[] = { // RFC 5769 §2.1
    0x00, 0x01, 0x00, 0x58,                                                  // binding request, length
    0x21, 0x12, 0xa4, 0x42,                                                  // cookie
    0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,  // transaction
    0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,  // SOFTWARE "STUN test client"
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74,
    0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,                          // PRIORITY
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,  // ICE-CONTROLLED
    0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76,  // USERNAME "evtj:h6vY", padding 0x20
    0x59, 0x20, 0x20, 0x20,
    0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56,  // MESSAGE-INTEGRITY
    0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2,
    0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,                          // FINGERPRINT
};

static const uint8_t response_ipv4[] = { // §2.2
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42,
    0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, // SOFTWARE "test vector", padding 0x20
    0x74, 0x6f, 0x72, 0x20,
    0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, // XOR-MAPPED-ADDRESS
    0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3,
    0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7,
    0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
};

static const uint8_t response_ipv6[] = { // §2.3
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42,
    0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20,
    0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
    0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
    0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1,
    0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41,
    0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c,
};

static void
test_request(void **state)
{
    struct dc_stun_message m;
    assert_true(dc_stun_unpack(request, sizeof(request), &m));
    assert_int_equal(m.type, DC_STUN_REQUEST);
    assert_memory_equal(m.transaction, request + 8, 12);
    assert_int_equal(m.username_bytes, 9);
    assert_memory_equal(m.username, "evtj:h6vY", 9);
    assert_true(m.has_priority && m.controlled && !m.controlling && !m.use_candidate);
    assert_int_equal(m.priority, 0x6e0001ff);
    assert_true(m.tie_breaker == 0x932ff9b151263b36);
    assert_int_equal(m.unknown_count, 0);
    assert_true(dc_stun_check_integrity(&m, PASSWORD));
    assert_false(dc_stun_check_integrity(&m, "VOkJxbRl1RmTxUk/WvJxBu"));
    assert_false(dc_stun_check_integrity(&m, ""));
}

static void
test_responses(void **state)
{
    struct dc_stun_message m;
    static const uint8_t ipv6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
                                      0x66, 0x77 };
    assert_true(dc_stun_unpack(response_ipv4, sizeof(response_ipv4), &m));
    assert_int_equal(m.type, DC_STUN_SUCCESS);
    assert_true(dc_stun_check_integrity(&m, PASSWORD));
    assert_memory_equal(m.mapped.bytes, ((uint8_t[]){ 4, 32853 >> 8, 32853 & 255, 192, 0, 2, 1 }), 7);
    assert_true(dc_stun_unpack(response_ipv6, sizeof(response_ipv6), &m));
    assert_true(dc_stun_check_integrity(&m, PASSWORD));
    assert_memory_equal(m.mapped.bytes, ((uint8_t[]){ 6, 32853 >> 8, 32853 & 255 }), 3);
    assert_memory_equal(m.mapped.bytes + 3, ipv6, 16);
}

/* What we build for the same contents differs from the vectors only in SOFTWARE, so these are read back. */
static void
test_built(void **state)
{
    static const uint8_t transaction[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    struct dc_stun_message m;
    struct dc_writer w;
    dc_writer_init(&w);
    dc_stun_begin(&w, DC_STUN_REQUEST, transaction);
    dc_stun_put_username(&w, "abcd", "efghi");
    dc_stun_put_u32(&w, DC_STUN_PRIORITY, 0x12345678);
    dc_stun_put_u64(&w, DC_STUN_ICE_CONTROLLING, 0x1122334455667788);
    dc_stun_put_flag(&w, DC_STUN_USE_CANDIDATE);
    dc_stun_end(&w, PASSWORD);
    assert_false(w.failed);
    assert_true(dc_stun_unpack(w.data, w.size_bytes, &m));
    assert_true(dc_stun_check_integrity(&m, PASSWORD));
    assert_memory_equal(m.username, "abcd:efghi", 10);
    assert_true(m.use_candidate && m.controlling && m.priority == 0x12345678 && m.tie_breaker == 0x1122334455667788);
    char ufrag[8];
    assert_true(dc_webrtc_stun_username(w.data, w.size_bytes, ufrag, sizeof(ufrag)));
    assert_string_equal(ufrag, "abcd");
    assert_false(dc_webrtc_stun_username(w.data, w.size_bytes, ufrag, 4));
    dc_writer_finish(&w);
}

static void
test_built_answers(void **state)
{
    struct dc_stun_message m;
    struct dc_webrtc_path path;
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(32853) };
    struct dc_writer w;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(inet_pton(AF_INET6, i ? "2001:db8:1234:5678:11:2233:4455:6677" : "::ffff:192.0.2.1",
                                   &in6.sin6_addr), 1);
        dc_webrtc_path_set_address(&path, (struct sockaddr *)&in6);
        dc_writer_init(&w);
        dc_stun_begin(&w, DC_STUN_SUCCESS, request + 8);
        dc_stun_put_mapped_address(&w, &path);
        // The same bytes as in the vector: type, family, XORed port and address.
        assert_memory_equal(w.data + 20, (i ? response_ipv6 : response_ipv4) + 36, i ? 24 : 12);
        dc_stun_end(&w, PASSWORD);
        assert_true(dc_stun_unpack(w.data, w.size_bytes, &m));
        assert_memory_equal(&m.mapped, &path, sizeof(path));
        dc_writer_finish(&w);
    }
    dc_writer_init(&w);
    dc_stun_begin(&w, DC_STUN_ERROR, request + 8);
    dc_stun_put_error(&w, 487);
    dc_stun_end(&w, NULL);
    assert_true(dc_stun_unpack(w.data, w.size_bytes, &m));
    assert_int_equal(m.error_code, 487);
    assert_false(dc_stun_check_integrity(&m, PASSWORD));
    assert_false(dc_stun_check_integrity(&m, ""));
    dc_writer_finish(&w);
}

static void
test_every_bit_counts(void **state)
{
    struct dc_stun_message m;
    uint8_t copy[sizeof(request)];
    for (size_t bit = 0; bit < 8 * sizeof(request); bit++) {
        memcpy(copy, request, sizeof(request));
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(dc_stun_unpack(copy, sizeof(copy), &m));
    }
    for (size_t n = 0; n < sizeof(request); n++) {
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, request, n);
        assert_false(dc_stun_unpack(exact, n, &m));
        free(exact);
    }
}

static void
put_unknown(struct dc_writer *w, uint16_t type)
{
    dc_stun_put_u32(w, type, 1);
}

static void
test_unknown_attributes(void **state)
{
    struct dc_stun_message m;
    struct dc_writer w;
    dc_writer_init(&w);
    dc_stun_begin(&w, DC_STUN_REQUEST, request + 8);
    for (uint16_t i = 0; i < 20; i++) {
        put_unknown(&w, (uint16_t)(0x7000 + i));
        put_unknown(&w, (uint16_t)(0xc000 + i)); // these may be ignored
    }
    dc_stun_end(&w, PASSWORD);
    put_unknown(&w, 0x7777);
    assert_false(dc_stun_unpack(w.data, w.size_bytes, &m)); // the length says that it ended before
    assert_true(dc_stun_unpack(w.data, w.size_bytes - 8, &m));
    assert_int_equal(m.unknown_count, DC_STUN_MAX_UNKNOWN);
    assert_int_equal(m.unknown[0], 0x7000);
    assert_int_equal(m.unknown[1], 0x7001);
    dc_writer_finish(&w);
}

/* What stands behind the integrity could have been put there by anybody. */
static void
test_nothing_behind_integrity_is_read(void **state)
{
    struct dc_stun_message m;
    struct dc_writer w;
    uint8_t digest[20];
    dc_writer_init(&w);
    dc_stun_begin(&w, DC_STUN_REQUEST, request + 8);
    dc_stun_put_username(&w, "abcd", "efgh");
    assert_true(dc_stun_hmac(w.data, w.size_bytes, PASSWORD, digest));
    dc_writer_u16be(&w, DC_STUN_MESSAGE_INTEGRITY);
    dc_writer_u16be(&w, 20);
    dc_writer_bytes(&w, digest, 20);
    dc_stun_put_flag(&w, DC_STUN_USE_CANDIDATE);
    dc_stun_end(&w, NULL);
    assert_true(dc_stun_unpack(w.data, w.size_bytes, &m));
    assert_true(dc_stun_check_integrity(&m, PASSWORD));
    assert_false(m.use_candidate);
    dc_writer_finish(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_built),
        cmocka_unit_test(test_built_answers),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_unknown_attributes),
        cmocka_unit_test(test_nothing_behind_integrity_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
