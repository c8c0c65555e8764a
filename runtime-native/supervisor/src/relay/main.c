/* tscompose-log-relay: carries log messages from a supervisor to a server over TLS.

   Stdin is a socket. "ready\n" is written to it when the server's certificate has been verified; from then on what comes
   is sent. When either side ends, the reason is written to the socket as a line, and the program ends: connecting again,
   and what to send again, is the supervisor's business. Exit status: 0 the supervisor has ended, 1 anything else.
   `--check`: whether TLS is there at all. */

#include "common/clock.h"
#include "common/err.h"
#include "net/confine.h"
#include "relay/openssl.h"
#include "relay/options.h"
#include "relay/session.h"
#include "supervisor/log-address.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum
{
  SYSLOG_TLS_PORT = 6514,
  CONNECT_MS = 10000,
  UNACKNOWLEDGED_MS = 30000, /* a server that acknowledges nothing for so long is gone */
  CHUNK_BYTES = 16384        /* the longest TLS record */
};

static const int allowed[] = {
  SYS_ppoll,     SYS_read,         SYS_write,     SYS_recvfrom,     SYS_sendto,         SYS_recvmsg,      SYS_sendmsg,
  SYS_close,     SYS_shutdown,     SYS_brk,       SYS_munmap,       SYS_mremap,         SYS_madvise,      SYS_futex,
  SYS_getrandom, SYS_getpid,       SYS_gettid,    SYS_getuid,       SYS_geteuid,        SYS_getgid,       SYS_getegid,
  SYS_getppid,   SYS_clock_gettime, SYS_gettimeofday, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
  SYS_exit,      SYS_exit_group,   SYS_sched_yield, SYS_fstat,      SYS_lseek,          SYS_getsockopt,
#ifdef SYS_poll
  SYS_poll,
#endif
#ifdef SYS_time
  SYS_time,
#endif
};

static int
connect_to (const struct log_address *address, struct err *e)
{
  int fd = socket (address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  unsigned patience = UNACKNOWLEDGED_MS;
  int error = 0;
  socklen_t size = sizeof error;
  if (fd < 0)
    return err_errno (e, "socket");
  (void) setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); /* better with, possible without; as the next */
  (void) setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  if (connect (fd, (const struct sockaddr *) &address->storage, address->length) < 0 && errno != EINPROGRESS)
    return err_set (e, errno, "%s", strerror (errno));
  struct pollfd socket = { .fd = fd, .events = POLLOUT };
  int n = poll (&socket, 1, CONNECT_MS);
  if (n < 0 || getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
    return err_errno (e, "connect");
  if (n == 0)
    error = ETIMEDOUT;
  return error == 0 ? fd : err_set (e, error, "%s", strerror (error));
}

static int
confine_here (int server)
{
  const int fds[] = { server };
  const struct confinement confinement = {
    .name = "log-relay",
    .parent = getppid (),
    .lingers = true,
    .fds = fds,
    .n_fds = 1,
    .max_files = 16,
    .syscalls = allowed,
    .n_syscalls = sizeof allowed / sizeof *allowed,
  };
  return confine (&confinement);
}

/* Until one of the two ends: 0 when it is the supervisor. */
static int
carry (struct session *session, struct err *e)
{
  static char chunk[CHUNK_BYTES];
  for (;;)
    {
      struct pollfd ends[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = session->fd, .events = POLLIN } };
      if (poll (ends, 2, -1) < 0 && errno != EINTR)
        return err_errno (e, "poll");
      int r = ends[1].revents == 0 ? 0 : session_hear (session, e);
      if (r < 0)
        return r;
      if (ends[0].revents == 0)
        continue;
      ssize_t n = read (STDIN_FILENO, chunk, sizeof chunk);
      if (n == 0)
        return 0;
      if (n < 0 && errno != EINTR)
        return err_errno (e, "read");
      if (n > 0)
        r = session_write (session, chunk, (size_t) n, e);
      if (r < 0)
        return r;
    }
}

static void
say (const char *text)
{
  char line[256];
  int n = snprintf (line, sizeof line, "%.*s\n", (int) sizeof line - 2, text);
  (void) send (STDIN_FILENO, line, (size_t) n, MSG_NOSIGNAL); /* a supervisor that is gone need not know */
}

static int
relay (const struct relay_options *options, struct err *e)
{
  struct log_address address;
  struct openssl openssl;
  struct session session;
  int r = log_address_parse (options->address, SYSLOG_TLS_PORT, &address, e);
  int server = r < 0 ? r : connect_to (&address, e);
  /* Only now the library, which costs more than all the rest: a server that is away is asked for often. */
  r = server < 0 ? server : openssl_load (&openssl, e);
  if (r == 0)
    r = session_prepare (&session, &openssl, options, e);
  if (r < 0)
    return r;
  tzset (); /* reads a file at its first use, which verifying a certificate's dates is */
  r = confine_here (server);
  if (r < 0)
    return err_set (e, -r, "confinement: %s", strerror (-r));
  session.origin_fd = STDIN_FILENO;
  r = session_connect (&session, server, CONNECT_MS, e);
  if (r < 0)
    return r;
  say ("ready");
  r = carry (&session, e);
  if (r == 0)
    session_end (&session);
  return r;
}

int
main (int argc, char **argv)
{
  struct relay_options options = { 0 };
  struct err e = { 0 };
  struct openssl openssl;
  int r = argc < 1 ? -EINVAL : relay_options_parse (argv + 1, &options, &e);
  if (r == 0 && options.is_check)
    {
      r = openssl_load (&openssl, &e);
      if (r < 0)
        (void) printf ("%s\n", e.msg); /* the exit status says it too */
      return r < 0;
    }
  (void) signal (SIGPIPE, SIG_IGN); /* cannot fail for this signal */
  if (r == 0)
    r = relay (&options, &e);
  if (r < 0)
    say (e.msg);
  return r < 0;
}
