#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admission.h"
#include "token.h"

static void
test_single_use(void **state)
{
    struct dc_token_store store = { .next = 0 };
    uint8_t token[16];
    unsigned slot;
    assert_true(dc_token_issue(&store, 1000, 500, token));
    assert_int_equal(dc_token_check(&store, 1000, token, 16, &slot), DC_TOKEN_VALID);
    assert_int_equal(dc_token_check(&store, 1499, token, 16, &slot), DC_TOKEN_VALID); // looking does not use it up
    dc_token_use(&store, slot);
    assert_int_equal(dc_token_check(&store, 1001, token, 16, &slot), DC_TOKEN_USED);
    assert_int_equal(dc_token_check(&store, 9999, token, 16, &slot), DC_TOKEN_USED);
}

static void
test_expiry(void **state)
{
    struct dc_token_store store = { .next = 0 };
    uint8_t token[16];
    unsigned slot;
    dc_token_issue(&store, 1000, 500, token);
    assert_int_equal(dc_token_check(&store, 1500, token, 16, &slot), DC_TOKEN_EXPIRED);
}

static void
test_unknown(void **state)
{
    struct dc_token_store store = { .next = 0 };
    uint8_t token[17] = { 0 };
    unsigned slot;
    assert_int_equal(dc_token_check(&store, 0, token, 0, &slot), DC_TOKEN_NONE);
    assert_int_equal(dc_token_check(&store, 0, token, 16, &slot), DC_TOKEN_UNKNOWN); // empty places match nothing
    dc_token_issue(&store, 0, 500, token);
    assert_int_equal(dc_token_check(&store, 0, token, 15, &slot), DC_TOKEN_UNKNOWN);
    assert_int_equal(dc_token_check(&store, 0, token, 17, &slot), DC_TOKEN_UNKNOWN);
    for (unsigned bit = 0; bit < 128; bit++) {
        token[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(dc_token_check(&store, 0, token, 16, &slot), DC_TOKEN_UNKNOWN);
        token[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(dc_token_check(&store, 0, token, 16, &slot), DC_TOKEN_VALID);
}

static void
test_many(void **state)
{
    struct dc_token_store store = { .next = 0 };
    uint8_t tokens[DC_TOKEN_SLOTS + 1][16];
    unsigned slot;
    for (unsigned i = 0; i <= DC_TOKEN_SLOTS; i++)
        dc_token_issue(&store, 0, 500, tokens[i]);
    assert_int_equal(dc_token_check(&store, 0, tokens[0], 16, &slot), DC_TOKEN_UNKNOWN); // the oldest is forgotten
    for (unsigned i = 1; i <= DC_TOKEN_SLOTS; i++)
        assert_int_equal(dc_token_check(&store, 0, tokens[i], 16, &slot), DC_TOKEN_VALID);
}

static void
test_busy_keeps_the_token(void **state)
{
    struct dc_token_store store = { .next = 0 };
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    uint8_t token[16];
    dc_token_issue(&store, 0, 500, token);
    hello.version = 1;
    hello.token.data = token;
    hello.token.len = 16;
    assert_false(dc_admission_decide(&store, &hello, true, 0, &refused));
    assert_int_equal(refused.reason, DC__SESSION__REFUSED__REASON__BUSY);
    assert_true(dc_admission_decide(&store, &hello, false, 0, &refused));
    assert_false(dc_admission_decide(&store, &hello, false, 0, &refused));
    assert_int_equal(refused.reason, DC__SESSION__REFUSED__REASON__TOKEN_USED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_use), cmocka_unit_test(test_expiry), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_many),       cmocka_unit_test(test_busy_keeps_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
