/* Whose directory compiled programs go to, and when they are thrown away. */
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
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

#include "program_cache.h"
#include "sandbox.h"

static char root[64];

static int
make_root(void **state)
{
    strcpy(root, "/tmp/dc-programs-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int
remove_root(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

static void
make_file(const char *path, off_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size_bytes), 0);
    close(fd);
}

static void
test_directory_is_the_workers_alone(void **state)
{
    char deep[128], path[160];
    struct stat st;
    snprintf(deep, sizeof deep, "%s/a/b", root);
    assert_true(dc_program_cache_create(deep, "arcade"));
    assert_true(dc_program_cache_create(deep, "arcade")); // there already
    snprintf(path, sizeof path, "%s/arcade", deep);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    uid_t uid = geteuid();
    gid_t gid;
    if (uid == 0)
        dc_sandbox_get_user(&uid, &gid);
    assert_int_equal(st.st_uid, uid);
}

static void
test_impossible_place_means_no_cache(void **state)
{
    char file[128];
    snprintf(file, sizeof file, "%s/file", root);
    make_file(file, 1);
    assert_false(dc_program_cache_create(file, "arcade"));
    dc_program_cache_use(NULL, "arcade");
    assert_string_equal(getenv("MESA_SHADER_CACHE_DISABLE"), "true");
    dc_program_cache_use(file, "arcade");
    assert_string_equal(getenv("MESA_SHADER_CACHE_DISABLE"), "true");
}

static void
test_what_grew_too_large_is_emptied(void **state)
{
    char path[128], file[192];
    assert_true(dc_program_cache_create(root, "arcade"));
    snprintf(path, sizeof path, "%s/arcade", root);
    snprintf(file, sizeof file, "%s/programs", path);
    make_file(file, 1 << 20);
    dc_program_cache_use(root, "arcade");
    assert_int_equal(access(file, F_OK), 0);
    assert_string_equal(getenv("MESA_SHADER_CACHE_DIR"), path);
    assert_null(getenv("MESA_SHADER_CACHE_DISABLE"));
    make_file(file, DC_SANDBOX_MAX_FILE_BYTES); // sparse
    dc_program_cache_use(root, "arcade");
    assert_int_equal(access(file, F_OK), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_directory_is_the_workers_alone, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_impossible_place_means_no_cache, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_what_grew_too_large_is_emptied, make_root, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
