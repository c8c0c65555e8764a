#ifndef SUPERVISOR_CONNTRACK_H
#define SUPERVISOR_CONNTRACK_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Connections that the host's tracking remembers. For UDP it goes on with what the first datagram decided for as long as
   its sender does not pause, whatever the rules say by then. */

/* Forgets flows of UDP that lead to the container's addresses through a published port: nobody is there any more. */
int conntrack_forget_container (const struct spec_firewall *firewall, struct err *e);
/* Forgets flows to the container's UDP ports that go to the host itself: they began while nobody had the port. */
int conntrack_forget_dark (const struct spec_firewall *firewall, struct err *e);

#endif
