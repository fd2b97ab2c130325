/* core/: batches, bulk, answers, waits, loss and fork, against a worker that executes nothing. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <common/clock.h>
#include <core/context.h>
#include <gles_encode.h>

#include "fake_gles.h"
#include "fake_supervisor.h"

static struct fake_supervisor fake;
static struct dc_context context;

static int
setup(void **state)
{
    fake_supervisor_start(&fake);
    context = (struct dc_context){ .id = 3, .process = dc_process_get() };
    return context.process && dc_context_init(&context) ? 0 : -1;
}

static int
teardown(void **state)
{
    fake_supervisor_stop(&fake);
    dc_context_finish(&context);
    return 0;
}

static void
the_connection_is_one_and_has_the_profile(void **state)
{
    assert_ptr_equal(dc_process_get(), context.process);
    assert_int_equal(context.process->ring_id, 7);
    assert_int_equal(context.process->profile.config_count, 6);
}

static void
commands_arrive_in_order_when_flushed(void **state)
{
    dc_enc_Enable(&context.encoder, 1);
    dc_enc_Enable(&context.encoder, 2);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_Enable), 0);
    dc_context_flush(&context);
    struct fake_command command;
    assert_true(fake_supervisor_find(&fake, DC_OP_Enable, 0, &command));
    assert_int_equal(command.words[0], 1);
    assert_int_equal(command.context, 3);
    assert_true(fake_supervisor_find(&fake, DC_OP_Enable, 1, &command));
    assert_int_equal(command.words[0], 2);
    assert_int_equal(context.process->ring.shared->commands, 2);
}

static void
a_long_batch_goes_by_itself(void **state)
{
    for (int i = 0; i < 12000; i++) { // 96 KB
        dc_enc_Enable(&context.encoder, i);
        if (i % 2000 == 0)
            fake_supervisor_forget(&fake);
    }
    fake_supervisor_forget(&fake);
    assert_true(context.process->ring.shared->commands >= 12000 - 8192); // all but at most 64 KB
    dc_context_flush(&context);
    assert_int_equal(context.process->ring.shared->commands, 12000);
}

static void
an_old_batch_goes_by_itself(void **state)
{
    dc_enc_Enable(&context.encoder, 1);
    usleep(2000);
    for (int i = 0; i < 600; i++)
        dc_enc_Enable(&context.encoder, 2);
    assert_true(fake_supervisor_count(&fake, DC_OP_Enable) >= 1);
}

static void
bulk_travels_with_its_command(void **state)
{
    static uint8_t data[1 << 20];
    for (int i = 0; i < 20; i++) // 20 MB through an arena of 4
        dc_enc_BufferData(&context.encoder, 1, sizeof(data), data, sizeof(data), 2);
    fake_supervisor_count(&fake, DC_OP_Enable);
    struct fake_command command;
    assert_true(fake_supervisor_find(&fake, DC_OP_BufferData, -1, &command));
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_BufferData), 20);
    assert_int_equal(command.bulk_end, 20u << 20);
    assert_int_equal(command.words[4], sizeof(data));
    assert_int_equal(command.words[5], DC_BLOB_BULK);
    assert_int_equal(command.words[6], 19u << 20);
}

static void
a_call_gets_its_answer_in_parts(void **state)
{
    struct dc_call call;
    char out[6] = { 0 };
    dc_call_begin(context.process, &call, out, sizeof(out));
    fake_supervisor_count(&fake, 0);
    fake_supervisor_reply(&fake, DC_REPLY_SYNC, call.serial + 100, "not", 3);
    fake_supervisor_reply(&fake, DC_REPLY_SYNC_PART, call.serial, "abcd", 4);
    fake_supervisor_reply(&fake, DC_REPLY_SYNC, call.serial, "efgh", 4);
    assert_true(dc_context_call_wait(&context, &call, DC_WAIT_STACK));
    assert_memory_equal(out, "abcdef", 6);
    assert_int_equal(call.got_bytes, 8);
    assert_int_equal(context.process->ring.shared->round_trips, 0); // it was there already: nobody waited
}

static void
a_wait_is_counted_by_kind(void **state)
{
    struct dc_call call;
    fake_supervisor_freeze(&fake, true);
    dc_call_begin(context.process, &call, NULL, 0);
    dc_enc_dcFinish(&context.encoder, call.serial);
    dc_context_flush(&context);
    fake_supervisor_freeze(&fake, false);
    assert_true(dc_context_call_wait(&context, &call, DC_WAIT_APP));
    assert_true(context.process->ring.shared->app_waits <= 1);
    assert_int_equal(context.process->ring.shared->round_trips, 0);
}

static bool
never(void *user)
{
    return false;
}

static void
a_wait_ends_with_its_time(void **state)
{
    int64_t start_us = dc_clock_now_us();
    assert_false(dc_process_wait(context.process, never, NULL, 20000, DC_WAIT_STACK));
    assert_true(dc_clock_now_us() - start_us >= 20000);
    assert_int_equal(context.process->ring.shared->round_trips, 1);
    assert_false(dc_process_wait(context.process, never, NULL, 0, DC_WAIT_STACK));
    assert_int_equal(context.process->ring.shared->round_trips, 1); // a look is no wait
}

static void
pushes_reach_gles_and_egl_fences_do_not(void **state)
{
    struct dc_fence fence;
    int before = fake_gles_pushes;
    fake_supervisor_count(&fake, 0);
    dc_fence_begin(context.process, &fence);
    fake_supervisor_reply(&fake, DC_REPLY_PROGRAM, 42, "reflection", 10);
    fake_supervisor_reply(&fake, DC_REPLY_FENCE, 5, NULL, 0);
    fake_supervisor_reply(&fake, DC_REPLY_FENCE, fence.serial, NULL, 0);
    assert_true(dc_fence_wait(context.process, &fence, 0, DC_WAIT_APP));
    assert_int_equal(fake_gles_pushes - before, 2);
    assert_int_equal(fake_gles_last_serial, 5);
    dc_fence_end(context.process, &fence);
}

static void
a_reply_that_cannot_be_loses_the_contexts(void **state)
{
    fake_supervisor_count(&fake, 0);
    uint64_t nonsense[2] = { 0xfffffff0u | (uint64_t)DC_REPLY_SYNC << 32, 1 };
    void *room = dc_ring_reply_reserve(&fake.ring, sizeof(nonsense));
    memcpy(room, nonsense, sizeof(nonsense));
    dc_ring_reply_publish(&fake.ring, sizeof(nonsense));
    dc_process_drain(context.process);
    assert_true(dc_process_is_lost(context.process));
}

static void *
lose_soon(void *user)
{
    usleep(20000);
    dc_ring_set_state(&fake.ring, DC_RING_LOST);
    return NULL;
}

static void
loss_ends_every_wait_and_swallows_commands(void **state)
{
    fake_supervisor_count(&fake, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, lose_soon, NULL);
    struct dc_call call;
    dc_call_begin(context.process, &call, NULL, 0);
    assert_false(dc_call_wait(context.process, &call, DC_WAIT_STACK));
    pthread_join(thread, NULL);
    static uint8_t data[3 << 20];
    for (int i = 0; i < 50000; i++)
        dc_enc_Enable(&context.encoder, i);
    for (int i = 0; i < 10; i++)
        dc_enc_BufferData(&context.encoder, 1, sizeof(data), data, sizeof(data), 2);
    dc_context_flush(&context);
    assert_true(context.lost);
}

static void
a_full_ring_waits_for_the_worker(void **state)
{
    fake_supervisor_freeze(&fake, true);
    pthread_t thread;
    struct dc_process *process = context.process;
    for (int i = 0; i < 15; i++) { // 15 batches of 64 KB into 1 MB: there is still room
        for (int j = 0; j < 8000; j++)
            dc_enc_Enable(&context.encoder, 1);
        dc_context_flush(&context);
    }
    fake.count = 0;
    pthread_create(&thread, NULL, lose_soon, NULL); // nobody consumes: only the loss can end it
    for (int i = 0; i < 15; i++) {
        for (int j = 0; j < 8000; j++)
            dc_enc_Enable(&context.encoder, 1);
        dc_context_flush(&context);
    }
    pthread_join(thread, NULL);
    assert_true(dc_process_is_lost(process));
}

static void
a_forked_child_leaves_the_ring_alone(void **state)
{
    dc_enc_Enable(&context.encoder, 1);
    pid_t pid = fork();
    if (pid == 0) {
        bool ok = dc_process_is_lost(context.process);
        for (int i = 0; i < 40000; i++)
            dc_enc_Enable(&context.encoder, 2);
        dc_context_flush(&context);
        struct dc_call call;
        dc_call_begin(context.process, &call, NULL, 0);
        ok = ok && !dc_call_wait(context.process, &call, DC_WAIT_STACK);
        _exit(ok ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_false(dc_process_is_lost(context.process));
    dc_context_flush(&context);
    assert_int_equal(fake_supervisor_count(&fake, DC_OP_Enable), 1);
}

static void
a_supervisor_that_goes_is_noticed(void **state)
{
    fake_supervisor_count(&fake, 0);
    shutdown(fake.client_fd, SHUT_RDWR);
    assert_false(dc_process_wait(context.process, never, NULL, 5000000, DC_WAIT_STACK));
    assert_true(dc_process_is_lost(context.process));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_connection_is_one_and_has_the_profile),
        TEST(commands_arrive_in_order_when_flushed),
        TEST(a_long_batch_goes_by_itself),
        TEST(an_old_batch_goes_by_itself),
        TEST(bulk_travels_with_its_command),
        TEST(a_call_gets_its_answer_in_parts),
        TEST(a_wait_is_counted_by_kind),
        TEST(a_wait_ends_with_its_time),
        TEST(pushes_reach_gles_and_egl_fences_do_not),
        TEST(a_reply_that_cannot_be_loses_the_contexts),
        TEST(loss_ends_every_wait_and_swallows_commands),
        TEST(a_full_ring_waits_for_the_worker),
        TEST(a_forked_child_leaves_the_ring_alone),
        TEST(a_supervisor_that_goes_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
