#include "net/proxy.h"

#include "common/cleanup.h"
#include "net/confine.h"
#include "net/proxy-server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum
{
  BACKLOG = 4096,
  KEEP_ALIVE_SECONDS = 60
};

static const int system_calls[] = {
  SYS_splice,     SYS_recvfrom,      SYS_sendto,      SYS_epoll_pwait, SYS_accept4,      SYS_socket,     SYS_connect, SYS_setsockopt,
  SYS_epoll_ctl,  SYS_getsockopt,    SYS_shutdown,    SYS_close,       SYS_clock_gettime, SYS_pipe2,     SYS_fcntl,   SYS_madvise,
  SYS_rt_sigreturn, SYS_exit_group, SYS_exit,         SYS_restart_syscall,
#ifdef SYS_epoll_wait
  SYS_epoll_wait,
#endif
};

static void
describe (const struct proxy_port *port, char text[64])
{
  bool is_ipv6 = strchr (port->host_ip, ':') != NULL;
  const char *protocol = port->udp ? "udp" : "tcp";
  (void) snprintf (text, 64, "%s%.45s%s:%u/%s", is_ipv6 ? "[" : "", port->host_ip, is_ipv6 ? "]" : "", port->host_port, protocol); /* fits */
}

static bool
set_option (int fd, int level, int option)
{
  int on = 1;
  return setsockopt (fd, level, option, &on, sizeof on) == 0;
}

bool
proxy_set_stream_options (int fd)
{
  int idle = KEEP_ALIVE_SECONDS;
  return set_option (fd, IPPROTO_TCP, TCP_NODELAY) && set_option (fd, SOL_SOCKET, SO_KEEPALIVE)
         && setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) == 0;
}

/* The listener, or -1 with errno. By UDP, SO_REUSEADDR would let two owners have the port. */
static int
open_listener (const struct proxy_port *port, const struct address *address)
{
  int kind = (port->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  int fd cleanup_fd = socket (address->storage.ss_family, kind, 0);
  if (fd < 0)
    return -1;
  /* The kernel lets sockets share a port only when they belong to the same user: an owner that is no real user keeps all
     others out, and replicas of one service find each other whichever came first. */
  if (port->owner != 0 && (fchown (fd, port->owner, (gid_t) -1) < 0 || !set_option (fd, SOL_SOCKET, SO_REUSEPORT)))
    return -1;
  bool is_open = (port->udp || (set_option (fd, SOL_SOCKET, SO_REUSEADDR) && proxy_set_stream_options (fd)))
                 && (address->storage.ss_family != AF_INET6 || set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY))
                 && bind (fd, (const struct sockaddr *) &address->storage, address->size) == 0 && (port->udp || listen (fd, BACKLOG) == 0);
  return is_open ? steal_fd (&fd) : -1;
}

static int
listen_on (const struct proxy_port *port, int *ret_fd, struct err *e)
{
  char text[64];
  struct address address;
  describe (port, text);
  if (!address_parse (port->host_ip, port->host_port, &address))
    return err_set (e, EINVAL, "port %s: not an IP address", text);
  *ret_fd = open_listener (port, &address);
  if (*ret_fd >= 0)
    return 0;
  if (address.storage.ss_family == AF_INET6 && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT))
    return 0;
  return err_errno (e, "port %s", text);
}

int
proxy_listen (const struct proxy_port *ports, size_t n, int *ret_fds, struct err *e)
{
  for (size_t i = 0; i < n; i++)
    {
      int r = listen_on (&ports[i], &ret_fds[i], e);
      if (r == 0)
        continue;
      while (i-- > 0)
        if (ret_fds[i] >= 0)
          (void) close (ret_fds[i]); /* nobody was served yet */
      return r;
    }
  return 0;
}

static int
run_child (struct proxy_server *server, pid_t parent)
{
  static int fds[PROXY_PORTS_MAX + 1];
  int r = proxy_server_init (server);
  if (r < 0)
    return r;
  fds[0] = server->epoll;
  for (size_t i = 0; i < server->n_listeners; i++)
    fds[1 + i] = server->listeners[i].fd;
  struct confinement confinement = {
    .name = "tscompose-proxy",
    .parent = parent,
    .fds = fds,
    .n_fds = 1 + server->n_listeners,
    .max_files = PROXY_FILES_MAX,
    .syscalls = system_calls,
    .n_syscalls = sizeof system_calls / sizeof *system_calls,
  };
  r = confine (&confinement);
  return r < 0 ? r : proxy_server_run (server);
}

static int
fill_listeners (struct proxy_server *server, const struct proxy_port *ports, const int *fds, size_t n, struct err *e)
{
  for (size_t i = 0; i < n; i++)
    {
      struct proxy_listener *listener = &server->listeners[server->n_listeners];
      if (fds[i] < 0)
        continue;
      if (!address_parse (ports[i].container_ip, ports[i].container_port, &listener->target))
        return err_set (e, EINVAL, "\"%.60s\" is not an IP address", ports[i].container_ip);
      listener->fd = fds[i];
      listener->is_udp = ports[i].udp;
      server->n_listeners++;
    }
  return 0;
}

int
proxy_spawn (const struct proxy_port *ports, const int *fds, size_t n, pid_t *ret_pid, struct err *e)
{
  if (n > PROXY_PORTS_MAX)
    return err_set (e, EINVAL, "a container has at most %d published ports on the loopback interface", PROXY_PORTS_MAX);
  struct proxy_server *server
      = mmap (NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (server == MAP_FAILED)
    return err_errno (e, "start the proxy");
  int r = fill_listeners (server, ports, fds, n, e);
  pid_t parent = getpid ();
  pid_t pid = r < 0 ? -1 : fork ();
  if (pid == 0)
    _exit (run_child (server, parent) < 0 ? 111 : 0);
  if (r == 0 && pid < 0)
    r = err_errno (e, "fork");
  (void) munmap (server, sizeof *server); /* the child has its own */
  if (r < 0)
    return err_wrap (e, "start the proxy");
  *ret_pid = pid;
  return 0;
}
