#ifndef DC_COMMAND_SERVER_TCP_LINK_H
#define DC_COMMAND_SERVER_TCP_LINK_H
/* A TCP link's process on the GPU side: one per TCP connection, forked by the main process, which alone admits
 * (admission.h). It ends TLS, so that worker and main process read no bytes of strangers. */

#include <stdbool.h>

struct dc_tcp_link_config {
    const char *ca_file, *cert_file, *key_file; // PEM
    int parent_fd; // owned: the process ends with this one (namespaces.h)
    bool offer_rdma; // rings may travel over RDMA instead: the fabric is trusted
};

/* Runs until the link ends; returns the exit status. `tcp_fd`: a connected TCP socket; `admission_fd`: to the main
 * process. Takes ownership of both. */
int dc_tcp_link_run(int tcp_fd, int admission_fd, const struct dc_tcp_link_config *config);

#endif
