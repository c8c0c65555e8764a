#include "helper/image-file.h"

#include "common/cleanup.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Linux ≥ 6.8: one directory a call, no limit on the length of the list. */
static int
open_overlay_by_fs (const char *const *lower, size_t n_lower)
{
  int fs cleanup_fd = fsopen ("overlay", FSOPEN_CLOEXEC);
  if (fs < 0)
    return -errno;
  for (size_t i = 0; i < n_lower; i++)
    if (fsconfig (fs, FSCONFIG_SET_STRING, "lowerdir+", lower[i], 0) < 0)
      return -errno;
  if (fsconfig (fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return -errno;
  int fd = fsmount (fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  return fd < 0 ? -errno : fd;
}

/* Older kernels: mount(2), whose options end at a page, in a mount namespace of our own. */
static int
open_overlay_by_mount (const char *const *lower, size_t n_lower)
{
  char options[4096] = "lowerdir=";
  size_t length = strlen (options);

  for (size_t i = 0; i < n_lower; i++)
    {
      size_t n = strlen (lower[i]);
      if (length + n + 2 > sizeof options)
        return -E2BIG;
      if (i > 0)
        options[length++] = ':';
      memcpy (options + length, lower[i], n + 1);
      length += n;
    }
  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return -errno;
  if (mount ("overlay", lower[0], "overlay", MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, options) < 0)
    return -errno;
  int fd = open (lower[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int
image_root_open (const char *const *lower, size_t n_lower, int *ret_fd, struct err *e)
{
  int fd = 0;

  if (n_lower == 0)
    return err_set (e, EINVAL, "no lower directory");
  if (n_lower == 1)
    {
      fd = open (lower[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
      fd = fd < 0 ? -errno : fd;
    }
  else
    {
      fd = open_overlay_by_fs (lower, n_lower);
      if (fd < 0)
        fd = open_overlay_by_mount (lower, n_lower);
    }
  if (fd < 0)
    return err_set (e, -fd, "cannot look into the image's layers: %s", strerror (-fd));
  *ret_fd = fd;
  return 0;
}

int
image_file_read (int root_fd, const char *path, size_t limit, char **ret_text, size_t *ret_length, struct err *e)
{
  struct stat st;
  /* Non-blocking: a fifo must not hang us before we know that it is one. */
  int fd cleanup_fd = tree_open (root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

  *ret_text = NULL;
  *ret_length = 0;
  if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -ENXIO || fd == -EXDEV)
    return 0;
  if (fd < 0 || fstat (fd, &st) < 0)
    return err_errno (e, "cannot read \"%.120s\" of the image", path);
  if (!S_ISREG (st.st_mode))
    return 0;
  if (st.st_size < 0 || (uint64_t) st.st_size > limit)
    return err_set (e, EFBIG, "\"%.120s\" of the image has more than %zu bytes", path, limit);
  char *text cleanup_free = calloc (1, (size_t) st.st_size + 1);
  if (text == NULL)
    return err_set (e, ENOMEM, "out of memory");
  size_t length = 0;
  while (length < (size_t) st.st_size)
    {
      ssize_t n = read (fd, text + length, (size_t) st.st_size - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read \"%.120s\" of the image", path);
      if (n == 0)
        break;
      length += (size_t) n;
    }
  *ret_text = steal_pointer (text);
  *ret_length = length;
  return 0;
}
