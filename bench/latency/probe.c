/*
 * Click to photon, from outside: presses a mouse button on one X display, watches one pixel of another (or the same) and
 * says when it has turned from dark to bright or back.
 *
 *     bench-probe --display :2 [--input-display :1] [--clicks 200] [--at X,Y] [--seed N] > FILE.json
 *
 * Times are CLOCK_MONOTONIC, from just before the press is handed to the X server until the sample that shows the change
 * has arrived; the pixel is sampled every half a millisecond or oftener. The pause before each press is random between
 * 200 and 500 ms, so that presses fall everywhere in a refresh. Exit status: 0, 1 nothing flips there, 2 usage.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XTest.h>

#define TIMEOUT_US 1000000
#define SAMPLE_GAP_US 250
#define HOLD_US 40000
#define MAX_CLICKS 5000
#define MAX_LOST_IN_A_ROW 5
#define POINTER_OFFSET 60 // the pointer's own picture is not where we look

struct probe {
    Display *watched, *pressed;
    int x, y;
    uint64_t random; // xorshift
    uint64_t samples;
    int64_t sampling_us;
};

static int64_t
now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint64_t
next_random(struct probe *probe)
{
    probe->random ^= probe->random << 13;
    probe->random ^= probe->random >> 7;
    probe->random ^= probe->random << 17;
    return probe->random;
}

static bool
is_bright(struct probe *probe)
{
    XImage *image = XGetImage(probe->watched, DefaultRootWindow(probe->watched), probe->x, probe->y, 1, 1, AllPlanes, ZPixmap);
    unsigned long pixel = image ? XGetPixel(image, 0, 0) : 0;
    if (image)
        XDestroyImage(image);
    probe->samples++;
    return (pixel & 0xff) + (pixel >> 8 & 0xff) + (pixel >> 16 & 0xff) > 3 * 127;
}

/* Microseconds from the press to the change, -1: none within a second. */
static int64_t
click(struct probe *probe)
{
    usleep((useconds_t)(200000 + next_random(probe) % 300000));
    bool before = is_bright(probe);
    int64_t pressed_us = now_us(), now;
    XTestFakeButtonEvent(probe->pressed, 1, True, CurrentTime);
    XFlush(probe->pressed);
    bool changed = false;
    do {
        changed = is_bright(probe) != before;
        now = now_us();
        if (!changed)
            usleep(SAMPLE_GAP_US);
    } while (!changed && now - pressed_us < TIMEOUT_US);
    probe->sampling_us += now - pressed_us;
    usleep(HOLD_US);
    XTestFakeButtonEvent(probe->pressed, 1, False, CurrentTime);
    XFlush(probe->pressed);
    return changed ? now - pressed_us : -1;
}

static int
measure(struct probe *probe, unsigned clicks)
{
    unsigned lost = 0, lost_in_a_row = 0, shown = 0;
    XTestFakeMotionEvent(probe->pressed, -1, probe->x - POINTER_OFFSET, probe->y - POINTER_OFFSET, CurrentTime);
    XFlush(probe->pressed);
    probe->samples = 0;
    printf("{\"latencies_ms\": [");
    for (unsigned i = 0; i < clicks && lost_in_a_row < MAX_LOST_IN_A_ROW; i++) {
        int64_t latency_us = click(probe);
        if (latency_us < 0) {
            lost++;
            lost_in_a_row++;
            continue;
        }
        lost_in_a_row = 0;
        printf("%s%.3f", shown++ ? ", " : "", (double)latency_us / 1000);
    }
    printf("], \"lost\": %u, \"sample_interval_ms\": %.3f}\n", lost,
           probe->samples ? (double)probe->sampling_us / 1000 / (double)probe->samples : 0.0);
    return shown ? 0 : 1;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        { "display", required_argument, NULL, 'd' }, { "input-display", required_argument, NULL, 'i' },
        { "clicks", required_argument, NULL, 'c' },  { "at", required_argument, NULL, 'a' },
        { "seed", required_argument, NULL, 's' },    { 0 },
    };
    struct probe probe = { .x = 700, .y = 420, .random = 1 };
    const char *watched = NULL, *pressed = NULL;
    unsigned clicks = 200;
    int option, event, error, major, minor;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd': watched = optarg; break;
        case 'i': pressed = optarg; break;
        case 'c': clicks = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'a':
            if (sscanf(optarg, "%d,%d", &probe.x, &probe.y) != 2)
                return 2;
            break;
        case 's': probe.random = strtoull(optarg, NULL, 10) * 2 + 1; break;
        default: return 2;
        }
    }
    if (!watched || !clicks || clicks > MAX_CLICKS) {
        fprintf(stderr, "Usage: bench-probe --display :N [--input-display :M] [--clicks N] [--at X,Y] [--seed N]\n");
        return 2;
    }
    probe.watched = XOpenDisplay(watched);
    probe.pressed = XOpenDisplay(pressed ? pressed : watched);
    if (!probe.watched || !probe.pressed || !XTestQueryExtension(probe.pressed, &event, &error, &major, &minor)) {
        fprintf(stderr, "bench-probe: no display %s, or no XTEST there\n", watched);
        return 1;
    }
    int status = measure(&probe, clicks);
    XCloseDisplay(probe.watched);
    XCloseDisplay(probe.pressed);
    return status;
}
