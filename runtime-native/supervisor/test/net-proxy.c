/* The proxy process between sockets of the loopback interface. */
#include "common/cleanup.h"
#include "common/io.h"
#include "net-upstream.h"
#include "net/proxy-server.h"
#include "net/proxy.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

enum
{
  BULK = 8 << 20
};

struct fixture
{
  int target; /* plays the container: a listener, or a UDP socket */
  int listener;
  unsigned port; /* of the proxy */
  pid_t pid;
};

static struct fixture
fixture_start (bool udp)
{
  struct err e = { 0 };
  int type = udp ? SOCK_DGRAM : SOCK_STREAM;
  struct fixture f = { .target = loopback_socket (type, 0) };
  struct proxy_port port = { .host_ip = "127.0.0.1", .udp = udp, .container_ip = "127.0.0.1", .container_port = (uint16_t) socket_port (f.target) };
  if (!ok (proxy_listen (&port, 1, &f.listener, &e) == 0 && proxy_spawn (&port, &f.listener, 1, &f.pid, &e) == 0, "a proxy starts %s", e.msg))
    exit (1);
  f.port = socket_port (f.listener);
  return f;
}

static void
fixture_stop (struct fixture *f)
{
  ok (waitpid (f->pid, NULL, WNOHANG) == 0, "the proxy lives until it is stopped");
  stop_process (f->pid);
  (void) close (f->target);
  (void) close (f->listener);
}

static int
connect_to (unsigned port, int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  (void) close (fd);
  return -1;
}

static bool
is_silent (int fd, int ms)
{
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  return poll (&poller, 1, ms) == 0;
}

static uint8_t
pattern (size_t at)
{
  return (uint8_t) (at * 7 + at / 251);
}

static _Noreturn void
send_bulk (int fd)
{
  static uint8_t data[BULK];
  struct err e;
  for (size_t i = 0; i < BULK; i++)
    data[i] = pattern (i);
  int r = io_write_all (fd, data, BULK, &e);
  (void) shutdown (fd, SHUT_WR);
  _exit (r < 0);
}

/* Reads to the end, slowly at first, and compares. */
static bool
receive_bulk (int fd)
{
  static uint8_t data[100000];
  size_t total = 0;
  for (;;)
    {
      if (total < 1000000)
        (void) usleep (500);
      ssize_t n = recv (fd, data, sizeof data, 0);
      if (n <= 0)
        return n == 0 && total == BULK;
      for (size_t i = 0; i < (size_t) n; i++)
        if (data[i] != pattern (total + i))
          return false;
      total += (size_t) n;
    }
}

static void
test_stream (void)
{
  struct fixture f = fixture_start (false);
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  int server cleanup_fd = accept (f.target, NULL, NULL);
  char text[16] = "";
  ok (send (client, "ping", 4, 0) == 4 && recv (server, text, 4, MSG_WAITALL) == 4 && memcmp (text, "ping", 4) == 0, "client to container");
  ok (send (server, "pong", 4, 0) == 4 && recv (client, text, 4, MSG_WAITALL) == 4 && memcmp (text, "pong", 4) == 0, "and back");
  (void) shutdown (client, SHUT_WR);
  ok (recv (server, text, 1, 0) == 0, "the client's end arrives");
  ok (send (server, "late", 4, 0) == 4 && recv (client, text, 4, MSG_WAITALL) == 4, "and the container may still answer");
  (void) close (steal_fd (&server));
  ok (recv (client, text, 1, 0) == 0, "until it ends too");
  fixture_stop (&f);
}

static void
test_bulk (void)
{
  struct fixture f = fixture_start (false);
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  int server cleanup_fd = accept (f.target, NULL, NULL);
  pid_t up = fork ();
  if (up == 0)
    send_bulk (client);
  pid_t down = fork ();
  if (down == 0)
    send_bulk (server);
  pid_t check = fork ();
  if (check == 0)
    _exit (receive_bulk (client) ? 0 : 1);
  ok (receive_bulk (server), "8 MiB to the container, while as much comes back");
  int status[3] = { -1, -1, -1 };
  (void) waitpid (up, &status[0], 0);
  (void) waitpid (down, &status[1], 0);
  (void) waitpid (check, &status[2], 0);
  ok (status[0] == 0 && status[1] == 0 && status[2] == 0, "byte for byte");
  fixture_stop (&f);
}

static void
test_back_pressure (void)
{
  struct fixture f = fixture_start (false);
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  int server cleanup_fd = accept (f.target, NULL, NULL);
  static char block[65536];
  size_t sent = 0;
  for (int idle = 0; idle < 20;)
    {
      ssize_t n = send (client, block, sizeof block, MSG_DONTWAIT);
      idle = n > 0 ? 0 : idle + 1;
      sent += n > 0 ? (size_t) n : 0;
      if (n <= 0)
        (void) usleep (5000);
    }
  ok (sent < 64U << 20, "a container that does not read stops the client, after %zu KiB", sent >> 10);
  (void) shutdown (client, SHUT_WR);
  size_t received = 0;
  ssize_t n;
  while ((n = recv (server, block, sizeof block, 0)) > 0)
    received += (size_t) n;
  ok (received == sent, "nothing of it is lost");
  fixture_stop (&f);
}

static void
test_reset (void)
{
  struct fixture f = fixture_start (false);
  struct linger at_once = { .l_onoff = 1 };
  char byte;
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  int server = accept (f.target, NULL, NULL);
  (void) setsockopt (server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  (void) close (server);
  ok (recv (client, &byte, 1, 0) < 0 && errno == ECONNRESET, "a reset by the container is one for the client");
  int second = connect_to (f.port, SOCK_STREAM);
  int other cleanup_fd = accept (f.target, NULL, NULL);
  (void) setsockopt (second, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  (void) close (second);
  ok (recv (other, &byte, 1, 0) < 0 && errno == ECONNRESET, "and the other way");
  (void) close (f.target);
  f.target = -1;
  int third cleanup_fd = connect_to (f.port, SOCK_STREAM);
  ok (recv (third, &byte, 1, 0) < 0 && errno == ECONNRESET, "where nothing listens, the client is reset");
  fixture_stop (&f);
}

static void
test_many (void)
{
  enum
  {
    MANY = PROXY_CONNECTIONS_MAX + 50
  };
  static int clients[MANY];
  struct rlimit limit;
  (void) getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  (void) setrlimit (RLIMIT_NOFILE, &limit);
  struct fixture f = fixture_start (false);
  (void) listen (f.target, 4096);
  int open = 0;
  for (int i = 0; i < MANY; i++)
    open += (clients[i] = connect_to (f.port, SOCK_STREAM)) >= 0;
  ok (open == MANY, "%d clients connect", open);
  static int servers[PROXY_CONNECTIONS_MAX];
  for (int i = 0; i < PROXY_CONNECTIONS_MAX; i++)
    servers[i] = accept (f.target, NULL, NULL);
  ok (is_silent (f.target, 200), "no more than the limit reach the container");
  (void) close (servers[0]);
  for (int i = 0; i < 2; i++) /* whichever client that was: one end of it is not enough */
    (void) close (clients[i]);
  int waiting cleanup_fd = accept (f.target, NULL, NULL);
  ok (waiting >= 0, "a waiting one does when another ends");
  for (int i = 2; i < MANY; i++)
    (void) close (clients[i]);
  for (int i = 1; i < PROXY_CONNECTIONS_MAX; i++)
    (void) close (servers[i]);
  int again cleanup_fd = -1;
  for (int i = 0; i < 50 && !is_silent (f.target, 20); i++)
    (void) close (accept (f.target, NULL, NULL));
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  again = accept (f.target, NULL, NULL);
  char byte = 0;
  ok (send (client, "x", 1, 0) == 1 && recv (again, &byte, 1, 0) == 1 && byte == 'x', "afterwards all is as before");
  fixture_stop (&f);
}

static void
test_datagrams (void)
{
  struct fixture f = fixture_start (true);
  int one cleanup_fd = connect_to (f.port, SOCK_DGRAM);
  int two cleanup_fd = connect_to (f.port, SOCK_DGRAM);
  int right = 0;
  static char data[65507];
  for (int i = 0; i < 40; i++)
    {
      size_t size = i == 39 ? 65507 : (size_t) i * 100;
      struct sockaddr_in from;
      socklen_t from_size = sizeof from;
      int client = i % 2 == 0 ? one : two;
      (void) send (client, data, size, 0);
      ssize_t n = is_silent (f.target, 2000) ? -1 : recvfrom (f.target, data, sizeof data, 0, (struct sockaddr *) &from, &from_size);
      if (n != (ssize_t) size)
        break;
      (void) sendto (f.target, data, (size_t) n, 0, (struct sockaddr *) &from, from_size);
      right += !is_silent (client, 2000) && recv (client, data, sizeof data, 0) == n && is_silent (client == one ? two : one, 0);
    }
  ok (right == 40, "each of two clients gets its answers: %d", right);
  for (int i = 0; i < PROXY_SESSIONS_MAX + 20; i++)
    {
      int client cleanup_fd = connect_to (f.port, SOCK_DGRAM);
      (void) send (client, "x", 1, 0);
      if (is_silent (f.target, 2000) || recv (f.target, data, sizeof data, 0) != 1)
        ok (false, "client %d is heard", i);
    }
  ok (send (one, "again", 5, 0) == 5 && !is_silent (f.target, 2000) && recv (f.target, data, sizeof data, 0) == 5, "one who was forgotten is heard again");
  fixture_stop (&f);
}

static void
test_listeners (void)
{
  struct err e = { 0 };
  int taken cleanup_fd = loopback_socket (SOCK_STREAM, 0);
  int taken_udp cleanup_fd = loopback_socket (SOCK_DGRAM, 0);
  struct proxy_port ports[2] = { { .host_ip = "127.0.0.1", .container_ip = "127.0.0.1", .container_port = 1 },
                                 { .host_ip = "127.0.0.1", .host_port = (uint16_t) socket_port (taken), .container_ip = "127.0.0.1", .container_port = 1 } };
  int fds[2] = { -1, -1 };
  ok (proxy_listen (ports, 2, fds, &e) == -EADDRINUSE && strstr (e.msg, "127.0.0.1:") != NULL && strstr (e.msg, "/tcp") != NULL, "a taken port: %s", e.msg);
  ok (fcntl (fds[0], F_GETFD) < 0, "takes no other");
  ports[1].udp = true;
  ports[1].host_port = (uint16_t) socket_port (taken_udp);
  ok (proxy_listen (ports + 1, 1, fds, &e) == -EADDRINUSE && strstr (e.msg, "/udp") != NULL, "by UDP too: %s", e.msg);
  ports[0].host_ip = "localhost";
  ok (proxy_listen (ports, 1, fds, &e) == -EINVAL, "a name is no address: %s", e.msg);
  ports[0].host_ip = "127.0.0.1";
  ports[0].container_ip = "web";
  pid_t pid = 0;
  ok (proxy_listen (ports, 1, fds, &e) == 0 && proxy_spawn (ports, fds, 1, &pid, &e) == -EINVAL && pid == 0, "nor for the container: %s", e.msg);
  unsigned port = socket_port (fds[0]);
  int client cleanup_fd = connect_to (port, SOCK_STREAM);
  int server = accept4 (fds[0], NULL, NULL, SOCK_CLOEXEC);
  (void) close (server); /* first: its end stays in TIME_WAIT */
  (void) close (steal_fd (&client));
  (void) close (fds[0]);
  ports[0].host_port = (uint16_t) port;
  ok (proxy_listen (ports, 1, fds, &e) == 0, "a port can be had again at once %s", e.msg);
  struct proxy_port ipv6 = { .host_ip = "::1", .host_port = (uint16_t) port, .container_ip = "127.0.0.1", .container_port = 1 };
  int fd cleanup_fd = -1;
  ok (proxy_listen (&ipv6, 1, &fd, &e) == 0, "beside the same one by IPv6 %s", e.msg);
  (void) close (fds[0]);
}

static void
test_confinement (void)
{
  struct fixture f = fixture_start (false);
  int client cleanup_fd = connect_to (f.port, SOCK_STREAM);
  int server cleanup_fd = accept (f.target, NULL, NULL);
  char path[64];
  char *status cleanup_free = NULL;
  struct err e = { 0 };
  (void) snprintf (path, sizeof path, "/proc/%d/status", (int) f.pid);
  bool is_read = io_read_file_at (AT_FDCWD, path, 1 << 16, &status, NULL, &e) == 0;
  ok (is_read && strstr (status, "\nNoNewPrivs:\t1\n") != NULL && strstr (status, "\nCapEff:\t0000000000000000\n") != NULL
          && strstr (status, "Name:\ttscompose-proxy\n") != NULL,
      "has no privileges and gets none");
#ifndef __SANITIZE_ADDRESS__
  ok (is_read && strstr (status, "\nSeccomp:\t2\n") != NULL, "is filtered");
#endif
  if (geteuid () == 0)
    ok (is_read && strstr (status, "\nUid:\t65534\t65534\t65534\t65534\n") != NULL && strstr (status, "\nGroups:\t \n") != NULL, "is nobody, in no group");
  fixture_stop (&f);
}

int
main (void)
{
  test_listeners ();
  test_stream ();
  test_bulk ();
  test_back_pressure ();
  test_reset ();
  test_many ();
  test_datagrams ();
  test_confinement ();
  return tap_end ();
}
