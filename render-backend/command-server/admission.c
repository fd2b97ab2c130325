#include "admission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <render.pb-c.h>

static const char *
check_fields(const struct dc_capability_key *key, struct dc_spent *spent, const Dc__Render__Admit *admit,
             const char *common_name, int64_t now_s, struct dc_admission *admission)
{
    if (admit->version != 1)
        return "unknown protocol version";
    if (!dc_instance_name_is_valid(admit->instance))
        return "malformed instance name";
    snprintf(admission->instance, sizeof admission->instance, "%s", admit->instance);
    if (common_name && strcmp(common_name, admit->instance) != 0)
        return "client certificate belongs to somebody else";
    if (common_name && admit->bulk_token.len == DC_ADMISSION_TOKEN_BYTES) {
        admission->is_bulk = true;
        memcpy(admission->bulk_token, admit->bulk_token.data, DC_ADMISSION_TOKEN_BYTES);
        return NULL;
    }
    struct dc_capability capability = { 0 };
    const char *reason = dc_capability_open(key, admit->capability.data, admit->capability.len, admit->instance, now_s,
                                            &capability);
    if (!reason)
        reason = dc_spent_use(spent, &capability, now_s);
    admission->quotas = capability.quotas;
    memcpy(admission->tenant, capability.tenant, sizeof admission->tenant);
    return reason;
}

const char *
dc_admission_check(const struct dc_capability_key *key, struct dc_spent *spent, const void *admit, size_t admit_bytes,
                   const char *common_name, int64_t now_s, struct dc_admission *admission)
{
    *admission = (struct dc_admission){ 0 };
    if (admit_bytes > DC_ADMISSION_MAX_ADMIT_BYTES)
        return "oversized first message";
    Dc__Render__ToWorker *message = dc__render__to_worker__unpack(NULL, admit_bytes, admit);
    if (!message)
        return "malformed first message";
    const char *reason = "first message is not Admit";
    if (message->body_case == DC__RENDER__TO_WORKER__BODY_ADMIT)
        reason = check_fields(key, spent, message->admit, common_name, now_s, admission);
    dc__render__to_worker__free_unpacked(message, NULL);
    return reason;
}

bool
dc_admission_send_answer(int admission_fd, const struct dc_admission_answer *answer, int fd)
{
    struct iovec iov = { .iov_base = (void *)answer, .iov_len = sizeof *answer };
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fd >= 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof control.bytes;
        memset(&control, 0, sizeof control);
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
    }
    return sendmsg(admission_fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *answer;
}

static int
receive_answer(int admission_fd, struct dc_admission_answer *answer, int *fd)
{
    struct iovec iov = { .iov_base = answer, .iov_len = sizeof *answer };
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes,
    };
    *fd = -1;
    ssize_t got;
    do {
        got = recvmsg(admission_fd, &msg, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    struct cmsghdr *cmsg = got > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
    if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(cmsg), sizeof *fd);
    if (got != (ssize_t)sizeof *answer)
        return got < 0 ? -errno : -EPIPE;
    answer->reason[sizeof answer->reason - 1] = '\0';
    if (answer->error)
        return -(int)answer->error;
    return *fd >= 0 ? 0 : -EPROTO;
}

int
dc_admission_ask(int admission_fd, const struct dc_admission_request *request, struct dc_admission_answer *answer,
                 int *fd)
{
    *answer = (struct dc_admission_answer){ .reason = "the render server is gone" };
    *fd = -1;
    if (send(admission_fd, request, sizeof *request, MSG_NOSIGNAL) != (ssize_t)sizeof *request)
        return -EPIPE;
    return receive_answer(admission_fd, answer, fd);
}

int
dc_admission_take_bulk(int admission_fd)
{
    struct dc_admission_answer answer;
    int fd, error = receive_answer(admission_fd, &answer, &fd);
    if (error == 0 && answer.kind == DC_ADMISSION_BULK_JOIN)
        return fd;
    if (fd >= 0)
        close(fd);
    return error ? error : -EPROTO;
}
