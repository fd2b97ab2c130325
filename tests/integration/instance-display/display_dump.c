/*
 * display-dump: the compositor alone. Runs a program against it, composes the shared-memory layers in software, feeds it
 * scripted input, and writes what is on screen as PPM. One process, one thread, no worker: presents are done at once.
 *
 *     display-dump [--size WxH] [--seconds N] [--out FILE.ppm] [--input "400:key 30, 500:move 10 10, 600:click"] -- PROGRAM …
 *
 * Prints one line of JSON: presents, frames, layers of the last present, input events sent and shown, titles of nothing else.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <common/clock.h>
#include <vhal/display.h>

#define MAX_IMAGES 64

struct image {
    bool used, alpha;
    uint32_t width, height;
    uint32_t *pixels;
};

struct dump {
    struct dc_display *display;
    struct image images[MAX_IMAGES];
    uint32_t width, height;
    uint32_t *screen;
    struct dc_display_layer layers[64];
    uint32_t layer_count;
    uint64_t presents, uploads, upload_bytes, input_sent, input_shown;
    uint64_t done_id;
    bool mapped;
};

static void
handle_present(void *user, const struct dc_display_present *present)
{
    struct dump *dump = user;
    dump->presents++;
    dump->input_shown += present->input_id_count;
    dump->layer_count = present->layer_count < 64 ? present->layer_count : 64;
    memcpy(dump->layers, present->layers, dump->layer_count * sizeof(dump->layers[0]));
    dump->done_id = present->present_id;
}

static bool
check_ring(void *user, uint32_t ring_id, pid_t pid)
{
    return false;
}

static uint32_t
image_create(void *user, uint32_t width, uint32_t height, bool alpha)
{
    struct dump *dump = user;
    for (uint32_t i = 1; i < MAX_IMAGES; i++) {
        if (dump->images[i].used)
            continue;
        dump->images[i] = (struct image){ .used = true, .alpha = alpha, .width = width, .height = height,
                                          .pixels = calloc((size_t)width * height, 4) };
        return i;
    }
    return 0;
}

static void
image_upload(void *user, uint32_t id, uint32_t x, uint32_t y, uint32_t width, uint32_t height, const void *pixels,
             uint32_t stride_bytes)
{
    struct dump *dump = user;
    struct image *image = &dump->images[id];
    if (x + width > image->width || y + height > image->height) {
        fprintf(stderr, "upload outside the image\n");
        exit(1);
    }
    for (uint32_t row = 0; row < height; row++)
        memcpy(image->pixels + (size_t)(y + row) * image->width + x, (const char *)pixels + (size_t)row * stride_bytes,
               (size_t)width * 4);
    dump->uploads++;
    dump->upload_bytes += (uint64_t)width * height * 4;
}

static void
image_commit(void *user, uint32_t image, uint64_t seq)
{
}

static void
image_destroy(void *user, uint32_t id)
{
    struct dump *dump = user;
    free(dump->images[id].pixels);
    dump->images[id] = (struct image){ 0 };
}

static uint32_t
image_ring(void *user)
{
    return 1;
}

static void
handle_input_sent(void *user, pid_t pid, uint64_t input_id)
{
    ((struct dump *)user)->input_sent++;
}

static void
handle_mapped(void *user, bool any)
{
    ((struct dump *)user)->mapped = any;
}

static uint32_t
blend(uint32_t under, uint32_t over, bool opaque)
{
    uint32_t result = 0, alpha = opaque ? 255 : over >> 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t value = (over >> shift & 255) + (under >> shift & 255) * (255 - alpha) / 255;
        result |= (value > 255 ? 255 : value) << shift;
    }
    return result;
}

static void
compose(struct dump *dump)
{
    memset(dump->screen, 0, (size_t)dump->width * dump->height * 4);
    for (uint32_t i = 0; i < dump->layer_count; i++) {
        const struct dc_display_layer *layer = &dump->layers[i];
        const struct image *image = &dump->images[layer->surface_id];
        if (!image->used)
            continue;
        double sx = layer->src_x / 256.0, sy = layer->src_y / 256.0;
        double sw = layer->src_width ? layer->src_width / 256.0 : image->width;
        double sh = layer->src_height ? layer->src_height / 256.0 : image->height;
        for (int32_t y = 0; y < (int32_t)layer->height; y++) {
            for (int32_t x = 0; x < (int32_t)layer->width; x++) {
                int32_t ox = layer->x + x, oy = layer->y + y;
                uint32_t ix = (uint32_t)(sx + (x + 0.5) * sw / layer->width);
                uint32_t iy = (uint32_t)(sy + (y + 0.5) * sh / layer->height);
                if (ox < 0 || oy < 0 || ox >= (int32_t)dump->width || oy >= (int32_t)dump->height ||
                    ix >= image->width || iy >= image->height)
                    continue;
                uint32_t *at = &dump->screen[(size_t)oy * dump->width + ox];
                *at = blend(*at, image->pixels[(size_t)iy * image->width + ix], layer->opaque);
            }
        }
    }
}

static bool
write_ppm(struct dump *dump, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    compose(dump);
    fprintf(file, "P6\n%u %u\n255\n", dump->width, dump->height);
    for (size_t i = 0; i < (size_t)dump->width * dump->height; i++) {
        uint32_t p = dump->screen[i];
        fputc(p >> 16 & 255, file);
        fputc(p >> 8 & 255, file);
        fputc(p & 255, file);
    }
    return fclose(file) == 0;
}

static void
send_event(struct dump *dump, const char *what)
{
    static uint64_t next_id = 1;
    static int32_t x, y;
    struct dc_input_event event = { .time_us = dc_clock_now_us() };
    unsigned code;
    if (sscanf(what, "key %u", &code) == 1 || (!strcmp(what, "click") && (code = 0x110))) {
        bool is_key = what[0] == 'k';
        for (int press = 1; press >= 0; press--) {
            event.id = next_id++;
            event.kind = is_key ? DC_INPUT_KEY : DC_INPUT_POINTER_BUTTON;
            event.key.evdev_code = code;
            event.key.pressed = press;
            dc_display_handle_input(dump->display, &event);
        }
    } else if (sscanf(what, "move %d %d", &x, &y) == 2) {
        event.id = next_id++;
        event.kind = DC_INPUT_POINTER_MOTION;
        event.motion.x = x * 256;
        event.motion.y = y * 256;
        event.motion.dx = event.motion.dy = 256;
        dc_display_handle_input(dump->display, &event);
    } else if (!strcmp(what, "touch")) {
        for (int kind = DC_TOUCH_DOWN; kind <= DC_TOUCH_UP; kind++) {
            event.id = next_id++;
            event.kind = DC_INPUT_TOUCH;
            event.touch.kind = kind;
            event.touch.x = x * 256;
            event.touch.y = y * 256;
            dc_display_handle_input(dump->display, &event);
        }
    } else {
        fprintf(stderr, "unknown input: %s\n", what);
        exit(2);
    }
}

/* "MS:WHAT, MS:WHAT": sends what is due and returns what is left. */
static char *
run_script(struct dump *dump, char *script, int64_t elapsed_ms)
{
    while (script && *script) {
        char *rest;
        long due_ms = strtol(script, &rest, 10);
        if (due_ms > elapsed_ms || *rest != ':')
            return script;
        char *what = rest + 1, *comma = strchr(what, ',');
        if (comma)
            *comma = '\0';
        send_event(dump, what);
        script = comma ? comma + 1 + strspn(comma + 1, " ") : NULL;
    }
    return script;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        { "size", required_argument, NULL, 's' },  { "seconds", required_argument, NULL, 't' },
        { "out", required_argument, NULL, 'o' },   { "input", required_argument, NULL, 'i' },
        { NULL, 0, NULL, 0 },
    };
    struct dump dump = { .width = 1280, .height = 720 };
    const char *out = NULL;
    char *script = NULL;
    double seconds = 2;
    int option;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 's')
            sscanf(optarg, "%ux%u", &dump.width, &dump.height);
        else if (option == 't')
            seconds = atof(optarg);
        else if (option == 'o')
            out = optarg;
        else if (option == 'i')
            script = optarg;
        else
            return 2;
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
        .handle_mapped = handle_mapped,
    };
    struct dc_display_config config = { .width = dump.width, .height = dump.height, .refresh_mhz = 60000 };
    dump.screen = calloc((size_t)dump.width * dump.height, 4);
    dump.display = dc_display_create(&config, &listener, &dump);
    if (!dump.display || optind >= argc)
        return 2;
    pid_t pid = fork();
    if (pid == 0) {
        setenv("WAYLAND_DISPLAY", dc_display_socket_name(dump.display), 1);
        execvp(argv[optind], argv + optind);
        perror(argv[optind]);
        _exit(127);
    }
    int64_t start_us = dc_clock_now_us(), wakeups = 0;
    int64_t end_us = start_us + (int64_t)(seconds * 1e6);
    int status = 0;
    bool exited = false;
    while (dc_clock_now_us() < end_us && !exited) {
        struct pollfd poll_fd = { .fd = dc_display_fd(dump.display), .events = POLLIN };
        poll(&poll_fd, 1, 20);
        wakeups++;
        dc_display_dispatch(dump.display);
        if (dump.done_id) {
            dc_display_handle_present_done(dump.display, dump.done_id, dc_clock_now_us());
            dump.done_id = 0;
        }
        script = run_script(&dump, script, (dc_clock_now_us() - start_us) / 1000);
        exited = waitpid(pid, &status, WNOHANG) == pid;
    }
    bool wrote = !out || write_ppm(&dump, out);
    printf("{\"mapped\": %s, \"presents\": %llu, \"uploads\": %llu, \"upload_bytes\": %llu, \"layers\": %u, "
           "\"input_sent\": %llu, \"input_shown\": %llu, \"exited\": %s, \"status\": %d}\n",
           dump.mapped ? "true" : "false", (unsigned long long)dump.presents, (unsigned long long)dump.uploads,
           (unsigned long long)dump.upload_bytes, dump.layer_count, (unsigned long long)dump.input_sent,
           (unsigned long long)dump.input_shown, exited ? "true" : "false", exited ? status : 0);
    if (!exited) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    dc_display_destroy(dump.display);
    free(dump.screen);
    return wrote ? 0 : 1;
}
