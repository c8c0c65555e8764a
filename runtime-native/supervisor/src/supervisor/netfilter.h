#ifndef SUPERVISOR_NETFILTER_H
#define SUPERVISOR_NETFILTER_H

#include "common/err.h"
#include "supervisor/spec.h"

/* The host's packet filter, as far as a container's published ports need it when no command is there to see to it. The
   command has made the table; see runtime-native/network/firewall-rules.ts for its chains. */

/* Lets new connections to the container's published ports come in, or no more: its chain "gate-…" gets its one rule, or
   none. -ENOENT: somebody has removed the table. */
int netfilter_open_gate (const struct spec_firewall *firewall, struct err *e);
int netfilter_close_gate (const struct spec_firewall *firewall, struct err *e);

#endif
