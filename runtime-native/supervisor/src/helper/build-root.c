#include "helper/build-root.h"

#include "common/cleanup.h"
#include "helper/container-root.h"
#include "helper/image-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

struct layers
{
  const char **lower;
  size_t n_lower;
  const char *upper;
  const char *work;
};

/* Linux ≥ 6.5: one lower directory a call. Renamed directories and changed attributes are written whole, as layers need them. */
static int
open_by_fs (const struct layers *layers)
{
  int fs cleanup_fd = fsopen ("overlay", FSOPEN_CLOEXEC);
  if (fs < 0)
    return -errno;
  for (size_t i = 0; i < layers->n_lower; i++)
    if (fsconfig (fs, FSCONFIG_SET_STRING, "lowerdir+", layers->lower[i], 0) < 0)
      return -errno;
  if (fsconfig (fs, FSCONFIG_SET_STRING, "upperdir", layers->upper, 0) < 0 || fsconfig (fs, FSCONFIG_SET_STRING, "workdir", layers->work, 0) < 0
      || fsconfig (fs, FSCONFIG_SET_STRING, "redirect_dir", "off", 0) < 0 || fsconfig (fs, FSCONFIG_SET_STRING, "metacopy", "off", 0) < 0
      || fsconfig (fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return -errno;
  int fd = fsmount (fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  return fd < 0 ? -errno : fd;
}

/* Older kernels: mount(2), whose options end at a page, in a mount namespace of our own. */
static int
open_by_mount (const struct layers *layers)
{
  char options[4096] = "lowerdir=";
  size_t length = strlen (options);

  for (size_t i = 0; i < layers->n_lower; i++)
    {
      int n = snprintf (options + length, sizeof options - length, "%s%s", i > 0 ? ":" : "", layers->lower[i]);
      if (n < 0 || (size_t) n >= sizeof options - length)
        return -E2BIG;
      length += (size_t) n;
    }
  int n = snprintf (options + length, sizeof options - length, ",upperdir=%s,workdir=%s,redirect_dir=off,metacopy=off", layers->upper, layers->work);
  if (n < 0 || (size_t) n >= sizeof options - length)
    return -E2BIG;
  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return -errno;
  if (mount ("overlay", layers->lower[0], "overlay", MS_NODEV | MS_NOSUID | MS_NOEXEC, options) < 0)
    return -errno;
  int fd = open (layers->lower[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int
build_root_open (const struct json *request, int *ret_fd, struct err *e)
{
  const char **lower cleanup_free = NULL;
  const char *root = NULL;
  struct layers layers = { 0 };

  int r = json_string_or (request, "root", NULL, &root, e);
  if (r == 0)
    r = json_strings_or_empty (request, "lower", &lower, &layers.n_lower, e);
  if (r == 0)
    r = json_string_or (request, "upper", NULL, &layers.upper, e);
  if (r == 0 && layers.upper != NULL)
    r = json_string (request, "work", &layers.work, e);
  if (r < 0)
    return r;
  if (root != NULL)
    {
      *ret_fd = open (root, O_PATH | O_DIRECTORY | O_CLOEXEC);
      return *ret_fd < 0 ? err_errno (e, "cannot open %.200s", root) : 0;
    }
  const struct json *process = json_get (request, "process");
  if (process != NULL)
    return process_root_open (process, ret_fd, e);
  if (layers.n_lower == 0)
    return err_set (e, EINVAL, "no lower directory");
  if (layers.upper == NULL)
    return image_root_open (lower, layers.n_lower, ret_fd, e);
  layers.lower = lower;
  int fd = open_by_fs (&layers);
  if (fd == -EINVAL || fd == -ENOSYS)
    fd = open_by_mount (&layers);
  if (fd < 0)
    return err_set (e, -fd, "cannot lay %.120s over the image's layers: %s", layers.upper, strerror (-fd));
  *ret_fd = fd;
  return container_mounts_make (request, fd, layers.upper, e);
}
