#include "helper/request-line.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Waits for more; false when `end_fd` says that it is over. */
static bool
await_more (const struct request_line *line)
{
  struct pollfd fds[] = { { .fd = line->fd, .events = POLLIN }, { .fd = line->end_fd, .events = POLLIN } };

  /* An error here shows in the read that follows. */
  return line->end_fd < 0 || poll (fds, 2, -1) < 0 || fds[1].revents == 0;
}

int
request_line_next (struct request_line *line, struct json_document **ret, struct err *e)
{
  char chunk[64 * 1024];

  buffer_consume (&line->bytes, line->used);
  line->used = 0;
  for (size_t looked = 0;;)
    {
      const char *end = line->bytes.length > looked ? memchr (line->bytes.data + looked, '\n', line->bytes.length - looked) : NULL;
      if (end != NULL)
        {
          line->used = (size_t) (end - line->bytes.data) + 1;
          int r = json_parse (line->bytes.data, line->used - 1, ret, e);
          return r < 0 ? r : 1;
        }
      looked = line->bytes.length;
      if (!await_more (line))
        return 0;
      ssize_t n = read (line->fd, chunk, sizeof chunk);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read the request");
      if (n == 0)
        return 0;
      buffer_add (&line->bytes, chunk, (size_t) n);
      if (line->bytes.failed)
        return err_set (e, EINVAL, "the request is too long");
    }
}

void
request_line_free (struct request_line *line)
{
  buffer_free (&line->bytes);
}
