#undef NDEBUG
#include "fixture.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <common/clock.h>

/* The client's proxies end with its connection; freeing each by hand would only lengthen the tests. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libwayland-client";
}

static void
handle_present(void *user, const struct dc_display_present *present)
{
    struct fixture *f = user;
    assert(f->present_count < MAX_RECORDS && present->layer_count <= 16);
    struct recorded_present *r = &f->presents[f->present_count++];
    r->present_id = present->present_id;
    r->layer_count = present->layer_count;
    memcpy(r->layers, present->layers, present->layer_count * sizeof(r->layers[0]));
    r->input_id_count = present->input_id_count;
    memcpy(r->input_ids, present->input_ids, present->input_id_count * sizeof(uint64_t));
    r->first_command_us = present->first_command_us;
    r->swap_us = present->swap_us;
}

static bool
check_ring(void *user, uint32_t ring_id, pid_t pid)
{
    assert(pid == getpid());
    return ((struct fixture *)user)->allow_ring && ring_id == 7;
}

static uint32_t
image_create(void *user, uint32_t width, uint32_t height, bool alpha)
{
    struct fixture *f = user;
    f->images_alive++;
    return ++f->images_created;
}

static void
image_upload(void *user, uint32_t image, uint32_t x, uint32_t y, uint32_t width, uint32_t height, const void *pixels,
             uint32_t stride_bytes)
{
    struct fixture *f = user;
    assert(f->upload_count < MAX_RECORDS);
    struct recorded_upload *r = &f->uploads[f->upload_count++];
    *r = (struct recorded_upload){ image, x, y, width, height, 0 };
    memcpy(&r->first_pixel, pixels, 4);
}

static void
image_commit(void *user, uint32_t image, uint64_t seq)
{
    ((struct fixture *)user)->commits++;
}

static void
image_destroy(void *user, uint32_t image)
{
    ((struct fixture *)user)->images_alive--;
}

static uint32_t
image_ring(void *user)
{
    return 1;
}

static void
handle_input_sent(void *user, pid_t pid, uint64_t input_id)
{
    struct fixture *f = user;
    assert(pid == getpid());
    f->input_sent = input_id;
    f->input_sent_count++;
}

static void
handle_paced(void *user, pid_t pid, bool paced)
{
    struct fixture *f = user;
    assert(pid == getpid());
    f->paced = paced;
    f->paced_calls++;
}

static void
handle_mapped(void *user, bool any)
{
    ((struct fixture *)user)->mapped = any;
}

static const struct dc_display_listener listener = {
    .handle_present = handle_present,
    .check_ring = check_ring,
    .image_create = image_create,
    .image_upload = image_upload,
    .image_commit = image_commit,
    .image_destroy = image_destroy,
    .image_ring = image_ring,
    .handle_input_sent = handle_input_sent,
    .handle_paced = handle_paced,
    .handle_mapped = handle_mapped,
};

static bool
client_reads(struct fixture *f)
{
    wl_display_flush(f->client);
    if (wl_display_prepare_read(f->client) != 0)
        return wl_display_dispatch_pending(f->client) > 0;
    struct pollfd fd = { .fd = wl_display_get_fd(f->client), .events = POLLIN };
    if (poll(&fd, 1, 0) <= 0) {
        wl_display_cancel_read(f->client);
        return false;
    }
    wl_display_read_events(f->client);
    return wl_display_dispatch_pending(f->client) > 0;
}

void
pump(struct fixture *f)
{
    int idle = 0;
    while (idle < 3) {
        bool busy = client_reads(f);
        struct pollfd fd = { .fd = dc_display_fd(f->display), .events = POLLIN };
        busy |= poll(&fd, 1, 0) > 0;
        dc_display_dispatch(f->display);
        if (f->present_count > 0)
            dc_display_handle_present_done(f->display, f->presents[f->present_count - 1].present_id,
                                           dc_clock_now_us());
        idle = busy ? 0 : idle + 1;
    }
}

void
pump_for(struct fixture *f, int milliseconds)
{
    int64_t end_us = dc_clock_now_us() + milliseconds * 1000;
    while (dc_clock_now_us() < end_us) {
        pump(f);
        usleep(1000);
    }
}

const struct recorded_present *
last_present(const struct fixture *f)
{
    assert(f->present_count > 0);
    return &f->presents[f->present_count - 1];
}

static void
handle_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    struct fixture *f = data;
    const struct {
        const struct wl_interface *interface;
        void **slot;
        uint32_t version;
    } wanted[] = {
        { &wl_compositor_interface, (void **)&f->compositor, 4 },
        { &wl_subcompositor_interface, (void **)&f->subcompositor, 1 },
        { &wl_shm_interface, (void **)&f->shm, 1 },
        { &wl_seat_interface, (void **)&f->seat, 5 },
        { &wl_output_interface, (void **)&f->output, 3 },
        { &xdg_wm_base_interface, (void **)&f->wm_base, 3 },
        { &wl_data_device_manager_interface, (void **)&f->data_devices, 3 },
        { &dc_buffer_manager_v1_interface, (void **)&f->buffers, 1 },
    };
    f->global_count++;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (strcmp(interface, wanted[i].interface->name) == 0)
            *wanted[i].slot = wl_registry_bind(registry, name, wanted[i].interface, wanted[i].version);
    }
}

static void
handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = { handle_global, handle_global_remove };

int
fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->dir, "/tmp/dc-test-XXXXXX");
    assert(mkdtemp(f->dir));
    setenv("XDG_RUNTIME_DIR", f->dir, 1);
    struct dc_display_config config = { .width = 1280, .height = 720, .refresh_mhz = 60000, .socket_name = "test" };
    f->display = dc_display_create(&config, &listener, f);
    assert(f->display);
    f->client = wl_display_connect(dc_display_socket_name(f->display));
    assert(f->client);
    f->registry = wl_display_get_registry(f->client);
    wl_registry_add_listener(f->registry, &registry_listener, f);
    pump(f);
    assert(f->compositor && f->shm && f->seat && f->wm_base && f->buffers && f->subcompositor && f->data_devices);
    *state = f;
    return 0;
}

int
fixture_teardown(void **state)
{
    struct fixture *f = *state;
    wl_display_disconnect(f->client);
    dc_display_dispatch(f->display);
    dc_display_destroy(f->display);
    assert(f->images_alive == 0);
    assert(rmdir(f->dir) == 0); // the socket and its lock are gone
    free(f);
    return 0;
}

static void
handle_xdg_configure(void *data, struct xdg_surface *xdg, uint32_t serial)
{
    struct window *w = data;
    w->configures++;
    xdg_surface_ack_configure(xdg, serial);
}

static const struct xdg_surface_listener xdg_listener = { handle_xdg_configure };

static void
handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
                          struct wl_array *states)
{
    struct window *w = data;
    uint32_t *state;
    w->width = width;
    w->height = height;
    w->activated = w->maximized = false;
    wl_array_for_each(state, states) {
        w->activated |= *state == XDG_TOPLEVEL_STATE_ACTIVATED;
        w->maximized |= *state == XDG_TOPLEVEL_STATE_MAXIMIZED;
    }
}

static void
handle_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = {
    .configure = handle_toplevel_configure,
    .close = handle_close,
};

void
window_init(struct window *w, struct fixture *f)
{
    *w = (struct window){ .f = f };
    w->surface = wl_compositor_create_surface(f->compositor);
    w->xdg = xdg_wm_base_get_xdg_surface(f->wm_base, w->surface);
    xdg_surface_add_listener(w->xdg, &xdg_listener, w);
    w->toplevel = xdg_surface_get_toplevel(w->xdg);
    xdg_toplevel_add_listener(w->toplevel, &toplevel_listener, w);
    wl_surface_commit(w->surface);
    pump(f);
}

void
window_finish(struct window *w)
{
    xdg_toplevel_destroy(w->toplevel);
    xdg_surface_destroy(w->xdg);
    wl_surface_destroy(w->surface);
    pump(w->f);
}

struct wl_buffer *
make_shm_buffer(struct fixture *f, int32_t width, int32_t height, uint32_t pixel, uint32_t format)
{
    size_t size_bytes = (size_t)width * (size_t)height * 4;
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert(fd >= 0 && ftruncate(fd, (off_t)size_bytes) == 0);
    uint32_t *pixels = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert(pixels != MAP_FAILED);
    for (size_t i = 0; i < size_bytes / 4; i++)
        pixels[i] = pixel;
    munmap(pixels, size_bytes);
    struct wl_shm_pool *pool = wl_shm_create_pool(f->shm, fd, (int32_t)size_bytes);
    struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4, format);
    wl_shm_pool_destroy(pool);
    close(fd);
    return buffer;
}

void
window_show(struct window *w, struct wl_buffer *buffer, int32_t width, int32_t height)
{
    wl_surface_attach(w->surface, buffer, 0, 0);
    wl_surface_damage(w->surface, 0, 0, width, height);
    wl_surface_commit(w->surface);
    pump(w->f);
}

void
window_show_shm(struct window *w, int32_t width, int32_t height, uint32_t pixel)
{
    struct wl_buffer *buffer = make_shm_buffer(w->f, width, height, pixel, WL_SHM_FORMAT_XRGB8888);
    window_show(w, buffer, width, height);
    wl_buffer_destroy(buffer);
}
