/* The relay without a server that speaks TLS: it says why, and ends. With one: cli/test/scenarios/attributes/logs-tls.scenario.test.ts. */
#include "supervisor/log-relay.h"
#include "common/cleanup.h"
#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum
{
  PATIENCE_MS = 30000
};

static char program[512];

static bool
find_program (void)
{
  ssize_t length = readlink ("/proc/self/exe", program, sizeof program - 32);
  char *slash = length < 0 ? NULL : strstr (program, "/test/log-relay");
  if (slash != NULL)
    memcpy (slash, "/tscompose-log-relay", sizeof "/tscompose-log-relay");
  return slash != NULL;
}

static int
listen_on (char address[static 64])
{
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof any;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ok (fd >= 0 && bind (fd, (const struct sockaddr *) &any, sizeof any) == 0 && getsockname (fd, (struct sockaddr *) &any, &size) == 0, "a port");
  (void) snprintf (address, 64, "tcp://127.0.0.1:%d", ntohs (any.sin_port));
  return fd;
}

/* What the relay says until it ends. */
static const char *
hear (int fd)
{
  static char text[512];
  size_t length = 0;
  struct pollfd wait_for = { .fd = fd, .events = POLLIN };
  while (length < sizeof text - 1 && poll (&wait_for, 1, PATIENCE_MS) == 1)
    {
      ssize_t n = recv (fd, text + length, sizeof text - 1 - length, 0);
      if (n <= 0)
        break;
      length += (size_t) n;
    }
  text[length] = '\0';
  return text;
}

static int
start (const char *address, const char *ca_file)
{
  const struct spec_log_tls tls = { .relay = program, .server_name = "localhost", .ca_file = ca_file, .verify = ca_file != NULL };
  struct err e = { 0 };
  int fd = log_relay_start (&tls, address, &e);
  ok (fd >= 0, "a relay to %s starts %s", address, e.msg);
  return fd;
}

static bool
has_failed (void)
{
  int status = 0;
  return wait (&status) > 0 && status != 0;
}

int
main (void)
{
  char address[64];
  ok (find_program (), "the relay is %s", program);
  int server cleanup_fd = listen_on (address);
  int nobody cleanup_fd = start (address, NULL);
  const char *words = hear (nobody);
  ok (strcmp (words, "Connection refused\n") == 0 && has_failed (), "nobody listens: %s", words);
  char command[600];
  (void) snprintf (command, sizeof command, "%s --check >/dev/null", program);
  if (listen (server, 4) < 0 || system (command) != 0)
    return tap_end (); /* no OpenSSL: such addresses are refused */
  int no_file cleanup_fd = start (address, "/no/such/file");
  ok (strstr (hear (no_file), "/no/such/file: ") != NULL && has_failed (), "a file that is not there is named");
  int first cleanup_fd = accept (server, NULL, NULL); /* of the one before */
  int foreign cleanup_fd = start (address, NULL);
  int second cleanup_fd = accept (server, NULL, NULL);
  ok (write (second, "SSH-2.0-nonsense\r\n", 18) == 18, "a server speaks something else");
  words = hear (foreign);
  ok (words[0] != '\0' && strstr (words, "ready") == NULL && has_failed (), "which is told: %s", words);
  int silent cleanup_fd = start (address, NULL);
  int third = accept (server, NULL, NULL);
  ok (third >= 0 && close (third) == 0, "a server hangs up");
  words = hear (silent);
  ok (words[0] != '\0' && strstr (words, "ready") == NULL && has_failed (), "which is told: %s", words);
  return tap_end ();
}
