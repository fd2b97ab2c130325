#undef NDEBUG
#include "fake_supervisor.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <common/wire.h>
#include <gles_opcodes.h>
#include <protocol/link/frontend_socket.h>

static struct dc_profile_config
make_config(uint32_t id, uint32_t rgb, uint32_t alpha, uint32_t depth, uint32_t samples)
{
    return (struct dc_profile_config){
        .id = id, .red = rgb, .green = rgb, .blue = rgb, .alpha = alpha, .depth = depth, .stencil = depth == 24 ? 8 : 0,
        .samples = samples, .sample_buffers = samples > 0, .surface_type = EGL_WINDOW_BIT | EGL_PBUFFER_BIT,
        .renderable_type = EGL_OPENGL_ES_BIT | EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT | EGL_OPENGL_BIT,
        .conformant = EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT, .caveat = EGL_NONE,
        .color_component_type = EGL_COLOR_COMPONENT_TYPE_FIXED_EXT, .native_renderable = 1,
        .native_visual_id = 0x34325258, .max_pbuffer_width = 8192, .max_pbuffer_height = 8192,
    };
}

static int
make_profile(uint32_t *size_bytes)
{
    struct dc_profile_config configs[] = {
        make_config(1, 8, 8, 24, 4), make_config(2, 8, 8, 24, 0), make_config(3, 8, 0, 24, 0),
        make_config(4, 8, 8, 0, 0), make_config(5, 8, 0, 0, 0), make_config(6, 10, 2, 24, 0),
    };
    struct dc_profile profile;
    dc_profile_init(&profile);
    for (int i = 0; i < DC_PROFILE_STRING_COUNT; i++)
        profile.strings[i] = i == DC_PROFILE_GL_VERSION ? "OpenGL ES 3.2 Fake" : "fake";
    profile.configs = configs;
    profile.config_count = sizeof(configs) / sizeof(configs[0]);
    struct dc_writer w;
    dc_writer_init(&w);
    dc_profile_pack(&w, &profile);
    int fd = memfd_create("profile", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, w.data, w.size_bytes) == (ssize_t)w.size_bytes);
    *size_bytes = w.size_bytes;
    dc_writer_finish(&w);
    return fd;
}

static void
welcome(struct fake_supervisor *fake)
{
    struct dc_frontend_hello hello;
    assert(recv(fake->client_fd, &hello, sizeof(hello), MSG_WAITALL) == sizeof(hello));
    assert(hello.magic == DC_FRONTEND_MAGIC && hello.version == DC_FRONTEND_VERSION);
    struct dc_ring_geometry geometry = { 1 << 20, 4 << 20, 1 << 20 };
    assert(dc_ring_create(&fake->ring, &geometry) == 0);
    struct dc_frontend_welcome message = { .magic = DC_FRONTEND_MAGIC, .version = DC_FRONTEND_VERSION, .ring_id = 7 };
    int profile_fd = make_profile(&message.profile_bytes);
    int fds[3] = { fake->ring.memfd, fake->ring.cmd_eventfd, profile_fd };
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(fds))];
    } control = { 0 };
    struct iovec iov = { &message, sizeof(message) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(c), fds, sizeof(fds));
    assert(sendmsg(fake->client_fd, &msg, MSG_NOSIGNAL) == sizeof(message));
    close(profile_fd);
}

static void
reply_locked(struct fake_supervisor *fake, uint32_t type, uint64_t serial, const void *payload, uint32_t size_bytes)
{
    struct dc_reply_header header = { size_bytes, type, serial };
    size_t whole = sizeof(header) + ((size_bytes + 7) & ~7u);
    uint8_t *room = dc_ring_reply_reserve(&fake->ring, whole);
    assert(room);
    memcpy(room, &header, sizeof(header));
    if (size_bytes)
        memcpy(room + sizeof(header), payload, size_bytes);
    dc_ring_reply_publish(&fake->ring, whole);
}

static void
answer(struct fake_supervisor *fake, const struct fake_command *command)
{
    uint64_t wide = command->words[0] | (uint64_t)command->words[1] << 32;
    if (command->op == DC_OP_dcFinish)
        reply_locked(fake, DC_REPLY_SYNC, command->words[0], NULL, 0);
    else if (command->op == DC_OP_dcFence && !fake->hold)
        reply_locked(fake, DC_REPLY_FENCE, wide, NULL, 0);
    else if (command->op == DC_OP_dcSwap && !fake->hold)
        reply_locked(fake, DC_REPLY_SWAP, command->words[1] | (uint64_t)command->words[2] << 32, &command->words[0], 4);
}

static void
handle_batch(struct fake_supervisor *fake, const struct dc_batch_header *header, const uint32_t *words)
{
    for (uint32_t i = 0; i < header->size_bytes / 4;) {
        uint32_t length = words[i] >> 16;
        assert(length > 0 && i + length <= header->size_bytes / 4);
        struct fake_command *command = &fake->commands[fake->count];
        fake->count += fake->count < FAKE_MAX_COMMANDS - 1; // the last place takes the rest
        *command = (struct fake_command){ header->context_id, words[i] & 0xffff, { 0 }, header->bulk_end };
        memcpy(command->words, words + i + 1, (length - 1 < 12 ? length - 1 : 12) * 4);
        answer(fake, command);
        i += length;
    }
}

static bool
step(struct fake_supervisor *fake)
{
    const uint8_t *data;
    size_t size_bytes;
    if (fake->frozen)
        return false;
    assert(dc_ring_cmd_peek(&fake->ring, &data, &size_bytes) == 0);
    if (!data || size_bytes == 0)
        return false;
    struct dc_batch_header header;
    memcpy(&header, data, sizeof(header));
    assert(header.size_bytes % 4 == 0 && header.size_bytes <= DC_BATCH_MAX_BYTES);
    assert(dc_ring_bulk_wait(&fake->ring, header.bulk_end)); // published before the batch, or lost
    handle_batch(fake, &header, (const uint32_t *)(data + sizeof(header)));
    dc_ring_cmd_consume(&fake->ring, sizeof(header) + ((header.size_bytes + 7) & ~7u), header.bulk_end);
    return true;
}

static void *
run(void *user)
{
    struct fake_supervisor *fake = user;
    fake->client_fd = accept(fake->listen_fd, NULL, NULL);
    if (fake->client_fd < 0)
        return NULL;
    welcome(fake);
    for (;;) {
        dc_ring_cmd_wait(&fake->ring, 5);
        pthread_mutex_lock(&fake->lock);
        fake->has_ring = true;
        while (step(fake))
            ;
        bool stop = fake->stop;
        bool frozen = fake->frozen;
        pthread_mutex_unlock(&fake->lock);
        if (stop)
            return NULL;
        if (frozen)
            usleep(1000);
    }
}

void
fake_supervisor_start(struct fake_supervisor *fake)
{
    *fake = (struct fake_supervisor){ .client_fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };
    strcpy(fake->directory, "/tmp/dc-frontend-test-XXXXXX");
    assert(mkdtemp(fake->directory));
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", fake->directory);
    fake->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(fake->listen_fd >= 0);
    assert(bind(fake->listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fake->listen_fd, 4) == 0);
    setenv("DROIDCLOUD_FRONTEND", address.sun_path, 1);
    assert(pthread_create(&fake->thread, NULL, run, fake) == 0);
}

void
fake_supervisor_stop(struct fake_supervisor *fake)
{
    char path[128];
    pthread_mutex_lock(&fake->lock);
    fake->stop = true;
    pthread_mutex_unlock(&fake->lock);
    shutdown(fake->listen_fd, SHUT_RDWR);
    pthread_join(fake->thread, NULL);
    if (fake->has_ring)
        dc_ring_set_state(&fake->ring, DC_RING_LOST);
    if (fake->has_ring)
        dc_ring_finish(&fake->ring);
    if (fake->client_fd >= 0)
        close(fake->client_fd);
    close(fake->listen_fd);
    snprintf(path, sizeof(path), "%s/socket", fake->directory);
    unlink(path);
    rmdir(fake->directory);
}

void
fake_supervisor_hold(struct fake_supervisor *fake, bool hold)
{
    pthread_mutex_lock(&fake->lock);
    fake->hold = hold;
    for (uint32_t i = 0; !hold && i < fake->count; i++)
        if (fake->commands[i].op != DC_OP_dcFinish)
            answer(fake, &fake->commands[i]);
    pthread_mutex_unlock(&fake->lock);
}

void
fake_supervisor_freeze(struct fake_supervisor *fake, bool frozen)
{
    pthread_mutex_lock(&fake->lock);
    fake->frozen = frozen;
    pthread_mutex_unlock(&fake->lock);
}

/* Waits until the thread has consumed what is published; takes the lock. A frozen one is not waited for. */
static void
settle_and_lock(struct fake_supervisor *fake)
{
    pthread_mutex_lock(&fake->lock);
    while (!fake->has_ring ||
           (!fake->frozen && __atomic_load_n(&fake->ring.shared->cmd_head, __ATOMIC_ACQUIRE) !=
                                 __atomic_load_n(&fake->ring.shared->cmd_tail, __ATOMIC_ACQUIRE))) {
        pthread_mutex_unlock(&fake->lock);
        usleep(500);
        pthread_mutex_lock(&fake->lock);
    }
}

uint32_t
fake_supervisor_count(struct fake_supervisor *fake, uint32_t op)
{
    uint32_t count = 0;
    settle_and_lock(fake);
    for (uint32_t i = 0; i < fake->count; i++)
        count += fake->commands[i].op == op;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

bool
fake_supervisor_find(struct fake_supervisor *fake, uint32_t op, int n, struct fake_command *command)
{
    bool found = false;
    settle_and_lock(fake);
    for (uint32_t i = 0; i < fake->count; i++) {
        if (fake->commands[i].op != op)
            continue;
        *command = fake->commands[i];
        found = n <= 0;
        if (n-- == 0)
            break;
    }
    pthread_mutex_unlock(&fake->lock);
    return found;
}

void
fake_supervisor_forget(struct fake_supervisor *fake)
{
    settle_and_lock(fake);
    fake->count = 0;
    pthread_mutex_unlock(&fake->lock);
}

void
fake_supervisor_reply(struct fake_supervisor *fake, uint32_t type, uint64_t serial, const void *payload,
                      uint32_t size_bytes)
{
    pthread_mutex_lock(&fake->lock);
    reply_locked(fake, type, serial, payload, size_bytes);
    pthread_mutex_unlock(&fake->lock);
}
