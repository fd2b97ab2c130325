/*
 * Process 1 of the test machine, statically linked, alone in the initramfs. It loads what the root file system needs,
 * mounts the host's root (9p, read-only) with fresh /dev, /proc, /sys, /run and /tmp, runs the command in /command there,
 * reaps whatever is left over, and powers off when the command ends. Files beside it in the initramfs:
 *
 *   /modules/NN-name.ko   kernel modules, loaded in the order of their names
 *   /command              the command's arguments, each terminated by a NUL
 *   /keep                 likewise: directories of the host that stay visible even below /tmp or /run
 *
 * The kernel's console is ttyS0; the command's output goes to ttyS1, so that no kernel message breaks a line of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_STRINGS 63
#define ROOT "/root"
// The host's disk does not change under us: names and pages may be cached for good.
#define HOST_OPTIONS "trans=virtio,version=9p2000.L,msize=1048576,cache=loose"
#define OUT_OPTIONS "trans=virtio,version=9p2000.L,msize=262144,access=any"

static _Noreturn void
power_off(const char *why)
{
    if (why)
        fprintf(stderr, "vm-init: %s: %s\n", why, strerror(errno));
    sync();
    reboot(RB_POWER_OFF);
    _exit(1);
}

static void
attach(const char *source, const char *target, const char *type, unsigned long flags, const char *options)
{
    if (mkdir(target, 0755) < 0 && errno != EEXIST && errno != EROFS)
        power_off(target);
    if (mount(source, target, type, flags, options) < 0)
        power_off(target);
}

static void
load_modules(void)
{
    struct dirent **names;
    int count = scandir("/modules", &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[512];
        if (names[i]->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/modules/%s", names[i]->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
            power_off(path);
        close(fd);
    }
}

/* NUL-terminated strings of a file, at most MAX_STRINGS. The text lives as long as the process. */
static int
read_strings(const char *path, char *strings[MAX_STRINGS])
{
    enum { MAX_BYTES = 8192 };
    char *text = calloc(1, MAX_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC), count = 0;
    ssize_t size_bytes = fd < 0 || !text ? -1 : read(fd, text, MAX_BYTES - 1);
    if (size_bytes < 0)
        power_off(path);
    close(fd);
    for (char *at = text; at < text + size_bytes && count < MAX_STRINGS; at += strlen(at) + 1)
        strings[count++] = at;
    return count;
}

static void
make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    mkdir(path, 0755);
}

/* Fresh file systems over the host's; what /keep names shows through them. */
static void
hide_temporary(void)
{
    static const struct { const char *path, *options; } hidden[] = {
        { ROOT "/run", "mode=755" }, { ROOT "/tmp", "mode=1777" }, { ROOT "/var/tmp", "mode=1777" },
    };
    char *kept[MAX_STRINGS], from[64], to[4096];
    int count = read_strings("/keep", kept), fds[MAX_STRINGS];
    for (int i = 0; i < count; i++) {
        snprintf(to, sizeof to, ROOT "%s", kept[i]);
        fds[i] = open(to, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        attach("tmpfs", hidden[i].path, "tmpfs", 0, hidden[i].options);
    for (int i = 0; i < count; i++) {
        snprintf(from, sizeof from, ROOT "/proc/self/fd/%d", fds[i]);
        snprintf(to, sizeof to, ROOT "%s", kept[i]);
        if (fds[i] < 0 || access(to, F_OK) == 0)
            continue; // it was never hidden
        make_directories(to);
        if (mount(from, to, NULL, MS_BIND, NULL) < 0)
            power_off(kept[i]);
    }
}

static void
mount_all(void)
{
    attach("host", ROOT, "9p", MS_RDONLY, HOST_OPTIONS);
    attach("dev", ROOT "/dev", "devtmpfs", 0, NULL);
    attach("proc", ROOT "/proc", "proc", 0, NULL);
    attach("sys", ROOT "/sys", "sysfs", 0, NULL);
    attach("pts", ROOT "/dev/pts", "devpts", 0, "ptmxmode=0666");
    attach("shm", ROOT "/dev/shm", "tmpfs", 0, "mode=1777");
    hide_temporary();
    attach("out", ROOT "/run/out", "9p", 0, OUT_OPTIONS);
}

static void
use_terminal(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY);
    if (fd < 0)
        power_off(path);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
    fd = open("/dev/null", O_RDWR);
    dup2(fd, 0);
    if (fd > 2)
        close(fd);
}

int
main(void)
{
    char *command[MAX_STRINGS + 1] = { NULL };
    if (read_strings("/command", command) == 0)
        power_off("/command");
    load_modules();
    mount_all();
    if (chdir(ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
        power_off("the host's root");
    use_terminal("/dev/ttyS1");
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games", 1);
    setenv("HOME", "/tmp", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        execvp(command[0], command);
        fprintf(stderr, "vm-init: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    // Orphans of anybody end here.
    for (pid_t gone = 0; gone != pid;) {
        gone = wait(NULL);
        if (gone < 0 && errno != EINTR)
            break;
    }
    power_off(NULL);
}
