#include "helper/sync-place.h"

#include "common/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int
open_below (int root_fd, const char *path, uint64_t flags, uint64_t resolve)
{
  struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_MAGICLINKS };
  long fd = 0;
  /* -EAGAIN: something was renamed meanwhile, a safe answer needs another look. */
  do
    fd = syscall (SYS_openat2, root_fd, path, &how, sizeof how);
  while (fd < 0 && errno == EAGAIN);
  return fd < 0 ? -errno : (int) fd;
}

int
sync_open (int root_fd, const char *path, uint64_t flags)
{
  return open_below (root_fd, path, flags, RESOLVE_IN_ROOT);
}

int
sync_open_inside (int dir_fd, const char *path, uint64_t flags)
{
  return open_below (dir_fd, path + strspn (path, "/"), flags | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

bool
sync_has_ended (const struct sync_sides *s)
{
  struct pollfd one = { .fd = s->process_fd, .events = POLLIN };
  return poll (&one, 1, 0) > 0;
}

static int
cannot_enter (const char *path, struct err *e)
{
  return err_errno (e, "cannot enter \"/%.150s\"", path);
}

/* Makes the directory of a path whose directory above is there. */
static int
make_directory (const struct sync_sides *s, const char *path, struct err *e)
{
  const char *slash = strrchr (path, '/');
  char above[PATH_MAX] = ".";

  if (slash != NULL)
    {
      memcpy (above, path, (size_t) (slash - path));
      above[slash - path] = '\0';
    }
  const char *name = slash == NULL ? path : slash + 1;
  int fd cleanup_fd = sync_open (s->container_root, above, O_PATH | O_DIRECTORY);
  if (fd < 0)
    return cannot_enter (above, e);
  if (mkdirat (fd, name, 0755) < 0)
    return errno == EEXIST ? 0 : err_errno (e, "cannot create directory \"/%.150s\"", path);
  if (fchownat (fd, name, s->uid, s->gid, AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot set the owner of \"/%.150s\"", path);
  return 0;
}

static int
make_directories (const struct sync_sides *s, const char *path, struct err *e)
{
  char prefix[PATH_MAX];

  for (const char *at = path;; at++)
    {
      at += strcspn (at, "/");
      size_t n = (size_t) (at - path);
      memcpy (prefix, path, n);
      prefix[n] = '\0';
      int fd cleanup_fd = sync_open (s->container_root, prefix, O_PATH | O_DIRECTORY);
      int r = fd < 0 && errno == ENOENT ? make_directory (s, prefix, e) : 0;
      if (r < 0 || *at == '\0')
        return r;
    }
}

int
sync_open_parent (const struct sync_sides *s, const char *path, int *ret_fd, const char **ret_name, struct err *e)
{
  const char *slash = strrchr (path, '/');
  char directory[PATH_MAX] = ".";

  if (slash != NULL)
    {
      memcpy (directory, path, (size_t) (slash - path));
      directory[slash - path] = '\0';
    }
  *ret_name = slash == NULL ? path : slash + 1;
  *ret_fd = sync_open (s->container_root, directory, O_PATH | O_DIRECTORY);
  if (*ret_fd == -ENOENT)
    {
      int r = make_directories (s, directory, e);
      if (r < 0)
        return r;
      *ret_fd = sync_open (s->container_root, directory, O_PATH | O_DIRECTORY);
    }
  return *ret_fd < 0 ? cannot_enter (directory, e) : 0;
}

static int
remove_children (int dir_fd, char *host_path, struct sync_removal *removal, struct err *e)
{
  size_t length = strlen (host_path);
  int own cleanup_fd = fcntl (dir_fd, F_DUPFD_CLOEXEC, 3);
  DIR *directory cleanup_dir = own < 0 ? NULL : fdopendir (own);
  if (directory == NULL)
    return err_errno (e, "cannot read a directory to empty it");
  (void) steal_fd (&own); /* belongs to the DIR now */
  for (int r = 0; r == 0;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL)
        return errno == 0 ? 0 : err_errno (e, "cannot read a directory to empty it");
      size_t more = strlen (entry->d_name);
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      if (length + 1 + more >= PATH_MAX)
        return err_set (e, ENAMETOOLONG, "a path of \"%.150s\" is too long", host_path);
      host_path[length] = '/';
      memcpy (host_path + length + 1, entry->d_name, more + 1);
      r = sync_remove (dir_fd, entry->d_name, host_path, removal, e);
      host_path[length] = '\0';
      if (r < 0)
        return r;
    }
  return 0;
}

static int
remove_directory (int parent_fd, const char *name, char *host_path, struct sync_removal *removal, struct err *e)
{
  struct sync_removal below = { .ignore = removal->ignore };
  int fd cleanup_fd = open_below (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_XDEV);
  if (fd == -EXDEV)
    {
      removal->has_kept = true;
      return 0;
    }
  if (fd < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot open directory \"%.150s\" to remove it", name);
  int r = remove_children (fd, host_path, &below, e);
  removal->has_removed = removal->has_removed || below.has_removed;
  if (r < 0 || below.has_kept)
    {
      removal->has_kept = removal->has_kept || below.has_kept;
      return r;
    }
  if (unlinkat (parent_fd, name, AT_REMOVEDIR) == 0)
    removal->has_removed = true;
  else if (errno == EBUSY || errno == ENOTEMPTY || errno == EEXIST)
    removal->has_kept = true;
  else if (errno != ENOENT)
    return err_errno (e, "cannot remove directory \"%.150s\"", name);
  return 0;
}

int
sync_remove (int parent_fd, const char *name, char *host_path, struct sync_removal *removal, struct err *e)
{
  struct stat st;

  if (ignore_covers (removal->ignore, host_path))
    {
      removal->has_kept = true;
      return 0;
    }
  if (fstatat (parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot look at \"%.150s\"", name);
  if (S_ISDIR (st.st_mode))
    return remove_directory (parent_fd, name, host_path, removal, e);
  if (unlinkat (parent_fd, name, 0) == 0)
    removal->has_removed = true;
  else if (errno == EBUSY)
    removal->has_kept = true;
  else if (errno != ENOENT)
    return err_errno (e, "cannot remove \"%.150s\"", name);
  return 0;
}
