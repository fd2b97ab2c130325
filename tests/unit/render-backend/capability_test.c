#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <render.pb-c.h>

#include "admission.h"

#define NOW 1700000000

static const struct dc_capability_key key = { .bytes = { 1, 2, 3 } };

static size_t
issue(uint8_t out[DC_CAPABILITY_MAX_BYTES], const char *instance, int64_t expiry_s, uint8_t nonce)
{
    struct dc_capability capability = { .expiry_s = expiry_s, .nonce = { nonce }, .quotas = dc_quotas_default };
    strcpy(capability.instance, instance);
    return dc_capability_seal(&key, &capability, out);
}

static void
test_round_trip(void **state)
{
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    struct dc_capability out;
    size_t size_bytes = issue(bytes, "demo-1", NOW + 60, 9);
    assert_int_equal(size_bytes, 49 + 6 + 1 + 6 + 32);
    assert_null(dc_capability_open(&key, bytes, size_bytes, "demo-1", NOW, &out));
    assert_string_equal(out.instance, "demo-1");
    assert_string_equal(out.tenant, "demo-1"); // a tenant of its own
    assert_int_equal(out.expiry_s, NOW + 60);
    assert_int_equal(out.nonce[0], 9);
    assert_memory_equal(&out.quotas, &dc_quotas_default, sizeof out.quotas);
}

static void
test_tenant(void **state)
{
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    struct dc_capability in = { .expiry_s = NOW + 60, .quotas = dc_quotas_default, .instance = "a", .tenant = "arcade" };
    struct dc_capability out;
    size_t size_bytes = dc_capability_seal(&key, &in, bytes);
    assert_null(dc_capability_open(&key, bytes, size_bytes, "a", NOW, &out));
    assert_string_equal(out.tenant, "arcade");
    strcpy(in.tenant, "../arcade");
    assert_int_equal(dc_capability_seal(&key, &in, bytes), 0);
    memset(in.instance, 'i', DC_INSTANCE_NAME_MAX);
    memset(in.tenant, 't', DC_INSTANCE_NAME_MAX);
    size_bytes = dc_capability_seal(&key, &in, bytes);
    assert_null(dc_capability_open(&key, bytes, size_bytes, in.instance, NOW, &out));
    assert_string_equal(out.tenant, in.tenant);
}

static void
test_every_byte_is_covered(void **state)
{
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    struct dc_capability out;
    size_t size_bytes = issue(bytes, "demo", NOW + 60, 1);
    for (size_t i = 0; i < size_bytes; i++) {
        bytes[i] ^= 0x10;
        assert_string_equal(dc_capability_open(&key, bytes, size_bytes, "demo", NOW, &out),
                            "capability was not issued with this server's key");
        bytes[i] ^= 0x10;
    }
    for (size_t cut = 1; cut < size_bytes; cut++)
        assert_non_null(dc_capability_open(&key, bytes, cut, "demo", NOW, &out));
}

static void
test_refusals(void **state)
{
    static const struct dc_capability_key other_key = { .bytes = { 4 } };
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    struct dc_capability out;
    size_t size_bytes = issue(bytes, "demo", NOW + 60, 1);
    assert_string_equal(dc_capability_open(&key, bytes, 0, "demo", NOW, &out), "no capability");
    assert_string_equal(dc_capability_open(&key, bytes, size_bytes, "demo2", NOW, &out),
                        "capability belongs to another instance");
    assert_string_equal(dc_capability_open(&key, bytes, size_bytes, "demo", NOW + 60, &out), "capability has expired");
    assert_string_equal(dc_capability_open(&other_key, bytes, size_bytes, "demo", NOW, &out),
                        "capability was not issued with this server's key");
    assert_int_equal(issue(bytes, ".hidden", NOW, 1), 0);
    assert_int_equal(issue(bytes, "a/b", NOW, 1), 0);
    assert_int_equal(issue(bytes, "", NOW, 1), 0);
}

static void
test_spent_once(void **state)
{
    char path[] = "/tmp/dc-spent-XXXXXX";
    struct dc_spent spent;
    close(mkstemp(path));
    struct dc_capability one = { .expiry_s = NOW + 60, .nonce = { 1 } }, two = { .expiry_s = NOW + 10, .nonce = { 2 } };
    dc_spent_init(&spent, path, NOW);
    assert_null(dc_spent_use(&spent, &one, NOW));
    assert_null(dc_spent_use(&spent, &two, NOW));
    assert_string_equal(dc_spent_use(&spent, &one, NOW), "capability was used before");
    dc_spent_finish(&spent);
    // A restarted server remembers, but not what has expired.
    dc_spent_init(&spent, path, NOW + 20);
    assert_int_equal(spent.count, 1);
    assert_string_equal(dc_spent_use(&spent, &one, NOW + 20), "capability was used before");
    dc_spent_finish(&spent);
    unlink(path);
}

static void
test_key_file(void **state)
{
    char directory[] = "/tmp/dc-key-XXXXXX", path[64];
    struct dc_capability_key first, second;
    struct stat st;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/key", directory);
    assert_true(dc_capability_key_load(&first, path));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(dc_capability_key_load(&second, path));
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(truncate(path, 31), 0);
    assert_false(dc_capability_key_load(&second, path));
    unlink(path);
    rmdir(directory);
}

static const char *
check(struct dc_spent *spent, const char *instance, const void *capability, size_t size_bytes, const char *common_name)
{
    Dc__Render__Admit admit = DC__RENDER__ADMIT__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    struct dc_admission admission;
    uint8_t packed[DC_ADMISSION_MAX_ADMIT_BYTES];
    admit.version = 1;
    admit.instance = (char *)instance;
    admit.capability = (ProtobufCBinaryData){ .len = size_bytes, .data = (uint8_t *)capability };
    message.body_case = DC__RENDER__TO_WORKER__BODY_ADMIT;
    message.admit = &admit;
    assert_true(dc__render__to_worker__get_packed_size(&message) <= sizeof packed);
    size_t packed_bytes = dc__render__to_worker__pack(&message, packed);
    return dc_admission_check(&key, spent, packed, packed_bytes, common_name, NOW, &admission);
}

static void
test_admission(void **state)
{
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    struct dc_spent spent;
    struct dc_admission admission;
    dc_spent_init(&spent, NULL, NOW);
    size_t size_bytes = issue(bytes, "demo", NOW + 60, 1);
    // A certificate of somebody else does not spend the capability.
    assert_string_equal(check(&spent, "demo", bytes, size_bytes, "mallory"), "client certificate belongs to somebody else");
    assert_null(check(&spent, "demo", bytes, size_bytes, "demo"));
    assert_string_equal(check(&spent, "demo", bytes, size_bytes, NULL), "capability was used before");
    assert_string_equal(check(&spent, "../../etc", bytes, size_bytes, NULL), "malformed instance name");
    assert_string_equal(dc_admission_check(&key, &spent, "\xff\xff", 2, NULL, NOW, &admission), "malformed first message");
    assert_string_equal(dc_admission_check(&key, &spent, "", 0, NULL, NOW, &admission), "first message is not Admit");
    assert_string_equal(dc_admission_check(&key, &spent, bytes, 5000, NULL, NOW, &admission), "oversized first message");
    dc_spent_finish(&spent);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_tenant), cmocka_unit_test(test_every_byte_is_covered),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_spent_once),
        cmocka_unit_test(test_key_file),   cmocka_unit_test(test_admission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
