#include "supervisor/journal.h"

#include "common/buffer.h"
#include "common/cleanup.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct journal
{
  const struct spec_log *config;
  int fd;
  size_t lost;
  int error; /* of the last line */
};

int
journal_open (const struct spec_log *config, struct journal **ret, struct err *e)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (config->address[0] != '/' || strlen (config->address) >= sizeof address.sun_path)
    return err_set (e, EINVAL, "bad journal socket path \"%s\"", config->address);
  struct journal *journal cleanup_free = calloc (1, sizeof *journal);
  if (journal == NULL)
    return err_set (e, ENOMEM, "out of memory");
  journal->config = config;
  /* Not connected: a journal that starts again has a new socket under the old name. */
  journal->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (journal->fd < 0)
    return err_errno (e, "journal socket");
  *ret = steal_pointer (journal);
  return 0;
}

void
journal_close (struct journal *journal)
{
  if (journal == NULL)
    return;
  (void) close (journal->fd); /* datagrams: nothing is pending */
  free (journal);
}

/* A field of any bytes: its name, the length as 64 bits little-endian, the value. */
static void
add_field (struct buffer *message, const char *name, const char *value, size_t length)
{
  uint64_t size = htole64 (length);
  buffer_add_string (message, name);
  buffer_add (message, "\n", 1);
  buffer_add (message, &size, sizeof size);
  buffer_add (message, value, length);
  buffer_add (message, "\n", 1);
}

void
journal_send (struct journal *journal, const struct log_line *line)
{
  struct buffer message cleanup_buffer = { 0 };
  const struct spec_log *config = journal->config;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  memcpy (address.sun_path, config->address, strlen (config->address) + 1);
  add_field (&message, "MESSAGE", line->text, line->length);
  buffer_add_string (&message, line->is_error ? "PRIORITY=3\n" : "PRIORITY=6\n");
  if (line->is_continued)
    buffer_add_string (&message, "CONTAINER_PARTIAL_MESSAGE=true\n");
  for (size_t i = 0; i < config->n_fields; i++)
    add_field (&message, config->fields[i].name, config->fields[i].value, strlen (config->fields[i].value));
  ssize_t sent = message.failed ? -1
                                : sendto (journal->fd, message.data, message.length, MSG_NOSIGNAL | MSG_DONTWAIT,
                                          (const struct sockaddr *) &address, sizeof address);
  journal->error = sent < 0 ? errno : 0;
  if (sent < 0)
    journal->lost += line->length;
}

size_t
journal_lost (const struct journal *journal)
{
  return journal->lost;
}

const char *
journal_problem (const struct journal *journal)
{
  return journal->error == 0 ? "" : strerror (journal->error);
}
