#include "helper/entry-attributes.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

bool
entry_attribute_is_allowed (const char *name)
{
  static const char *const prefixes[] = { "user.", "security.", "trusted.", "system.posix_acl_" };
  static const char *const reserved[] = { "trusted.overlay.", "user.overlay.", "security.selinux" };

  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strncmp (name, reserved[i], strlen (reserved[i])) == 0)
      return false;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp (name, prefixes[i], strlen (prefixes[i])) == 0)
      return true;
  return false;
}

/* Docker passes over attributes that the file system or the file's type cannot have; capabilities must not get lost. */
static bool
is_tolerable (const char *name, int code)
{
  return (code == ENOTSUP || code == EPERM) && strcmp (name, "security.capability") != 0;
}

int
entry_attributes_set_fd (int fd, const struct tar_entry *entry, struct err *e)
{
  /* The owner first: a change of owner clears set-id bits and capabilities. */
  if (fchown (fd, entry->uid, entry->gid) < 0)
    return err_errno (e, "cannot set the owner of \"%.120s\"", entry->path);
  if (fchmod (fd, entry->mode) < 0)
    return err_errno (e, "cannot set the mode of \"%.120s\"", entry->path);
  for (size_t i = 0; i < entry->n_xattrs; i++)
    {
      const struct tar_xattr *one = &entry->xattrs[i];
      if (entry_attribute_is_allowed (one->name) && fsetxattr (fd, one->name, one->value, one->length, 0) < 0 && !is_tolerable (one->name, errno))
        return err_errno (e, "cannot set %.60s of \"%.100s\"", one->name, entry->path);
    }
  return 0;
}

/* Of the very file, whatever has its name by now: chmod alone would follow a link, out of the tree even. */
static int
set_mode_at (int parent_fd, const char *name, mode_t mode)
{
  char path[64];
  struct stat st;
  int fd cleanup_fd = openat (parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &st) < 0)
    return -1;
  if (S_ISLNK (st.st_mode))
    {
      errno = ELOOP;
      return -1;
    }
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d", fd); /* fits */
  return chmod (path, mode);
}

int
entry_attributes_set_at (int parent_fd, const char *name, const struct tar_entry *entry, struct err *e)
{
  const struct timespec times[2] = { entry->mtime, entry->mtime };
  char path[64 + NAME_MAX];

  if (fchownat (parent_fd, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot set the owner of \"%.120s\"", entry->path);
  if (entry->type != TAR_SYMLINK && set_mode_at (parent_fd, name, entry->mode) < 0)
    return err_errno (e, "cannot set the mode of \"%.120s\"", entry->path);
  /* There is no setxattrat before Linux 6.13; through /proc the directory is the one we hold, the name is not followed. */
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d/%s", parent_fd, name);
  for (size_t i = 0; i < entry->n_xattrs; i++)
    {
      const struct tar_xattr *one = &entry->xattrs[i];
      if (entry_attribute_is_allowed (one->name) && lsetxattr (path, one->name, one->value, one->length, 0) < 0 && !is_tolerable (one->name, errno))
        return err_errno (e, "cannot set %.60s of \"%.100s\"", one->name, entry->path);
    }
  if (utimensat (parent_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot set the time of \"%.120s\"", entry->path);
  return 0;
}
