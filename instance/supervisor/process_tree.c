#include "process_tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
read_children(struct dc_process_list *list, const char *path)
{
    FILE *file = fopen(path, "re");
    int pid;
    if (!file)
        return;
    while (list->count < DC_PROCESS_LIST_MAX && fscanf(file, "%d", &pid) == 1)
        list->pids[list->count++] = pid;
    fclose(file);
}

static void
append_children(struct dc_process_list *list, pid_t pid)
{
    char path[320];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return;
    for (struct dirent *entry; (entry = readdir(tasks));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "/proc/%d/task/%.32s/children", (int)pid, entry->d_name);
        read_children(list, path);
    }
    closedir(tasks);
}

void
dc_process_list_children(struct dc_process_list *list, pid_t pid)
{
    list->count = 0;
    append_children(list, pid);
}

static int64_t
cpu_us(pid_t pid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    long reaped_user = 0, reaped_system = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    char *after_name = strrchr(text, ')'); // the name may hold anything
    if (!after_name || sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &user,
                              &system, &reaped_user, &reaped_system) != 4)
        return 0;
    int64_t ticks = (int64_t)user + (int64_t)system + reaped_user + reaped_system;
    return ticks * 1000000 / sysconf(_SC_CLK_TCK);
}

int64_t
dc_process_tree_cpu_us(pid_t spared)
{
    struct dc_process_list list = { .count = 0 };
    int64_t total_us = 0;
    append_children(&list, getpid());
    for (uint32_t i = 0; i < list.count; i++) { // grows while we go down
        if (list.pids[i] == spared)
            continue;
        total_us += cpu_us(list.pids[i]);
        append_children(&list, list.pids[i]);
    }
    return total_us;
}
