#include "common/cleanup.h"
#include "net/dns-redirect.h"
#include "net/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum
{
  BACKLOG = 64,
  RECEIVE_BUFFER = 1 << 20, /* a client whose question is lost waits for five seconds */
  STACK_SIZE = 32768
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
bound_socket (int type, uint16_t port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr.s_addr = htonl (DNS_ADDRESS) };
  int on = 1;
  int buffer = RECEIVE_BUFFER;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (type == SOCK_DGRAM) /* without the right to it, the default has to do */
    (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  /* By UDP, a name server in the container that sets it too can have the port of every other address. */
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0
      && (type != SOCK_STREAM || listen (fd, BACKLOG) == 0))
    return fd;
  int error = errno;
  (void) close (fd); /* nothing was done with it */
  errno = error;
  return -1;
}

/* A socket bound before its address exists would answer from another one: the kernel takes the address for a broadcast one
   then and picks a source by route. */
static int
raise_loopback (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  int fd cleanup_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl (fd, SIOCGIFFLAGS, &request) < 0)
    return -errno;
  if ((request.ifr_flags & IFF_UP) != 0)
    return 0;
  request.ifr_flags |= IFF_UP;
  return ioctl (fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static uint16_t
port_of (int fd)
{
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;
  return getsockname (fd, (struct sockaddr *) &address, &size) < 0 ? 0 : ntohs (address.sin_port);
}

static int
bind_both (struct errand *errand, uint16_t port)
{
  errand->udp = bound_socket (SOCK_DGRAM, port);
  errand->tcp = errand->udp < 0 ? -1 : bound_socket (SOCK_STREAM, port);
  if (errand->tcp >= 0)
    return 0;
  int error = errno;
  if (errand->udp >= 0)
    (void) close (errand->udp); /* nothing was done with it */
  errand->udp = -1;
  return -error;
}

static void
close_both (struct errand *errand)
{
  (void) close (errand->udp); /* as above */
  (void) close (errand->tcp);
  errand->udp = errand->tcp = -1;
}

/* Ports that the kernel chooses, with a redirection; where it cannot redirect, port 53 itself. */
static int
bind_address (struct errand *errand)
{
  int r = bind_both (errand, 0);
  if (r < 0)
    return r;
  r = dns_redirect_install (port_of (errand->udp), port_of (errand->tcp));
  if (r == 0)
    return 0;
  close_both (errand);
  return r == -EEXIST ? -EADDRINUSE : bind_both (errand, DNS_PORT);
}

/* Runs in memory of the suspended parent: system calls only. */
static int
run_errand (void *argument)
{
  struct errand *errand = argument;
  errand->what = "enter the network namespace";
  if (setns (errand->netns_fd, CLONE_NEWNET) < 0)
    {
      errand->error = errno;
      return 0;
    }
  errand->what = "raise the loopback interface";
  errand->error = -raise_loopback ();
  if (errand->error != 0)
    return 0;
  errand->what = "bind 127.0.0.11:53";
  errand->error = -bind_address (errand);
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
