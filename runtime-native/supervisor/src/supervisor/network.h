#ifndef SUPERVISOR_NETWORK_H
#define SUPERVISOR_NETWORK_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Makes the network namespace of the specification and returns its fd: a new one with its endpoints, that of another
   container's process, or -1 for the host's. On failure nothing is left: veths die with the namespace. */
int network_setup (const struct spec *spec, int *ret_netns_fd, struct err *e);

#endif
