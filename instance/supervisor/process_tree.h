#ifndef DC_SUPERVISOR_PROCESS_TREE_H
#define DC_SUPERVISOR_PROCESS_TREE_H
/* Who descends from whom, and how much processor time that took, read from /proc. */
#include <stdint.h>
#include <sys/types.h>

#define DC_PROCESS_LIST_MAX 256

struct dc_process_list {
    pid_t pids[DC_PROCESS_LIST_MAX];
    uint32_t count;
};

/* Direct children of `pid` (all its threads'). */
void dc_process_list_children(struct dc_process_list *list, pid_t pid);
/* CPU time of the living descendants of this process, with what they have reaped, except `spared` and below, µs. */
int64_t dc_process_tree_cpu_us(pid_t spared);

#endif
