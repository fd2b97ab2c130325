/* Which time counts as a hang's, without a driver. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <watchdog.h>

/* A GPU that hangs uses no CPU: only the clock counts. */
static void
test_gpu(void **state)
{
    assert_int_equal(dc_watchdog_elapsed_us(false, 10000000, 0), 10000000);
    assert_int_equal(dc_watchdog_elapsed_us(false, 10000000, 40000000), 10000000);
}

/* A driver that draws on the CPU may be slow because others have it. */
static void
test_software(void **state)
{
    assert_int_equal(dc_watchdog_elapsed_us(true, 10000000, 9900000), 9900000);
    assert_int_equal(dc_watchdog_elapsed_us(true, 10000000, 2500000), 2500000);
    assert_int_equal(dc_watchdog_elapsed_us(true, 10000000, 40000000), 10000000); // on four cores
    assert_int_equal(dc_watchdog_elapsed_us(true, 60000000, 0), 10000000);        // it waits for something
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_gpu), cmocka_unit_test(test_software) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
