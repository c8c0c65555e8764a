#include "common/io.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
io_write_all (int fd, const void *data, size_t length, struct err *e)
{
  const char *at = data;
  while (length > 0)
    {
      ssize_t n = write (fd, at, length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "write");
      at += n;
      length -= (size_t) n;
    }
  return 0;
}

int
io_read_file_at (int dir_fd, const char *path, size_t limit, char **ret_text, size_t *ret_length, struct err *e)
{
  int fd cleanup_fd = openat (dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return err_errno (e, "open %s", path);
  size_t capacity = 4096;
  size_t length = 0;
  char *text cleanup_free = malloc (capacity + 1);
  while (text != NULL)
    {
      ssize_t n = read (fd, text + length, capacity - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "read %s", path);
      length += (size_t) n;
      if (length > limit)
        return err_set (e, EFBIG, "%s is larger than %zu bytes", path, limit);
      if (n == 0)
        {
          text[length] = '\0';
          *ret_text = steal_pointer (text);
          if (ret_length != NULL)
            *ret_length = length;
          return 0;
        }
      if (length < capacity)
        continue;
      capacity *= 2;
      char *larger = realloc (text, capacity + 1);
      if (larger == NULL)
        break;
      text = larger;
    }
  return err_set (e, ENOMEM, "read %s: out of memory", path);
}

int
io_write_file_at (int dir_fd, const char *path, const char *text, struct err *e)
{
  int fd cleanup_fd = openat (dir_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return err_errno (e, "open %s", path);
  size_t length = strlen (text);
  ssize_t n = write (fd, text, length);
  if (n < 0)
    return err_errno (e, "write \"%s\" to %s", text, path);
  return (size_t) n == length ? 0 : err_set (e, EIO, "short write to %s", path);
}

int
io_replace_file_at (int dir_fd, const struct io_replacement *replacement, struct err *e)
{
  char temporary[256];
  int n = snprintf (temporary, sizeof temporary, ".%s.%d.tmp", replacement->name, (int) getpid ());
  if (n < 0 || (size_t) n >= sizeof temporary)
    return err_set (e, ENAMETOOLONG, "%s", replacement->name);
  int fd cleanup_fd = openat (dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, replacement->mode);
  if (fd < 0)
    return err_errno (e, "create %s", temporary);
  int r = io_write_all (fd, replacement->data, replacement->length, e);
  if (r == 0 && fchmod (fd, replacement->mode) < 0) /* the umask may have taken bits away */
    r = err_errno (e, "chmod %s", temporary);
  if (r == 0 && replacement->sync && fsync (fd) < 0)
    r = err_errno (e, "fsync %s", temporary);
  if (r == 0 && renameat (dir_fd, temporary, dir_fd, replacement->name) < 0)
    r = err_errno (e, "rename %s", temporary);
  if (r < 0)
    (void) unlinkat (dir_fd, temporary, 0); /* the first error counts */
  return r;
}

int
io_make_dirs (const char *path, mode_t mode, struct err *e)
{
  if (mkdir (path, mode) == 0 || errno == EEXIST)
    return 0;
  if (errno != ENOENT)
    return err_errno (e, "mkdir %s", path);
  char *parent cleanup_free = strdup (path);
  if (parent == NULL)
    return err_set (e, ENOMEM, "out of memory");
  char *slash = strrchr (parent, '/');
  if (slash == NULL || slash == parent)
    return err_set (e, ENOENT, "mkdir %s", path);
  *slash = '\0';
  int r = io_make_dirs (parent, mode, e);
  if (r == 0 && mkdir (path, mode) < 0 && errno != EEXIST)
    r = err_errno (e, "mkdir %s", path);
  return r;
}

int
io_parse_unsigned (const char *text, uint64_t max, uint64_t *ret)
{
  uint64_t value = 0;
  if (*text == '\0')
    return -EINVAL;
  for (; *text != '\0'; text++)
    {
      if (*text < '0' || *text > '9')
        return -EINVAL;
      uint64_t digit = (uint64_t) (*text - '0');
      if (digit > max || value > (max - digit) / 10)
        return -EINVAL;
      value = value * 10 + digit;
    }
  *ret = value;
  return 0;
}
