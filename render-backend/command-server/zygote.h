#ifndef DC_COMMAND_SERVER_ZYGOTE_H
#define DC_COMMAND_SERVER_ZYGOTE_H
/*
 * A single-threaded process with the EGL libraries loaded, forked before the main process has threads or secrets. It
 * forks one worker per request, reaps it and says how it ended. Workers die with it, it dies with the main process.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "capability.h"
#include "worker.h"

struct dc_zygote {
    int fd; // SOCK_SEQPACKET to the zygote; -1
    pid_t pid;
};

struct dc_zygote_request {
    bool kill; // end `pid` instead of starting one
    pid_t pid;
    struct dc_quotas quotas;
    char instance[DC_INSTANCE_NAME_MAX + 1];
    char tenant[DC_INSTANCE_NAME_MAX + 1];
    char gpu[64]; // empty: first usable
};

struct dc_zygote_report {
    bool ended;
    pid_t pid; // 0: could not be started
    int status; // as of waitpid
    char instance[DC_INSTANCE_NAME_MAX + 1];
};

/* Forks the zygote. false: logged. */
bool dc_zygote_start(struct dc_zygote *zygote, const struct dc_worker_settings *settings);
void dc_zygote_stop(struct dc_zygote *zygote);
/* Hands over `fd` (duplicated; -1 with kill). A report with the pid follows on zygote->fd. */
bool dc_zygote_send(struct dc_zygote *zygote, const struct dc_zygote_request *request, int fd);
/* 1: `report` is filled, 0: nothing now, -1: the zygote is gone. */
int dc_zygote_receive(struct dc_zygote *zygote, struct dc_zygote_report *report);

#endif
