#include "supervisor/rootfs.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "supervisor/copy.h"
#include "supervisor/subpath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> cannot be included together everywhere. */
extern int mount (const char *source, const char *target, const char *type, unsigned long flags, const void *data);
extern int umount2 (const char *target, int flags);

enum
{
  MOUNT_RECURSIVE_SLAVE = 1 << 14 | 1 << 19, /* MS_REC | MS_SLAVE */
  UNMOUNT_DETACH = 2                         /* MNT_DETACH */
};

/* Set on a volume while it is being filled: a fill that was interrupted starts again. */
static const char filling_mark[] = "trusted.tscompose.filling";

/* Off even where the kernel was built otherwise: a layer is made of the upper directory alone, so it must have whole files and
   whole directories. */
static const char *const plain_upper[] = { "redirect_dir", "metacopy" };

static int
configure (int fs, unsigned command, const char *key, const char *value)
{
  return (int) syscall (SYS_fsconfig, fs, command, key, value, 0);
}

/* The new mount API takes each lower directory by itself: up to 500 of them and no escaping. 1: not supported here. */
static int
mount_overlay_by_parts (const struct spec *spec, const char *target, struct err *e)
{
  int fs cleanup_fd = (int) syscall (SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
  if (fs < 0)
    return errno == ENOSYS ? 1 : err_errno (e, "overlay");
  for (size_t i = 0; i < spec->rootfs.n_lower; i++)
    if (configure (fs, FSCONFIG_SET_STRING, "lowerdir+", spec->rootfs.lower[i]) < 0)
      return errno == EINVAL && i == 0 ? 1 : err_errno (e, "overlay lower directory %s", spec->rootfs.lower[i]);
  if (configure (fs, FSCONFIG_SET_STRING, "upperdir", spec->rootfs.upper) < 0)
    return err_errno (e, "overlay upper directory %s", spec->rootfs.upper);
  if (configure (fs, FSCONFIG_SET_STRING, "workdir", spec->rootfs.work) < 0)
    return err_errno (e, "overlay work directory %s", spec->rootfs.work);
  for (size_t i = 0; i < sizeof plain_upper / sizeof *plain_upper; i++)
    if (configure (fs, FSCONFIG_SET_STRING, plain_upper[i], "off") < 0)
      return err_errno (e, "overlay option %s=off", plain_upper[i]);
  if (configure (fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
    /* Before Linux 6.5 the overlay collects any option and refuses "lowerdir+" only here. */
    return errno == EINVAL ? 1 : err_errno (e, "overlay of %zu layers with %s", spec->rootfs.n_lower, spec->rootfs.upper);
  int mount_fd cleanup_fd = (int) syscall (SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
  if (mount_fd < 0)
    return err_errno (e, "overlay mount");
  if (syscall (SYS_move_mount, mount_fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return err_errno (e, "mount at %s", target);
  return 0;
}

static void
add_escaped (struct buffer *options, const char *path)
{
  for (; *path != '\0'; path++)
    buffer_printf (options, "%s%c", *path == ':' || *path == ',' || *path == '\\' ? "\\" : "", *path);
}

static int
mount_overlay_by_string (const struct spec *spec, const char *target, struct err *e)
{
  struct buffer options cleanup_buffer = { 0 };
  for (size_t i = 0; i < spec->rootfs.n_lower; i++)
    {
      buffer_add_string (&options, i == 0 ? "lowerdir=" : ":");
      add_escaped (&options, spec->rootfs.lower[i]);
    }
  buffer_add_string (&options, ",upperdir=");
  add_escaped (&options, spec->rootfs.upper);
  buffer_add_string (&options, ",workdir=");
  add_escaped (&options, spec->rootfs.work);
  for (size_t i = 0; i < sizeof plain_upper / sizeof *plain_upper; i++)
    buffer_printf (&options, ",%s=off", plain_upper[i]);
  if (options.failed || options.length >= 4096)
    return err_set (e, E2BIG, "%zu layers are too many for this kernel's overlay mount", spec->rootfs.n_lower);
  if (mount ("overlay", target, "overlay", 0, options.data) < 0)
    return err_errno (e, "overlay of %zu layers with %s", spec->rootfs.n_lower, spec->rootfs.upper);
  return 0;
}

static int
mount_overlay (const struct spec *spec, const char *target, struct err *e)
{
  if (mkdir (target, 0755) < 0 && errno != EEXIST)
    return err_errno (e, "mkdir %s", target);
  int r = mount_overlay_by_parts (spec, target, e);
  return r == 1 ? mount_overlay_by_string (spec, target, e) : r;
}

static int
enter_namespace (const struct spec *spec, struct err *e)
{
  if (unshare (CLONE_NEWNS) < 0)
    return err_errno (e, "new mount namespace");
  /* Slave: what the host mounts later is seen, what we mount stays here. */
  if (mount (NULL, "/", NULL, MOUNT_RECURSIVE_SLAVE, NULL) < 0)
    return err_errno (e, "make mounts private");
  if (spec->runtime.hide_unified_cgroup && umount2 ("/sys/fs/cgroup/unified", UNMOUNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
    return err_errno (e, "unmount /sys/fs/cgroup/unified");
  return 0;
}

static int
is_empty (int directory)
{
  int list_fd cleanup_fd = openat (directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream cleanup_dir = list_fd < 0 ? NULL : fdopendir (list_fd);
  if (stream == NULL)
    return 0;
  (void) steal_fd (&list_fd); /* the stream owns it */
  for (const struct dirent *entry = readdir (stream); entry != NULL; entry = readdir (stream))
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      return 0;
  return 1;
}

/* Two containers may start with the same new volume at once: the lock makes the second find it filled. */
static int
fill (const char *rootfs, const struct spec_prepare *step, struct err *e)
{
  int to cleanup_fd = open (step->to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (to < 0)
    return err_errno (e, "volume %s", step->to);
  if (flock (to, LOCK_EX) < 0)
    return err_errno (e, "lock %s", step->to);
  if (!is_empty (to) && fgetxattr (to, filling_mark, NULL, 0) < 0)
    return 0;
  int root cleanup_fd = open (rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return err_errno (e, "open %s", rootfs);
  struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
  int from cleanup_fd = (int) syscall (SYS_openat2, root, step->from, &how, sizeof how);
  if (from < 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno (e, "open \"%s\" of the image", step->from);
  /* Where the file system has no such attributes an interrupted fill cannot be told from a finished one. */
  (void) fsetxattr (to, filling_mark, "1", 1, 0);
  int r = copy_tree (from, to, e);
  if (r < 0)
    return err_wrap (e, "fill the volume from \"%s\"", step->from);
  (void) fremovexattr (to, filling_mark); /* as above */
  return 0;
}

/* mount(8)'s words for flags; what is left goes to the file system. */
static unsigned long
split_options (const char *options, struct buffer *data)
{
  static const struct
  {
    const char *word;
    unsigned long flag;
  } flags[] = {
    { "ro", MS_RDONLY },     { "rw", 0 },           { "nosuid", MS_NOSUID },       { "nodev", MS_NODEV },       { "noexec", MS_NOEXEC },
    { "sync", MS_SYNCHRONOUS }, { "noatime", MS_NOATIME }, { "nodiratime", MS_NODIRATIME }, { "relatime", MS_RELATIME }, { "bind", MS_BIND },
    { "rbind", MS_BIND | MS_REC }, { "defaults", 0 }, { "strictatime", MS_STRICTATIME },
  };
  unsigned long result = 0;
  while (*options != '\0')
    {
      size_t length = strcspn (options, ",");
      bool known = false;
      for (size_t i = 0; i < sizeof flags / sizeof *flags && !known; i++)
        if (strlen (flags[i].word) == length && memcmp (flags[i].word, options, length) == 0)
          {
            result |= flags[i].flag;
            known = true;
          }
      if (!known && length > 0)
        {
          buffer_add_string (data, data->length == 0 ? "" : ",");
          buffer_add (data, options, length);
        }
      options += length + (options[length] == ',');
    }
  return result;
}

static int
mount_volume (const struct spec_prepare *step, struct err *e)
{
  struct buffer data cleanup_buffer = { 0 };
  unsigned long flags = split_options (step->options, &data);
  if (data.failed || data.length >= 4096)
    return err_set (e, E2BIG, "mount options too long");
  if (mount (step->source, step->target, step->fstype, flags, data.data) < 0)
    return err_errno (e, "mount %s (%s) at %s", step->source, step->fstype, step->target);
  /* A bind mount ignores the other flags until it is remounted. */
  unsigned long rest = flags & ~(unsigned long) MS_REC;
  if ((flags & MS_BIND) != 0 && rest != MS_BIND && mount (NULL, step->target, NULL, rest | MS_REMOUNT, NULL) < 0)
    return err_errno (e, "remount %s", step->target);
  return 0;
}

static int
prepare (const char *rootfs, const struct spec_prepare *step, struct err *e)
{
  switch (step->kind)
    {
    case PREPARE_MOUNT: return mount_volume (step, e);
    case PREPARE_SUBPATH: return subpath_mount (step, e);
    case PREPARE_FILL:
    default: return fill (rootfs, step, e);
    }
}

int
rootfs_setup (const struct spec *spec, struct err *e)
{
  char rootfs[4096];
  int n = snprintf (rootfs, sizeof rootfs, "%s/rootfs", spec->run_dir);
  if (n < 0 || (size_t) n >= sizeof rootfs)
    return err_set (e, ENAMETOOLONG, "%s", spec->run_dir);
  int r = enter_namespace (spec, e);
  if (r == 0)
    r = mount_overlay (spec, rootfs, e);
  for (size_t i = 0; r == 0 && i < spec->n_prepare; i++)
    r = prepare (rootfs, &spec->prepare[i], e);
  return r;
}
