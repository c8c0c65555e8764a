#include "supervisor/net-api.h"

#ifdef SUPERVISOR_WITHOUT_NET
#include <errno.h>
int names_add (const struct names_record *record, struct err *e) { (void) record; (void) e; return 0; }
int names_remove (const char *table_dir, const char *container_id, struct err *e) { (void) table_dir; (void) container_id; (void) e; return 0; }
int dns_bind (int netns_fd, int *ret_udp_fd, int *ret_tcp_fd, struct err *e) { (void) netns_fd; (void) ret_udp_fd; (void) ret_tcp_fd; return err_set (e, ENOSYS, "no resolver in this build"); }
int dns_spawn (const struct dns_config *config, int udp_fd, int tcp_fd, pid_t *ret_pid, struct err *e) { (void) config; (void) udp_fd; (void) tcp_fd; (void) ret_pid; return err_set (e, ENOSYS, "no resolver in this build"); }
int proxy_listen (const struct proxy_port *ports, size_t n, int *ret_fds, struct err *e) { (void) ports; (void) n; (void) ret_fds; return err_set (e, ENOSYS, "no proxy in this build"); }
int proxy_spawn (const struct proxy_port *ports, const int *fds, size_t n, pid_t *ret_pid, struct err *e) { (void) ports; (void) fds; (void) n; (void) ret_pid; return err_set (e, ENOSYS, "no proxy in this build"); }
#endif
