#ifndef BENCH_FLOOR_NETLINK_H
#define BENCH_FLOOR_NETLINK_H

#include <stdint.h>

/* A route netlink socket of the calling process's network namespace; ends the program when it cannot be had. */
int netlink_open(void);
/* Makes a bridge that is up; returns its index. */
int netlink_bridge(int socket_fd, const char *name, uint32_t ipv4_gateway);
/* A veth pair: `host` up on bridge `master`, `eth0` in the namespace behind `netns_fd`. */
void netlink_veth(int socket_fd, const char *host, int master, int netns_fd);
/* Inside the namespace: lo and eth0 up, address/24, default route. Addresses in host byte order. */
void netlink_configure(int socket_fd, uint32_t address, uint32_t gateway);
void netlink_delete(int socket_fd, const char *name);

#endif
