#ifndef DC_TEST_FAKE_SUPERVISOR_H
#define DC_TEST_FAKE_SUPERVISOR_H
/*
 * The other end of the frontend socket, and a worker that executes nothing: it notes the commands it gets and answers
 * those that want an answer. One thread.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <protocol/gles/profile.h>
#include <protocol/link/ring.h>

#define FAKE_MAX_COMMANDS 4096

struct fake_command {
    uint32_t context, op;
    uint32_t words[12]; // arguments, as many as fit
    uint64_t bulk_end;  // of its batch
};

struct fake_supervisor {
    char directory[64]; // owned: socket lives there
    int listen_fd, client_fd;
    pthread_t thread;
    struct dc_ring ring; // worker thread only, once it runs
    bool has_ring;
    pthread_mutex_t lock;
    // protected by lock
    struct fake_command commands[FAKE_MAX_COMMANDS];
    uint32_t count;
    bool hold;   // swaps and fences stay unanswered
    bool frozen; // nothing is consumed
    bool stop;
};

/* Listens, sets DROIDCLOUD_FRONTEND, starts the thread. The first connection gets a ring and a small profile. */
void fake_supervisor_start(struct fake_supervisor *fake);
void fake_supervisor_stop(struct fake_supervisor *fake);
void fake_supervisor_hold(struct fake_supervisor *fake, bool hold); // false: answers what was held
void fake_supervisor_freeze(struct fake_supervisor *fake, bool frozen);
/* Waits until everything published is consumed; then how many commands with this opcode came. */
uint32_t fake_supervisor_count(struct fake_supervisor *fake, uint32_t op);
/* The n-th command with this opcode, counted from 0; -1 is the last. False if there is none. */
bool fake_supervisor_find(struct fake_supervisor *fake, uint32_t op, int n, struct fake_command *command);
void fake_supervisor_forget(struct fake_supervisor *fake);
/* Pushes a message of any kind, as the worker would. */
void fake_supervisor_reply(struct fake_supervisor *fake, uint32_t type, uint64_t serial, const void *payload,
                           uint32_t size_bytes);

#endif
