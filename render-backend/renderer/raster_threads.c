#include "raster_threads.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

#define MAX_THREADS 64

/* The thread's id if it is one of theirs, else 0. /proc shows ids of the PID namespace that it was mounted in; ours is the
 * last one of "NSpid:". */
static pid_t
raster_thread(const char *tid)
{
    char path[64], text[2048] = "";
    snprintf(path, sizeof path, "/proc/self/task/%.16s/status", tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0 || strncmp(text, "Name:\tllvmpipe-", 15) != 0)
        return 0;
    const char *ids = strstr(text, "\nNSpid:");
    size_t length = ids ? strcspn(ids + 1, "\n") + 1 : 0;
    while (length && ids[length - 1] != '\t')
        length--;
    return length ? (pid_t)atoi(ids + length) : (pid_t)atoi(tid);
}

static unsigned
find_threads(pid_t *tids)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/task");
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count < MAX_THREADS;) {
        pid_t thread = entry->d_name[0] != '.' ? raster_thread(entry->d_name) : 0;
        if (thread)
            tids[count++] = thread;
    }
    closedir(dir);
    return count;
}

/* The `index`-th CPU of a set. */
static int
nth_cpu(const cpu_set_t *set, unsigned index)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, set) && index-- == 0)
            return cpu;
    }
    return -1;
}

void
dc_raster_threads_spread(void)
{
    pid_t tids[MAX_THREADS];
    cpu_set_t allowed;
    unsigned count = find_threads(tids);
    if (count < 2 || sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return;
    unsigned cpus = (unsigned)CPU_COUNT(&allowed), first = (unsigned)getpid();
    if (count > cpus)
        return;
    for (unsigned i = 0; i < count; i++) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(nth_cpu(&allowed, (first + i) % cpus), &one);
        if (sched_setaffinity(tids[i], sizeof one, &one) != 0)
            dc_debug("rasterizer thread %d stays where the kernel puts it", (int)tids[i]);
    }
    dc_debug("%u rasterizer threads, each on a CPU of its own", count);
}
