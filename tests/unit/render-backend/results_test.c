/* Results of compiles: kept, replaced, found again in the file, and not taken from a broken one. */
#undef NDEBUG
#include <assert.h>
#include <dirent.h>
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

#include "results.h"

#define KEY(n) ((struct dc_result_key){ n, 7 })

static char directory[64];
static uint8_t replies[1 << 20]; // what was pushed
static size_t reply_bytes;

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    assert_true(reply_bytes + size_bytes <= sizeof replies);
    return replies + reply_bytes;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    reply_bytes += size_bytes;
}

static const struct dc_exec_impl impl = { .reply_reserve = reply_reserve, .reply_publish = reply_publish };

static int
set_up(void **state)
{
    strcpy(directory, "/tmp/dc-results-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int
tear_down(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static size_t room_bytes = sizeof replies;

/* What a new ring is told, as "type:key=text" in a row. */
static const char *
told(struct dc_results *results)
{
    static char text[4096];
    struct dc_exec x = { .impl = &impl };
    size_t length = 0;
    reply_bytes = 0;
    text[0] = '\0';
    dc_results_push(results, &x, room_bytes);
    assert_true(reply_bytes <= room_bytes);
    for (size_t at = 0; at < reply_bytes;) {
        struct dc_reply_header header;
        uint64_t low;
        memcpy(&header, replies + at, sizeof header);
        memcpy(&low, replies + at + sizeof header, sizeof low);
        assert_int_equal(header.type, DC_REPLY_KNOWN);
        length += (size_t)snprintf(text + length, sizeof text - length, "%d:%d=%.*s ", (int)header.serial, (int)low,
                                   (int)header.size_bytes - 16, (const char *)replies + at + sizeof header + 16);
        at += sizeof header + ((header.size_bytes + 7) & ~7u);
    }
    return text;
}

static void
test_newest_first_and_replaced(void **state)
{
    struct dc_results *results = dc_results_create(NULL, "driver");
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "one", 3);
    dc_results_put(results, DC_REPLY_PROGRAM, KEY(1), "link", 4);
    dc_results_put(results, DC_REPLY_SHADER, KEY(2), "two", 3);
    dc_results_put(results, DC_REPLY_SHADER, (struct dc_result_key){ 0 }, "none", 4);
    assert_string_equal(told(results), "3:2=two 4:1=link 3:1=one ");
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "other", 5);
    assert_string_equal(told(results), "3:1=other 3:2=two 4:1=link ");
    dc_results_destroy(results);
}

/* The supervisor's ring has a small reply area and reads it only when it has something to draw. */
static void
test_no_more_than_fits(void **state)
{
    struct dc_results *results = dc_results_create(NULL, "driver");
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "one", 3);
    dc_results_put(results, DC_REPLY_SHADER, KEY(2), "two", 3);
    size_t each_bytes = sizeof(struct dc_reply_header) + 24;
    const char *const expected[] = { "", "", "3:2=two ", "3:2=two ", "3:2=two 3:1=one " };
    const size_t rooms[] = { 0, each_bytes - 1, each_bytes, 2 * each_bytes - 1, 2 * each_bytes };
    for (size_t i = 0; i < 5; i++) {
        room_bytes = rooms[i];
        assert_string_equal(told(results), expected[i]);
    }
    room_bytes = sizeof replies;
    dc_results_destroy(results);
}

static void
test_kept_in_the_file(void **state)
{
    struct dc_results *results = dc_results_create(directory, "driver");
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "one", 3);
    dc_results_put(results, DC_REPLY_SHADER, KEY(2), "two", 3);
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "1", 1);
    dc_results_destroy(results);
    results = dc_results_create(directory, "driver");
    assert_string_equal(told(results), "3:1=1 3:2=two ");
    dc_results_destroy(results);
    results = dc_results_create(directory, "another driver");
    assert_string_equal(told(results), "");
    dc_results_destroy(results);
}

/* Cut at each byte, and each byte changed: only whole records from before that place are taken. */
static void
test_broken_file(void **state)
{
    struct dc_results *results = dc_results_create(directory, "driver");
    dc_results_put(results, DC_REPLY_SHADER, KEY(1), "one", 3);
    dc_results_put(results, DC_REPLY_SHADER, KEY(2), "two", 3);
    dc_results_destroy(results);
    char path[128] = "";
    DIR *listing = opendir(directory);
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] != '.')
            snprintf(path, sizeof path, "%s/%.40s", directory, entry->d_name);
    }
    closedir(listing);
    uint8_t whole[256];
    int fd = open(path, O_RDWR);
    ssize_t size_bytes = read(fd, whole, sizeof whole);
    assert_int_equal(size_bytes, 2 * (32 + 8));
    for (ssize_t i = 0; i < 2 * size_bytes; i++) {
        uint8_t broken[256];
        memcpy(broken, whole, sizeof whole);
        bool cut = i < size_bytes;
        ssize_t at = i % size_bytes;
        broken[at] ^= 0x55;
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, cut ? whole : broken, (size_t)(cut ? at : size_bytes), 0), cut ? at : size_bytes);
        results = dc_results_create(directory, "driver");
        const char *text = told(results);
        if (cut)
            assert_string_equal(text, at < 40 ? "" : "3:1=one ");
        else
            assert_true(strlen(text) < 100); // keys and padding are not covered; nothing is read beyond the file
        dc_results_destroy(results);
    }
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_newest_first_and_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_more_than_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kept_in_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
