#ifndef SUPERVISOR_SERVICES_H
#define SUPERVISOR_SERVICES_H

#include "common/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* What runs beside the container for its network: resolver and loopback proxy, unprivileged children that are started
   again when they die (at most once in the back-off), and its lines in the DNS tables. */

/* Reserves the loopback ports; -EADDRINUSE names the one that is taken. */
int services_listen (struct err *e);
/* Starts the children; the network namespace exists. */
int services_start (int netns_fd, struct err *e);
/* For the loop's child handler: true when it was one of ours. */
bool services_child (pid_t pid);
void services_stop (void);

/* Makes the container known under its names, or unknown again. */
int services_add_names (struct err *e);
void services_remove_names (void);

/* Lets new connections to published ports in again after a restart, or none while there is nobody to take them. The
   command that started the container has let them in the first time. */
void services_open_ports (void);
void services_close_ports (void);
/* Flows of UDP that go elsewhere than a start or an end wants. */
void services_claim_flows (void);
void services_end_flows (void);

#endif
