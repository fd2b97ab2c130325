#ifndef DC_COMMAND_SERVER_NAMESPACES_H
#define DC_COMMAND_SERVER_NAMESPACES_H
/*
 * Namespaces of a process that reads hostile bytes: it sees no other process (PID), no network, no System V or POSIX
 * queues (IPC), no files (mount, with an empty root), and whatever it is inside its user namespace, it is nobody outside.
 * What a kernel or a container refuses is left out: dc_namespaces_probe() says what. The other half of the sandbox is
 * sandbox.h. All of it on the main thread.
 */
#include <stdbool.h>
#include <sys/types.h>

/* As fork(), but the child is the first process of a PID namespace, where that can be had. Without root, a process in
 * between waits and hands on how the child ended; its pid is what is returned. The child finds in `*parent_fd` a
 * descriptor of its parent, owned. */
pid_t dc_namespaces_fork(int *parent_fd);
/* In the child, after its last change of uid: it ends with its parent. false: the parent is gone already. */
bool dc_namespaces_end_with(int parent_fd);

/* One thread only, as `uid` and `gid` (with CAP_SYS_ADMIN where root has just become them): leaves the host's user, mount,
 * network, IPC and UTS namespaces. Returns whether dc_namespaces_empty_root() will work. Capabilities are only those of
 * the new user namespace afterwards, or none. `keep_network`: it stays until dc_namespaces_leave_network(), for what must
 * be opened there as who we are then. */
bool dc_namespaces_enter(bool keep_network);
/* After dc_namespaces_enter(true) returned true. false: still there. */
bool dc_namespaces_leave_network(void);
/* An empty, read-only file system becomes the root of every thread; then the calling thread gives up its capabilities.
 * Open descriptors stay. 0 or -errno. `keep_credentials`: it gives up nothing, since the kernel would take that for another
 * user (RDMA answers only the very credentials that opened a device). */
int dc_namespaces_empty_root(bool keep_credentials);

/* Keeps CAP_SYS_ADMIN, and nothing else, over a change of uid from root to another: before and after setresuid(). */
bool dc_namespaces_keep_admin(void);
bool dc_namespaces_raise_admin(void);

/* Tries it all in a child and warns about what does not work here. Once, at start. */
void dc_namespaces_probe(void);

#endif
