#include "supervisor/subpath.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Something to mount on: a directory on a directory, an empty file on anything else. */
static int
make_target (const char *target, int source, struct err *e)
{
  struct stat st;
  if (fstat (source, &st) < 0)
    return err_errno (e, "look at the source of %s", target);
  if (S_ISDIR (st.st_mode))
    return mkdir (target, 0700) < 0 && errno != EEXIST ? err_errno (e, "mkdir %s", target) : 0;
  int file cleanup_fd = open (target, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  return file < 0 ? err_errno (e, "create %s", target) : 0;
}

static int
open_below (const struct spec_prepare *step, struct err *e)
{
  int base cleanup_fd = open (step->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (base < 0)
    return err_errno (e, "open %s", step->base);
  struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
  const char *path = step->path + strspn (step->path, "/");
  int found = (int) syscall (SYS_openat2, base, *path == '\0' ? "." : path, &how, sizeof how);
  if (found >= 0)
    return found;
  if (errno == ELOOP)
    return err_set (e, errno, "subpath \"%s\" leads through a symbolic link", step->path);
  if (errno == EXDEV)
    return err_set (e, errno, "subpath \"%s\" leaves the volume", step->path);
  return errno == ENOENT ? err_set (e, errno, "subpath \"%s\" does not exist", step->path) : err_errno (e, "subpath \"%s\"", step->path);
}

int
subpath_mount (const struct spec_prepare *step, struct err *e)
{
  int found cleanup_fd = open_below (step, e);
  if (found < 0)
    return found;
  int r = make_target (step->target, found, e);
  if (r < 0)
    return r;
  int tree cleanup_fd = (int) syscall (SYS_open_tree, found, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0)
    return err_errno (e, "bind subpath \"%s\"", step->path);
  if (syscall (SYS_move_mount, tree, "", AT_FDCWD, step->target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return err_errno (e, "mount subpath \"%s\" at %s", step->path, step->target);
  return 0;
}
