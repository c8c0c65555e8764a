#include "helper/container-root.h"

#include "common/cleanup.h"
#include "common/process.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int
process_root_open (const struct json *process, int *ret_fd, struct err *e)
{
  int64_t pid = 0, expected = 0;
  char path[64];

  int r = json_integer (process, "pid", 1, INT32_MAX, &pid, e);
  if (r == 0)
    r = json_integer (process, "startTime", 0, INT64_MAX, &expected, e);
  if (r < 0)
    return r;
  (void) snprintf (path, sizeof path, "/proc/%lld/root", (long long) pid); /* fits */
  int fd cleanup_fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || process_start_time ((pid_t) pid) != (uint64_t) expected)
    return err_set (e, ESRCH, "the container has ended");
  tree_cross_mounts ();
  *ret_fd = steal_fd (&fd);
  return 0;
}

static int
make_mount (const struct json *mount, int root_fd, struct err *e)
{
  const char *source = NULL, *target = NULL;

  int r = json_string (mount, "source", &source, e);
  if (r == 0)
    r = json_string (mount, "target", &target, e);
  if (r < 0)
    return r;
  int target_fd cleanup_fd = tree_open (root_fd, target, O_PATH);
  if (target_fd == -ENOENT || target_fd == -ENOTDIR)
    return 0;
  if (target_fd < 0)
    return err_errno (e, "cannot find \"%.120s\" in the container", target);
  int tree_fd cleanup_fd = (int) syscall (SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree_fd < 0)
    return err_errno (e, "cannot open %.160s", source);
  if (syscall (SYS_move_mount, tree_fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return err_errno (e, "cannot mount %.160s", source);
  return 0;
}

int
container_mounts_make (const struct json *request, int root_fd, const char *place, struct err *e)
{
  const struct json *mounts = NULL;

  int r = json_array_or_empty (request, "mounts", &mounts, e);
  if (r < 0 || mounts == NULL || mounts->count == 0)
    return r;
  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return err_errno (e, "cannot make a mount namespace");
  /* What is mounted in a mount must be attached somewhere; the host does not see it here. */
  if (syscall (SYS_move_mount, root_fd, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return err_errno (e, "cannot attach the container's root");
  tree_cross_mounts ();
  for json_each (one, mounts)
    {
      r = make_mount (one, root_fd, e);
      if (r < 0)
        return r;
    }
  return 0;
}
