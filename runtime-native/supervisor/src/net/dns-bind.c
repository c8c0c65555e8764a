#include "common/cleanup.h"
#include "net/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum
{
  DNS_ADDRESS = 0x7f00000b, /* 127.0.0.11, Docker's: people write it into their configurations */
  DNS_PORT = 53,
  BACKLOG = 64,
  RECEIVE_BUFFER = 1 << 20, /* a client whose question is lost waits for five seconds */
  STACK_SIZE = 16384
};

/* What the child that enters the namespace is told and reports; it shares memory and file descriptors with its parent. */
struct errand
{
  int netns_fd;
  int udp;
  int tcp;
  int error;
  const char *what;
};

static int
bound_socket (int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (DNS_PORT), .sin_addr.s_addr = htonl (DNS_ADDRESS) };
  int on = 1;
  int buffer = RECEIVE_BUFFER;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (type == SOCK_DGRAM) /* without the right to it, the default has to do */
    (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  /* Reuse: by UDP, a name server in the container that sets it too can have port 53 of every other address. Free bind: the
     loopback interface may not be up yet. */
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && setsockopt (fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) == 0
      && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0 && (type != SOCK_STREAM || listen (fd, BACKLOG) == 0))
    return fd;
  int error = errno;
  (void) close (fd); /* nothing was done with it */
  errno = error;
  return -1;
}

/* Runs in memory of the suspended parent: system calls only. */
static int
run_errand (void *argument)
{
  struct errand *errand = argument;
  errand->what = "enter the network namespace";
  if (setns (errand->netns_fd, CLONE_NEWNET) == 0)
    {
      errand->what = "bind 127.0.0.11:53";
      errand->udp = bound_socket (SOCK_DGRAM);
      errand->tcp = errand->udp < 0 ? -1 : bound_socket (SOCK_STREAM);
    }
  errand->error = errand->tcp < 0 ? errno : 0;
  return 0;
}

int
dns_bind (int netns_fd, int *ret_udp_fd, int *ret_tcp_fd, struct err *e)
{
  struct errand errand = { .netns_fd = netns_fd, .udp = -1, .tcp = -1 };
  char stack[STACK_SIZE] __attribute__ ((aligned (16)));
  /* Sharing the descriptors saves passing them back, and vfork saves a copy of the address space; without an exit signal
     the child is invisible to the caller's SIGCHLD handling. */
  pid_t pid = clone (run_errand, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_FILES, &errand);
  if (pid < 0)
    return err_errno (e, "clone");
  while (waitpid (pid, NULL, __WCLONE) < 0 && errno == EINTR)
    continue;
  int udp cleanup_fd = errand.udp;
  int tcp cleanup_fd = errand.tcp;
  if (udp < 0 || tcp < 0)
    {
      errno = errand.error;
      return err_errno (e, "%s", errand.what);
    }
  *ret_udp_fd = steal_fd (&udp);
  *ret_tcp_fd = steal_fd (&tcp);
  return 0;
}
