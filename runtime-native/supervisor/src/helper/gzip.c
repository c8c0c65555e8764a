#include "helper/gzip.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>
#include <zlib.h>

enum
{
  CHUNK_BYTES = 64 << 10,
  FILE_MODE = 0640
};

static int
copy (int source, gzFile target, const char *name, struct err *e)
{
  static char chunk[CHUNK_BYTES];
  for (;;)
    {
      ssize_t n = read (source, chunk, sizeof chunk);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read %.200s", name);
      if (n == 0)
        return 0;
      if (gzwrite (target, chunk, (unsigned) n) != (int) n)
        return err_set (e, ENOSPC, "cannot compress %.200s", name);
    }
}

static int
compress_to (int source, int target, const char *name, struct err *e)
{
  gzFile stream = gzdopen (target, "wb");
  if (stream == NULL)
    {
      (void) close (target); /* never used */
      return err_set (e, ENOMEM, "out of memory");
    }
  int r = copy (source, stream, name, e);
  if (gzclose (stream) != Z_OK && r == 0)
    r = err_set (e, ENOSPC, "cannot compress %.200s", name);
  return r;
}

int
gzip_run (const struct json *request, struct buffer *reply, struct err *e)
{
  const char *source = "", *target = "";
  (void) reply; /* success says it all */

  int r = json_string (request, "source", &source, e);
  if (r == 0)
    r = json_string (request, "target", &target, e);
  if (r < 0)
    return r;
  int from cleanup_fd = open (source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (from < 0)
    return err_errno (e, "cannot open %.200s", source);
  int to cleanup_fd = open (target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
  if (to < 0)
    return err_errno (e, "cannot create %.200s", target);
  r = compress_to (from, steal_fd (&to), source, e);
  if (r < 0)
    (void) unlink (target); /* half of it is worth nothing */
  return r;
}
