#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Published ports on the host's loopback addresses: listeners that reserve the port, and an unprivileged process that
   carries what comes to the container. */

enum
{
  PROXY_PORTS_MAX = 1024
};

struct proxy_port
{
  const char *host_ip;
  uint16_t host_port;
  bool udp;
  const char *container_ip;
  uint16_t container_port;
  uint32_t owner; /* not 0: listeners of this owner share the port */
};

/* Opens a listener per port in RET_FDS. A TCP port whose last connections are still in TIME_WAIT can be had at once, one that
   somebody listens on cannot: -EADDRINUSE, E->msg names it. Where the host has no such IPv6 address, IPv6 being off, the
   fd is -1: nobody can connect to it either. All or nothing otherwise. */
int proxy_listen (const struct proxy_port *ports, size_t n, int *ret_fds, struct err *e);

/* Starts the process that serves the listeners (not taken over: keep them for the next one). It dies with the calling
   thread's process. */
int proxy_spawn (const struct proxy_port *ports, const int *fds, size_t n, pid_t *ret_pid, struct err *e);

#endif
