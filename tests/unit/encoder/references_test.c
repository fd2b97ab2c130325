#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "references.h"

static void
test_references(void **state)
{
    struct dc_references r;
    int64_t pts = -1;

    dc_references_init(&r, 4);
    assert_int_equal(dc_references_newest(&r), 0);
    assert_int_equal(dc_references_lose(&r, 1, &pts), DC_REFERENCES_UNCHANGED);
    for (uint64_t id = 1; id <= 6; id++)
        dc_references_add(&r, id, (int64_t)id * 10, id == 1);
    assert_int_equal(dc_references_newest(&r), 6); // 3 to 6 are kept
    assert_int_equal(dc_references_lose(&r, 7, &pts), DC_REFERENCES_UNCHANGED);
    assert_int_equal(dc_references_lose(&r, 5, &pts), DC_REFERENCES_INVALIDATE);
    assert_int_equal(pts, 50);
    assert_int_equal(dc_references_newest(&r), 4);
    assert_int_equal(dc_references_lose(&r, 5, &pts), DC_REFERENCES_UNCHANGED);
    dc_references_add(&r, 7, 70, false); // refers to 4
    assert_int_equal(dc_references_newest(&r), 7);
    assert_int_equal(dc_references_lose(&r, 7, &pts), DC_REFERENCES_INVALIDATE);
    assert_int_equal(dc_references_newest(&r), 4);
    dc_references_add(&r, 8, 80, false);
    assert_int_equal(dc_references_lose(&r, 4, &pts), DC_REFERENCES_NONE_LEFT);
    assert_int_equal(dc_references_newest(&r), 0);
    dc_references_add(&r, 9, 90, true);
    dc_references_add(&r, 10, 100, false);
    assert_int_equal(dc_references_lose(&r, 10, &pts), DC_REFERENCES_INVALIDATE);
    assert_int_equal(dc_references_newest(&r), 9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_references)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
