#include "helper/unchanged.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum
{
  COMPARE_BYTES = 64 * 1024
};

static ssize_t
read_full (int fd, uint8_t *buffer)
{
  ssize_t held = 0;
  while (held < COMPARE_BYTES)
    {
      ssize_t n = read (fd, buffer + held, COMPARE_BYTES - (size_t) held);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -errno;
      if (n == 0)
        break;
      held += n;
    }
  return held;
}

static int
open_regular (const struct file_view *file, struct err *e)
{
  struct stat st;
  int fd = openat (file->dir_fd, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    return fd;
  int r = err_errno (e, "cannot open \"%.120s\" to compare it", file->name);
  if (fd >= 0)
    (void) close (fd); /* nothing was written */
  return r;
}

static int
same_content (const struct file_view *one, const struct file_view *other, struct err *e)
{
  int a cleanup_fd = open_regular (one, e);
  int b cleanup_fd = a < 0 ? -1 : open_regular (other, e);
  uint8_t *buffers cleanup_free = malloc (2 * (size_t) COMPARE_BYTES);

  if (a < 0 || b < 0)
    return -e->code;
  if (buffers == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for (;;)
    {
      ssize_t n = read_full (a, buffers), m = read_full (b, buffers + COMPARE_BYTES);
      if (n < 0 || m < 0)
        return err_set (e, EIO, "cannot read \"%.120s\" to compare it", one->name);
      if (n != m || memcmp (buffers, buffers + COMPARE_BYTES, (size_t) n) != 0)
        return 0;
      if (n == 0)
        return 1;
    }
}

static int
same_target (const struct file_view *one, const struct file_view *other, struct err *e)
{
  char a[PATH_MAX], b[PATH_MAX];
  ssize_t n = readlinkat (one->dir_fd, one->name, a, sizeof a), m = readlinkat (other->dir_fd, other->name, b, sizeof b);
  if (n < 0 || m < 0)
    return err_errno (e, "cannot read the link \"%.120s\"", one->name);
  return n == m && memcmp (a, b, (size_t) n) == 0;
}

int
unchanged (const struct file_view *one, const struct file_view *other, struct err *e)
{
  const struct stat *a = &one->st, *b = &other->st;
  if (a->st_mode != b->st_mode || a->st_uid != b->st_uid || a->st_gid != b->st_gid)
    return 0;
  if (!file_attributes_equal (one->attributes, other->attributes))
    return 0;
  /* Their time changes with what is in them, which is looked at by itself. */
  if (S_ISDIR (a->st_mode))
    return 1;
  if (a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec || a->st_size != b->st_size)
    return 0;
  /* Equal times prove nothing: reproducible builds give all files the same. */
  if (S_ISREG (a->st_mode))
    return same_content (one, other, e);
  if (S_ISLNK (a->st_mode))
    return same_target (one, other, e);
  return a->st_rdev == b->st_rdev;
}
