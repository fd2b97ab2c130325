/*
 * window-age [FRAMES]: a Wayland window that asks for the age of its buffers and reads in each what it finds there: the
 * frame of so many frames ago, exactly, and no more often an undefined one than at the start and after a resize. Ends with
 * 0 if that holds, and says what it saw.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl32.h>
#include <wayland-client.h>
#include <wayland-egl.h>

#include <xdg-shell-client-protocol.h>

#define WIDTH 320
#define HEIGHT 200

static struct wl_compositor *compositor;
static struct xdg_wm_base *shell;
static bool configured;

static void
handle_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    if (strcmp(interface, wl_compositor_interface.name) == 0)
        compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
    else if (strcmp(interface, xdg_wm_base_interface.name) == 0)
        shell = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
}

static void
handle_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = { handle_global, handle_remove };

static void
handle_ping(void *data, struct xdg_wm_base *base, uint32_t serial)
{
    xdg_wm_base_pong(base, serial);
}

static const struct xdg_wm_base_listener shell_listener = { handle_ping };

static void
handle_configure(void *data, struct xdg_surface *surface, uint32_t serial)
{
    xdg_surface_ack_configure(surface, serial);
    configured = true;
}

static const struct xdg_surface_listener surface_listener = { handle_configure };

static void
handle_toplevel(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height, struct wl_array *states)
{
}

static void
handle_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = { .configure = handle_toplevel, .close = handle_close };

/* The colour of a frame, and where in the window it is looked for. */
static void
colour_of(int frame, GLubyte *rgb)
{
    rgb[0] = (GLubyte)(frame * 37 + 11);
    rgb[1] = (GLubyte)(frame * 101 + 5);
    rgb[2] = (GLubyte)(frame >> 3);
}

static bool
holds(int frame, int width, int height)
{
    GLubyte want[3], got[4];
    const int places[][2] = { { 1, 1 }, { width - 2, 1 }, { 1, height - 2 }, { width - 2, height - 2 }, { width / 2, height / 2 } };
    colour_of(frame, want);
    for (int i = 0; i < 5; i++) {
        glReadPixels(places[i][0], places[i][1], 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, got);
        if (memcmp(got, want, 3) != 0) {
            printf("at %d,%d: %d %d %d, not %d %d %d\n", places[i][0], places[i][1], got[0], got[1], got[2], want[0],
                   want[1], want[2]);
            return false;
        }
    }
    return true;
}

static EGLDisplay display;

static EGLSurface
make_window(struct wl_display *wl_display, struct wl_egl_window **window)
{
    const EGLint wanted[] = { EGL_SURFACE_TYPE, EGL_WINDOW_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_RED_SIZE, 8, EGL_NONE };
    const EGLint version[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    EGLConfig config;
    EGLint count = 0;
    struct wl_registry *registry = wl_display_get_registry(wl_display);
    wl_registry_add_listener(registry, &registry_listener, NULL);
    wl_display_roundtrip(wl_display);
    xdg_wm_base_add_listener(shell, &shell_listener, NULL);
    struct wl_surface *surface = wl_compositor_create_surface(compositor);
    struct xdg_surface *xdg_surface = xdg_wm_base_get_xdg_surface(shell, surface);
    xdg_surface_add_listener(xdg_surface, &surface_listener, NULL);
    struct xdg_toplevel *toplevel = xdg_surface_get_toplevel(xdg_surface);
    xdg_toplevel_add_listener(toplevel, &toplevel_listener, NULL);
    wl_surface_commit(surface);
    while (!configured)
        wl_display_roundtrip(wl_display);
    display = eglGetPlatformDisplay(EGL_PLATFORM_WAYLAND_KHR, wl_display, NULL);
    if (!eglInitialize(display, NULL, NULL) || !eglChooseConfig(display, wanted, &config, 1, &count) || count < 1)
        return EGL_NO_SURFACE;
    *window = wl_egl_window_create(surface, WIDTH, HEIGHT);
    EGLSurface egl = eglCreateWindowSurface(display, config, (EGLNativeWindowType)*window, NULL);
    eglMakeCurrent(display, egl, egl, eglCreateContext(display, config, EGL_NO_CONTEXT, version));
    return egl;
}

/* The order that EGL_KHR_partial_update demands. */
static bool
check_damage(EGLSurface surface)
{
    PFNEGLSETDAMAGEREGIONKHRPROC set_damage = (PFNEGLSETDAMAGEREGIONKHRPROC)eglGetProcAddress("eglSetDamageRegionKHR");
    EGLint rect[] = { 0, 0, 10, 10 }, age;
    bool early = set_damage(display, surface, rect, 1);
    EGLint early_error = eglGetError();
    eglQuerySurface(display, surface, EGL_BUFFER_AGE_EXT, &age);
    bool good = set_damage(display, surface, rect, 1), twice = set_damage(display, surface, rect, 1);
    EGLint twice_error = eglGetError();
    if (!early && early_error == EGL_BAD_ACCESS && good && !twice && twice_error == EGL_BAD_ACCESS)
        return true;
    printf("damage region: early %d %x, in time %d, twice %d %x\n", early, early_error, good, twice, twice_error);
    return false;
}

int
main(int argc, char **argv)
{
    int frames = argc > 1 ? atoi(argv[1]) : 120, unknown = 0, width = WIDTH, height = HEIGHT;
    struct wl_display *wl_display = wl_display_connect(NULL);
    struct wl_egl_window *window;
    EGLSurface surface = wl_display ? make_window(wl_display, &window) : EGL_NO_SURFACE;
    if (surface == EGL_NO_SURFACE) {
        printf("no window: %x\n", eglGetError());
        return 1;
    }
    eglSwapInterval(display, 0);
    bool ok = check_damage(surface);
    for (int frame = 0; frame < frames && ok; frame++) {
        GLubyte rgb[3];
        EGLint age = -1;
        if (frame == frames / 2) {
            width += 40;
            height -= 30;
            wl_egl_window_resize(window, width, height, 0, 0);
        }
        eglQuerySurface(display, surface, EGL_BUFFER_AGE_EXT, &age);
        unknown += age == 0;
        if (age < 0 || age > frame || (age > 0 && !holds(frame - age, width, height))) {
            printf("frame %d: age %d\n", frame, age);
            ok = false;
        }
        colour_of(frame, rgb);
        glClearColor(rgb[0] / 255.0f, rgb[1] / 255.0f, rgb[2] / 255.0f, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        if (frame % 7 == 3)
            usleep(20000); // so that the compositor holds now this one, now that one
        eglSwapBuffers(display, surface);
    }
    // Three at the start, three after the resize.
    printf("%d frames, %d of unknown age\n", frames, unknown);
    return ok && unknown == 6 ? 0 : 1;
}
