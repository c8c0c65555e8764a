#include "net/dns.h"

#include "common/cleanup.h"
#include "net/confine.h"
#include "net/dns-server.h"
#include "net/names.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static const int system_calls[] = {
  SYS_recvfrom,    SYS_sendto,     SYS_newfstatat, SYS_epoll_pwait, SYS_read,      SYS_clock_gettime, SYS_socket,       SYS_connect,
  SYS_getrandom,   SYS_close,      SYS_epoll_ctl,  SYS_accept4,     SYS_sendmsg,   SYS_fstat,         SYS_munmap,       SYS_madvise,
  SYS_rt_sigreturn, SYS_exit_group, SYS_exit,      SYS_restart_syscall,
#ifdef SYS_epoll_wait
  SYS_epoll_wait,
#endif
};

/* Everything of the resolver's process that needs privileges or can fail with a reason: made before the fork. */
struct preparation
{
  struct address upstreams[DNS_UPSTREAMS_MAX];
  int directories[DNS_TABLES_MAX];
  size_t n_directories;
};

static void
close_directories (struct preparation *preparation)
{
  for (size_t i = 0; i < preparation->n_directories; i++)
    (void) close (preparation->directories[i]); /* read only: nothing to lose */
}

static int
prepare (const struct dns_config *config, struct preparation *preparation, struct err *e)
{
  if (config->n_tables > DNS_TABLES_MAX || config->n_upstreams > DNS_UPSTREAMS_MAX)
    return err_set (e, EINVAL, "a resolver has at most %d networks and %d name servers", DNS_TABLES_MAX, DNS_UPSTREAMS_MAX);
  for (size_t i = 0; i < config->n_upstreams; i++)
    if (dns_upstream_parse (config->upstreams[i], &preparation->upstreams[i], e) < 0)
      return -e->code;
  for (size_t i = 0; i < config->n_tables; i++)
    {
      int fd = names_open_directory (config->table_dirs[i], e);
      if (fd < 0)
        return fd;
      preparation->directories[preparation->n_directories++] = fd;
    }
  return 0;
}

/* NULL: out of memory or descriptors. */
static struct dns_server *
make_server (const struct dns_config *config, const struct preparation *preparation, const int fds[2])
{
  struct dns_server *server
      = mmap (NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (server == MAP_FAILED)
    return NULL;
  server->udp = fds[0];
  server->tcp = fds[1];
  server->ipv6 = config->ipv6;
  server->links = config->links;
  server->n_links = config->n_links;
  server->n_tables = preparation->n_directories;
  server->forward.n_upstreams = config->n_upstreams;
  for (size_t i = 0; i < config->n_upstreams; i++)
    server->forward.upstreams[i] = preparation->upstreams[i];
  for (size_t i = 0; i < preparation->n_directories; i++)
    if (dns_table_init (&server->tables[i], preparation->directories[i]) < 0)
      return NULL; /* the caller exits: nothing to give back */
  return dns_server_init (server) < 0 ? NULL : server;
}

static int
run_child (const struct dns_config *config, const struct preparation *preparation, const int listeners[2], pid_t parent)
{
  struct dns_server *server = make_server (config, preparation, listeners);
  if (server == NULL)
    return -ENOMEM;
  int fds[DNS_TABLES_MAX + 3] = { server->udp, server->tcp, server->epoll };
  for (size_t i = 0; i < preparation->n_directories; i++)
    fds[3 + i] = preparation->directories[i];
  struct confinement confinement = {
    .name = "tscompose-dns",
    .parent = parent,
    .fds = fds,
    .n_fds = 3 + preparation->n_directories,
    .directories = preparation->directories,
    .n_directories = preparation->n_directories,
    .max_files = DNS_FILES_MAX,
    .syscalls = system_calls,
    .n_syscalls = sizeof system_calls / sizeof *system_calls,
    .opens_files = true,
  };
  int r = confine (&confinement);
  return r < 0 ? r : dns_server_run (server);
}

int
dns_spawn (const struct dns_config *config, int udp_fd, int tcp_fd, pid_t *ret_pid, struct err *e)
{
  struct preparation preparation __attribute__ ((cleanup (close_directories))) = { 0 };
  int r = prepare (config, &preparation, e);
  if (r < 0)
    return err_wrap (e, "start the resolver");
  pid_t parent = getpid ();
  pid_t pid = fork ();
  if (pid < 0)
    return err_errno (e, "start the resolver: fork");
  if (pid == 0)
    _exit (run_child (config, &preparation, (const int[2]){ udp_fd, tcp_fd }, parent) < 0 ? 111 : 0);
  *ret_pid = pid;
  return 0;
}
