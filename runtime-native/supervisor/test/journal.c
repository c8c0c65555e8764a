#include "supervisor/journal.h"
#include "common/cleanup.h"
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

static char path[] = "/tmp/tsv-journal-XXXXXX";
static char text[4096];

static int
listen_at (const char *at)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  memcpy (address.sun_path, at, strlen (at) + 1);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ok (fd >= 0 && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0, "a journal");
  return fd;
}

static size_t
receive (int fd)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  ssize_t n = poll (&wait, 1, 10000) == 1 ? recv (fd, text, sizeof text - 1, 0) : 0;
  text[n] = '\0';
  return (size_t) n;
}

static bool
has (size_t length, const char *piece, size_t size)
{
  return memmem (text, length, piece, size) != NULL;
}

static void
send_line (struct journal *journal, const char *line, bool is_error, bool is_continued)
{
  const struct log_line sent = { .text = line, .length = strlen (line), .is_error = is_error, .is_continued = is_continued };
  journal_send (journal, &sent);
}

int
main (void)
{
  struct spec_log_field fields[] = { { "CONTAINER_NAME", "web" } };
  struct spec_log config = { .driver = LOG_JOURNALD, .address = path, .fields = fields, .n_fields = 1 };
  struct journal *journal = NULL;
  struct err e = { 0 };
  int placeholder cleanup_fd = mkstemp (path);
  (void) unlink (path); /* only the name was wanted */
  ok (journal_open (&config, &journal, &e) == 0, "opens without a journal: %s", e.msg);
  send_line (journal, "lost", false, false);
  ok (journal_lost (journal) == 4 && journal_problem (journal)[0] != '\0', "an absent journal costs the line only");
  int fd cleanup_fd = listen_at (path);
  send_line (journal, "two\nparts", true, true);
  size_t n = receive (fd);
  ok (has (n, "MESSAGE\n\x09\0\0\0\0\0\0\0two\nparts\n", 26), "a message of any bytes with its length");
  ok (has (n, "PRIORITY=3\n", 11) && has (n, "CONTAINER_PARTIAL_MESSAGE=true\n", 31), "stderr, and a partial line");
  ok (has (n, "CONTAINER_NAME\n\x03\0\0\0\0\0\0\0web\n", 27), "fields");
  send_line (journal, "whole", false, false);
  n = receive (fd);
  ok (has (n, "\0whole\n", 7) && has (n, "PRIORITY=6\n", 11) && !has (n, "PARTIAL", 7), "stdout, a whole line");
  journal_close (journal);
  config.address = "relative";
  ok (journal_open (&config, &journal, &e) == -EINVAL, "a relative path is refused");
  (void) unlink (path); /* ours */
  return tap_end ();
}
