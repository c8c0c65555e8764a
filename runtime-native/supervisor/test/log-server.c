#include "common/cleanup.h"
#include "common/clock.h"
#include "supervisor/log-server.h"
#include "supervisor/loop.h"
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static int
listen_on (int type, char address[static 64])
{
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof any;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  ok (fd >= 0 && bind (fd, (const struct sockaddr *) &any, sizeof any) == 0 && getsockname (fd, (struct sockaddr *) &any, &size) == 0
        && (type == SOCK_DGRAM || listen (fd, 1) == 0),
      "a server");
  (void) snprintf (address, 64, "%s://127.0.0.1:%d", type == SOCK_DGRAM ? "udp" : "tcp", ntohs (any.sin_port));
  return fd;
}

static const char *
receive (int fd)
{
  static char text[512];
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  ssize_t n = poll (&wait, 1, 2000) == 1 ? recv (fd, text, sizeof text - 1, 0) : -1;
  text[n < 0 ? 0 : n] = '\0';
  return text;
}

static const struct spec_log_delivery waits = { .buffer_bytes = 1 << 20, .retry_ms = 250, .max_retry_ms = 5000, .max_retries = -1 };

static void
say (struct log_server *s, const char *text, bool is_error)
{
  const struct log_line line = { .text = text, .length = strlen (text), .is_error = is_error };
  log_server_send (s, &line);
  log_server_flush (s);
}

static struct log_server *
open_syslog (struct spec_log *config, const char *address, enum spec_syslog_format format)
{
  struct log_server *s = NULL;
  struct err e = { 0 };
  *config = (struct spec_log){ .driver = LOG_SYSLOG, .address = address, .delivery = waits, .facility = 3, .tag = "web", .format = format };
  ok (log_server_open (config, &s, &e) == 0, "%s: %s", address, e.msg);
  return s;
}

static void
test_udp (void)
{
  char address[64];
  struct spec_log config;
  int fd cleanup_fd = listen_on (SOCK_DGRAM, address);
  struct log_server *s = open_syslog (&config, address, SYSLOG_RFC3164);
  say (s, "hello", false);
  const char *text = receive (fd);
  ok (strncmp (text, "<30>", 4) == 0 && strstr (text, " web[") != NULL && strcmp (text + strlen (text) - 7, ": hello") == 0, "RFC 3164: %s", text);
  log_server_close (s);
  s = open_syslog (&config, address, SYSLOG_RFC5424);
  say (s, "oops", true);
  text = receive (fd);
  ok (strncmp (text, "<27>1 20", 8) == 0 && strstr (text, "Z ") != NULL && strstr (text, " web - oops") != NULL, "RFC 5424: %s", text);
  log_server_close (s);
}

static void
test_tcp (void)
{
  char address[64];
  struct spec_log config;
  int fd cleanup_fd = listen_on (SOCK_STREAM, address);
  struct log_server *s = open_syslog (&config, address, SYSLOG_UNIX);
  say (s, "one", false);
  int peer cleanup_fd = accept (fd, NULL, NULL);
  say (s, "two", false);
  char all[1024] = "";
  for (int i = 0; i < 5 && strstr (all, "two") == NULL; i++)
    (void) strncat (all, receive (peer), sizeof all - strlen (all) - 1);
  ok (strstr (all, ": one\n<30>") != NULL && strstr (all, ": two\n") != NULL, "lines over TCP: %s", all);
  log_server_close (s);
}

static void
test_unreachable (void)
{
  struct spec_log config;
  struct err e = { 0 };
  struct log_server *s = open_syslog (&config, "unixgram:///nonexistent/socket", SYSLOG_UNIX);
  say (s, "12345", false);
  say (s, "12345", false);
  ok (log_server_lost (s) > 10, "an unreachable server of datagrams loses lines and counts them (%zu)", log_server_lost (s));
  log_server_close (s);
  s = open_syslog (&config, "unix:///nonexistent/socket", SYSLOG_UNIX);
  say (s, "12345", false);
  ok (log_server_lost (s) == 0, "lines wait for an unreachable server of streams");
  static char line[16000];
  memset (line, 'x', sizeof line - 1);
  for (int i = 0; i < 100; i++)
    say (s, line, false);
  ok (log_server_lost (s) > 400000 && log_server_lost (s) < 700000, "beyond the limit they are dropped and counted (%zu)", log_server_lost (s));
  log_server_close (s);
  static const char *const bad[] = { "udp://name:514", "tcp://1.2.3.4:99999", "unix://relative", "http://1.2.3.4", "tcp://[::1", "" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
      config.address = bad[i];
      s = NULL;
      ok (log_server_open (&config, &s, &e) == -EINVAL && s == NULL, "refuses \"%s\": %s", bad[i], e.msg);
    }
}

/* A server that is killed and comes back, seen from the loop. */
struct comeback
{
  struct timer tick;
  struct log_server *syslog;
  int listener;
  int peer;
  int phase;
  int64_t give_up_at_ms;
  char address[64];
  char first[4096];
  char second[4096];
};

static void
collect (int fd, char text[static 4096])
{
  size_t length = strlen (text);
  ssize_t n = recv (fd, text + length, 4095 - length, MSG_DONTWAIT);
  text[length + (n > 0 ? (size_t) n : 0)] = '\0';
}

static void
tick (struct timer *timer)
{
  struct comeback *c = timer->owner;
  if (c->peer < 0 && c->listener >= 0)
    c->peer = accept4 (c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (c->peer >= 0)
    collect (c->peer, c->phase == 0 ? c->first : c->second);
  if (c->phase == 0 && strstr (c->first, ": one\n") != NULL)
    {
      (void) close (c->peer); /* the server is gone */
      c->peer = -1;
      c->phase = 1;
    }
  else if (c->phase == 1)
    {
      say (c->syslog, "two", false);
      c->phase = 2;
    }
  if (strstr (c->second, ": two\n") != NULL || clock_monotonic_ms () > c->give_up_at_ms)
    loop_stop ();
  else
    loop_arm (&c->tick, 20);
}

static void
no_child (pid_t pid, int status, void *data)
{
  (void) pid, (void) status, (void) data;
}

static void
no_signal (int signal, void *data)
{
  (void) signal, (void) data;
}

static void
test_comeback (void)
{
  struct spec_log config;
  struct err e = { 0 };
  struct comeback c = { .peer = -1, .give_up_at_ms = clock_monotonic_ms () + 30000 };
  c.tick = (struct timer){ .expire = tick, .owner = &c };
  c.listener = listen_on (SOCK_STREAM, c.address);
  ok (fcntl (c.listener, F_SETFL, O_NONBLOCK) == 0, "a server that does not block");
  c.syslog = open_syslog (&config, c.address, SYSLOG_UNIX);
  say (c.syslog, "one", false);
  loop_arm (&c.tick, 1);
  struct loop_handlers handlers = { .child = no_child, .signal = no_signal };
  ok (loop_run (&handlers, &e) == 0, "the loop runs");
  ok (strstr (c.second, ": one\n") != NULL, "what may have been lost with the connection comes again: %s", c.second);
  ok (strstr (c.second, ": two\n") > strstr (c.second, ": one\n"), "what was said meanwhile comes after it, in order");
  ok (c.second[0] == '<' && log_server_lost (c.syslog) == 0, "whole messages, nothing lost");
  log_server_close (c.syslog);
  (void) close (c.listener); /* of no more use */
  if (c.peer >= 0)
    (void) close (c.peer); /* as above */
}

int
main (void)
{
  struct err e = { 0 };
  ok (loop_open (&e) == 0, "a loop");
  test_udp ();
  test_tcp ();
  test_unreachable ();
  test_comeback ();
  return tap_end ();
}
