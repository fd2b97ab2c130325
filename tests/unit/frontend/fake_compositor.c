#undef NDEBUG
#include "fake_compositor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <droidcloud-buffer-v1-server-protocol.h>

static void
destroy_resource(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_buffer_interface buffer_impl = { .destroy = destroy_resource };

struct buffer {
    struct fake_compositor *fake;
    struct fake_buffer info;
};

static void
buffer_destroyed(struct wl_resource *resource)
{
    struct buffer *buffer = wl_resource_get_user_data(resource);
    struct fake_compositor *fake = buffer->fake;
    fake->buffers_alive--;
    if (fake->pending == resource)
        fake->pending = NULL;
    if (fake->shown == resource)
        fake->shown = NULL;
    free(buffer);
}

static void
create_buffer(struct wl_client *client, struct wl_resource *manager, uint32_t id, uint32_t ring_id,
              uint32_t surface_id, uint32_t seq_hi, uint32_t seq_lo, int32_t width, int32_t height, uint32_t format,
              uint32_t input_hi, uint32_t input_lo, uint32_t first_hi, uint32_t first_lo, uint32_t swap_hi,
              uint32_t swap_lo)
{
    struct buffer *buffer = calloc(1, sizeof(*buffer));
    buffer->fake = wl_resource_get_user_data(manager);
    buffer->info = (struct fake_buffer){
        ring_id, surface_id, format, (uint64_t)seq_hi << 32 | seq_lo, (uint64_t)input_hi << 32 | input_lo,
        (uint64_t)first_hi << 32 | first_lo, (uint64_t)swap_hi << 32 | swap_lo, width, height,
    };
    struct wl_resource *resource = wl_resource_create(client, &wl_buffer_interface, 1, id);
    wl_resource_set_implementation(resource, &buffer_impl, buffer, buffer_destroyed);
    buffer->fake->buffers_alive++;
}

static const struct dc_buffer_manager_v1_interface manager_impl = {
    .destroy = destroy_resource,
    .create_buffer = create_buffer,
};

static void
attach(struct wl_client *client, struct wl_resource *surface, struct wl_resource *buffer, int32_t x, int32_t y)
{
    struct fake_compositor *fake = wl_resource_get_user_data(surface);
    fake->pending = buffer;
    memset(fake->damage, 0, sizeof(fake->damage));
}

static void
damage(struct wl_client *client, struct wl_resource *surface, int32_t x, int32_t y, int32_t width, int32_t height)
{
}

static void
damage_buffer(struct wl_client *client, struct wl_resource *surface, int32_t x, int32_t y, int32_t width,
              int32_t height)
{
    struct fake_compositor *fake = wl_resource_get_user_data(surface);
    int32_t rect[] = { x, y, width, height };
    memcpy(fake->damage, rect, sizeof(rect));
}

static void
frame_gone(struct wl_resource *callback)
{
    wl_list_remove(wl_resource_get_link(callback));
}

static void
frame(struct wl_client *client, struct wl_resource *surface, uint32_t id)
{
    struct fake_compositor *fake = wl_resource_get_user_data(surface);
    struct wl_resource *callback = wl_resource_create(client, &wl_callback_interface, 1, id);
    wl_resource_set_implementation(callback, NULL, fake, frame_gone);
    wl_list_insert(&fake->frames, wl_resource_get_link(callback));
    fake->frames_asked++;
}

static void
answer_frames(struct fake_compositor *fake)
{
    struct wl_resource *callback, *next;
    wl_resource_for_each_safe(callback, next, &fake->frames) {
        wl_callback_send_done(callback, 0);
        wl_resource_destroy(callback);
    }
}

static void
commit(struct wl_client *client, struct wl_resource *surface)
{
    struct fake_compositor *fake = wl_resource_get_user_data(surface);
    fake->commits++;
    if (fake->pending) {
        struct buffer *buffer = wl_resource_get_user_data(fake->pending);
        fake->attached = buffer->info;
        if (fake->shown)
            wl_buffer_send_release(fake->shown);
        fake->shown = fake->pending;
        fake->pending = NULL;
    }
    if (fake->answer_frames)
        answer_frames(fake);
}

static const struct wl_surface_interface surface_impl = {
    .destroy = destroy_resource,
    .attach = attach,
    .damage = damage,
    .damage_buffer = damage_buffer,
    .frame = frame,
    .commit = commit,
};

static void
create_surface(struct wl_client *client, struct wl_resource *compositor, uint32_t id)
{
    struct wl_resource *surface = wl_resource_create(client, &wl_surface_interface, 4, id);
    wl_resource_set_implementation(surface, &surface_impl, wl_resource_get_user_data(compositor), NULL);
}

static const struct wl_compositor_interface compositor_impl = { .create_surface = create_surface };

static void
bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_compositor_interface, version, id);
    wl_resource_set_implementation(resource, &compositor_impl, data, NULL);
}

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &dc_buffer_manager_v1_interface, version, id);
    wl_resource_set_implementation(resource, &manager_impl, data, NULL);
}

static void *
run(void *user)
{
    struct fake_compositor *fake = user;
    struct wl_event_loop *loop = wl_display_get_event_loop(fake->display);
    bool run_on = true;
    while (run_on) {
        pthread_mutex_lock(&fake->lock);
        wl_event_loop_dispatch(loop, 0);
        wl_display_flush_clients(fake->display);
        run_on = !fake->stop;
        pthread_mutex_unlock(&fake->lock);
        usleep(500);
    }
    return NULL;
}

void
fake_compositor_start(struct fake_compositor *fake, int *client_fd)
{
    int fds[2];
    *fake = (struct fake_compositor){ .lock = PTHREAD_MUTEX_INITIALIZER, .answer_frames = true };
    wl_list_init(&fake->frames);
    fake->display = wl_display_create();
    assert(fake->display && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    assert(wl_global_create(fake->display, &wl_compositor_interface, 4, fake, bind_compositor));
    assert(wl_global_create(fake->display, &dc_buffer_manager_v1_interface, 1, fake, bind_manager));
    assert(wl_client_create(fake->display, fds[0]));
    *client_fd = fds[1];
    assert(pthread_create(&fake->thread, NULL, run, fake) == 0);
}

void
fake_compositor_stop(struct fake_compositor *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->stop = true;
    pthread_mutex_unlock(&fake->lock);
    pthread_join(fake->thread, NULL);
    wl_display_destroy_clients(fake->display);
    wl_display_destroy(fake->display);
}

void
fake_compositor_answer_frames(struct fake_compositor *fake, bool answer)
{
    pthread_mutex_lock(&fake->lock);
    fake->answer_frames = answer;
    if (answer)
        answer_frames(fake);
    wl_display_flush_clients(fake->display);
    pthread_mutex_unlock(&fake->lock);
}
