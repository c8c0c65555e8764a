#include "helper/tree.h"

#include "common/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static bool crosses_mounts; /* one request a process */

void
tree_cross_mounts (void)
{
  crosses_mounts = true;
}

int
tree_open (int root_fd, const char *path, uint64_t flags)
{
  struct open_how how = {
    .flags = flags | O_CLOEXEC,
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (crosses_mounts ? 0 : RESOLVE_NO_XDEV),
  };
  long fd = 0;
  /* -EAGAIN: something was renamed meanwhile, a safe answer needs another look. */
  do
    fd = syscall (SYS_openat2, root_fd, path, &how, sizeof how);
  while (fd < 0 && errno == EAGAIN);
  return fd < 0 ? -errno : (int) fd;
}

static int remove_children (int dir_fd, struct err *e);

static int
remove_directory (int dir_fd, const char *name, struct err *e)
{
  /* Its own permission bits may forbid reading when we are not root. */
  int child cleanup_fd = openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (child < 0 && errno == EACCES && fchmodat (dir_fd, name, 0700, 0) == 0)
    child = openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (child < 0)
    return err_errno (e, "cannot open directory \"%.120s\" to remove it", name);
  int r = remove_children (child, e);
  if (r < 0)
    return r;
  if (unlinkat (dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
    return err_errno (e, "cannot remove directory \"%.120s\"", name);
  return 0;
}

int
tree_remove_at (int dir_fd, const char *name, struct err *e)
{
  if (unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT)
    return 0;
  if (errno != EISDIR && errno != EPERM)
    return err_errno (e, "cannot remove \"%.120s\"", name);
  return remove_directory (dir_fd, name, e);
}

/* One open fd a level: the depth is bounded by PATH_MAX, the number of fds is raised to what the system grants. */
static int
remove_children (int dir_fd, struct err *e)
{
  int own cleanup_fd = fcntl (dir_fd, F_DUPFD_CLOEXEC, 3);
  DIR *directory cleanup_dir = own < 0 ? NULL : fdopendir (own);
  struct rlimit limit;

  if (directory == NULL && errno == EMFILE && getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = limit.rlim_max;
      if (setrlimit (RLIMIT_NOFILE, &limit) == 0)
        return remove_children (dir_fd, e);
    }
  if (directory == NULL)
    return err_errno (e, "cannot read a directory to empty it");
  (void) steal_fd (&own); /* belongs to the DIR now */
  for (;;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL)
        return errno == 0 ? 0 : err_errno (e, "cannot read a directory to empty it");
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      int r = entry->d_type == DT_DIR ? remove_directory (dir_fd, entry->d_name, e) : tree_remove_at (dir_fd, entry->d_name, e);
      if (r < 0)
        return r;
    }
}
