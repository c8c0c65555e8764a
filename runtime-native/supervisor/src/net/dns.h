#ifndef NET_DNS_H
#define NET_DNS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The resolver of a container, at 127.0.0.11:53 in its network namespace. See README.md here for what it answers. */

struct dns_config
{
  const char *const *table_dirs; /* directories of the networks' `names`, searched in this order */
  size_t n_tables;
  const char *const *upstreams; /* host[:port]; none: names that no table has do not exist */
  size_t n_upstreams;
  const char *const *links; /* `alias:name`, in lower case: names that only this container knows, for names of the tables */
  size_t n_links;
  bool ipv6; /* answer AAAA of known names */
};

/* Sockets for UDP and TCP that get what is sent to 127.0.0.11:53 in the network namespace NETNS_FD; the caller's namespace stays
   what it is. They listen on other ports, to which nftables leads, so that the container may serve DNS itself; on a kernel
   without nftables they have port 53. Raises the namespace's loopback interface. 0 or a negative errno, -EADDRINUSE when the namespace has a resolver. */
int dns_bind (int netns_fd, int *ret_udp_fd, int *ret_tcp_fd, struct err *e);

/* Starts a resolver process on these sockets (not taken over: keep them for the next one, close them when there will be
   none). It dies with the calling thread's process. Missing table directories are made. -EINVAL: an upstream that is no
   address, or too many of something. */
int dns_spawn (const struct dns_config *config, int udp_fd, int tcp_fd, pid_t *ret_pid, struct err *e);

#endif
