#ifndef SUPERVISOR_NET_API_H
#define SUPERVISOR_NET_API_H

/* The helper children's interface; src/net is optional for the build of the state machine alone. */
#if __has_include("net/dns.h")
#include "net/dns.h"
#include "net/names.h"
#include "net/proxy.h"
#else
#define SUPERVISOR_WITHOUT_NET
#include "common/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
struct names_record { const char *table_dir; const char *container_id; const char *canonical; const char *const *addresses; size_t n_addresses; const char *const *names; size_t n_names; };
int names_add (const struct names_record *record, struct err *e);
int names_remove (const char *table_dir, const char *container_id, struct err *e);
struct dns_config { const char *const *table_dirs; size_t n_tables; const char *const *upstreams; size_t n_upstreams; bool ipv6; };
int dns_bind (int netns_fd, int *ret_udp_fd, int *ret_tcp_fd, struct err *e);
int dns_spawn (const struct dns_config *config, int udp_fd, int tcp_fd, pid_t *ret_pid, struct err *e);
struct proxy_port { const char *host_ip; uint16_t host_port; bool udp; const char *container_ip; uint16_t container_port; };
int proxy_listen (const struct proxy_port *ports, size_t n, int *ret_fds, struct err *e);
int proxy_spawn (const struct proxy_port *ports, const int *fds, size_t n, pid_t *ret_pid, struct err *e);
#endif

#endif
