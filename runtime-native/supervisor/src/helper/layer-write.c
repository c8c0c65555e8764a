#include "helper/layer-write.h"

#include "common/cleanup.h"
#include "helper/file-content.h"
#include "helper/link-table.h"
#include "helper/sorted-directory.h"
#include "helper/tar-writer.h"
#include "helper/unchanged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

enum
{
  MQUEUE_MAGIC = 0x19800202 /* not in the kernel's headers */
};

/* A directory on the way to the current file. Its own member is written when it has changed, or before the first one
   below it. */
struct level
{
  struct level *above;
  int fd;
  int lower_fd; /* the same directory of the layers below; -1: nothing of them shows here */
  struct stat st;
  size_t path_length;
  bool is_written;
  bool hides_lower; /* needs the mark of an opaque directory */
};

struct writer
{
  const struct layer_source *source;
  struct archive_output *output;
  struct link_table links;
  struct file_attributes attributes;
  struct file_attributes lower_attributes;
  uint64_t entries;
  char path[PATH_MAX];
  struct tar_entry entry;
};

static void
writer_free (struct writer **writer)
{
  if (*writer == NULL)
    return;
  link_table_free (&(*writer)->links);
  file_attributes_free (&(*writer)->attributes);
  file_attributes_free (&(*writer)->lower_attributes);
  free ((*writer)->entry.segments);
  free (*writer);
}

static bool
is_whiteout (const struct stat *st)
{
  return S_ISCHR (st->st_mode) && st->st_rdev == makedev (0, 0);
}

static enum tar_type
type_of (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFDIR: return TAR_DIRECTORY;
    case S_IFLNK: return TAR_SYMLINK;
    case S_IFCHR: return TAR_CHARACTER;
    case S_IFBLK: return TAR_BLOCK;
    case S_IFIFO: return TAR_FIFO;
    default: return TAR_FILE;
    }
}

/* The member of a file with everything but its data; the attributes must have been read. */
static void
fill_entry (struct writer *w, const char *path, size_t path_length, const struct stat *st)
{
  struct tar_entry *entry = &w->entry;
  int64_t clamp = w->source->clamp;

  entry->type = type_of (st->st_mode);
  memcpy (entry->path, path, path_length);
  entry->path[path_length] = '\0';
  entry->link[0] = '\0';
  entry->mode = st->st_mode & 07777;
  entry->uid = st->st_uid;
  entry->gid = st->st_gid;
  entry->mtime = clamp >= 0 && st->st_mtim.tv_sec >= clamp ? (struct timespec){ .tv_sec = clamp } : st->st_mtim;
  entry->device_major = major (st->st_rdev);
  entry->device_minor = minor (st->st_rdev);
  entry->size = entry->type == TAR_FILE ? (uint64_t) st->st_size : 0;
  entry->sparse = false;
  memcpy (entry->xattrs, w->attributes.list, w->attributes.count * sizeof w->attributes.list[0]);
  entry->n_xattrs = w->attributes.count;
}

static int
write_header (struct writer *w, struct err *e)
{
  w->entries++;
  return tar_write_header (w->output, &w->entry, e);
}

/* An empty file whose name says what is hidden: `.wh.NAME`, or `.wh..wh..opq` for all that is below. */
static int
write_mark (struct writer *w, size_t directory_length, const char *prefix, const char *name, struct err *e)
{
  char path[PATH_MAX + 16];
  static const struct stat nobody = { .st_mode = S_IFREG };
  int n = snprintf (path, sizeof path, "%.*s%s%s%s", (int) directory_length, w->path, directory_length > 0 ? "/" : "", prefix, name);
  if (n < 0 || n >= PATH_MAX)
    return err_set (e, ENAMETOOLONG, "\"%.120s\" is too long for an archive", w->path);
  w->attributes.count = 0;
  fill_entry (w, path, (size_t) n, &nobody);
  return write_header (w, e);
}

static int
write_level (struct writer *w, struct level *level, struct err *e)
{
  if (level == NULL || level->is_written)
    return 0;
  int r = write_level (w, level->above, e);
  if (r == 0)
    r = file_attributes_read (&w->attributes, level->fd, ".", e);
  if (r < 0)
    return r;
  level->is_written = true;
  if (level->path_length == 0)
    fill_entry (w, ".", 1, &level->st);
  else
    fill_entry (w, w->path, level->path_length, &level->st);
  r = write_header (w, e);
  if (r == 0 && level->hides_lower)
    r = write_mark (w, level->path_length, ".wh..wh.", ".opq", e);
  return r;
}

/* 1 and its stat when the layers below show something there; 0 when not. */
static int
look_below (const struct level *level, const char *name, struct stat *ret_st, struct err *e)
{
  if (level->lower_fd < 0)
    return 0;
  if (fstatat (level->lower_fd, name, ret_st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno (e, "cannot look for \"%.120s\" in the layers below", name);
  return is_whiteout (ret_st) ? 0 : 1;
}

static bool
is_mount_point (const struct writer *w)
{
  for (size_t i = 0; i < w->source->n_mount_points; i++)
    if (strcmp (w->source->mount_points[i], w->path) == 0)
      return true;
  return false;
}

/* 1 when the layers below show the very same; the file's attributes must have been read. */
static int
is_unchanged (struct writer *w, const struct level *level, const char *name, const struct stat *st, const struct stat *below, struct err *e)
{
  int r = file_attributes_read (&w->lower_attributes, level->lower_fd, name, e);
  if (r < 0)
    return r;
  const struct file_view one = { .dir_fd = level->fd, .name = name, .st = *st, .attributes = &w->attributes };
  const struct file_view other = { .dir_fd = level->lower_fd, .name = name, .st = *below, .attributes = &w->lower_attributes };
  return unchanged (&one, &other, e);
}

static int
refuse_if_redirected (const struct writer *w, struct err *e)
{
  if (!w->source->is_upper || !w->attributes.is_redirected)
    return 0;
  return err_set (e, ENOTSUP, "\"%.120s\" was changed by a kernel that moves directories with overlay redirects", w->path);
}

static int walk (struct writer *w, struct level *level, struct err *e);

static int
visit_directory (struct writer *w, struct level *above, const char *name, const struct stat *st, struct err *e)
{
  struct stat below = { 0 };
  int fd cleanup_fd = openat (above->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int lower_fd cleanup_fd = -1;
  struct level level = { .above = above, .fd = fd, .lower_fd = -1, .st = *st, .path_length = strlen (w->path) };

  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno (e, "cannot open directory \"%.120s\"", w->path);
  int is_below = look_below (above, name, &below, e);
  int r = is_below < 0 ? is_below : file_attributes_read (&w->attributes, fd, ".", e);
  if (r == 0)
    r = refuse_if_redirected (w, e);
  if (r < 0)
    return r;
  bool is_opaque = w->source->is_upper && w->attributes.is_opaque;
  bool was_directory = is_below > 0 && S_ISDIR (below.st_mode);
  level.hides_lower = is_opaque && was_directory;
  if (was_directory && !is_opaque)
    {
      lower_fd = openat (above->lower_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (lower_fd < 0)
        return err_errno (e, "cannot open directory \"%.120s\" of the layers below", w->path);
      level.lower_fd = lower_fd;
      r = is_unchanged (w, above, name, st, &below, e);
      if (r < 0)
        return r;
    }
  bool waits = r > 0 || (is_below == 0 && is_mount_point (w));
  r = waits ? 0 : write_level (w, &level, e);
  return r < 0 ? r : walk (w, &level, e);
}

static int
write_file (struct writer *w, const struct level *level, const char *name, const struct stat *st, struct err *e)
{
  const char *first = NULL;
  int r = st->st_nlink > 1 ? link_table_meet (&w->links, st->st_dev, st->st_ino, w->path, &first, e) : 0;
  if (r < 0)
    return r;
  fill_entry (w, w->path, strlen (w->path), st);
  if (first != NULL)
    {
      w->entry.type = TAR_HARD_LINK;
      w->entry.size = 0;
      w->entry.n_xattrs = 0;
      memcpy (w->entry.link, first, strlen (first) + 1);
      return write_header (w, e);
    }
  if (S_ISLNK (st->st_mode))
    {
      ssize_t n = readlinkat (level->fd, name, w->entry.link, sizeof w->entry.link - 1);
      if (n < 0)
        return err_errno (e, "cannot read the link \"%.120s\"", w->path);
      w->entry.link[n] = '\0';
    }
  if (!S_ISREG (st->st_mode))
    return write_header (w, e);
  w->entries++;
  return file_content_write (w->output, level->fd, name, &w->entry, e);
}

static int
visit_file (struct writer *w, struct level *level, const char *name, const struct stat *st, struct err *e)
{
  struct stat below = { 0 };
  int is_below = look_below (level, name, &below, e);

  if (is_below < 0)
    return is_below;
  if (w->source->is_upper && is_whiteout (st))
    {
      int r = is_below > 0 ? write_level (w, level, e) : 0;
      return r < 0 || is_below == 0 ? r : write_mark (w, level->path_length, ".wh.", name, e);
    }
  /* The bottom layer may hide things, too; of nothing. */
  if (S_ISSOCK (st->st_mode) || is_whiteout (st))
    return 0;
  if (is_below == 0 && S_ISREG (st->st_mode) && st->st_size == 0 && is_mount_point (w))
    return 0;
  int r = file_attributes_read (&w->attributes, level->fd, name, e);
  if (r == 0)
    r = refuse_if_redirected (w, e);
  if (r == 0 && is_below > 0 && st->st_nlink == 1)
    r = is_unchanged (w, level, name, st, &below, e);
  if (r != 0)
    return r < 0 ? r : 0;
  if (!level->is_written)
    {
      r = write_level (w, level, e);
      if (r == 0)
        r = file_attributes_read (&w->attributes, level->fd, name, e);
    }
  return r < 0 ? r : write_file (w, level, name, st, e);
}

static int
visit (struct writer *w, struct level *level, const char *name, struct err *e)
{
  struct stat st;
  size_t at = level->path_length, length = strlen (name);

  if (at + 1 + length >= PATH_MAX - 1)
    return err_set (e, ENAMETOOLONG, "\"%.120s/…\" is too long for an archive", w->path);
  if (at > 0)
    w->path[at++] = '/';
  memcpy (w->path + at, name, length + 1);
  if (fstatat (level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot look at \"%.120s\"", w->path);
  if (w->source->is_upper && strncmp (name, ".wh.", 4) == 0)
    return err_set (e, EBADMSG, "\"%.120s\" has a name by which layers say that something was removed", w->path);
  return S_ISDIR (st.st_mode) ? visit_directory (w, level, name, &st, e) : visit_file (w, level, name, &st, e);
}

static bool
is_kernel_tree (int fd)
{
  static const long kinds[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC,
                                DEBUGFS_MAGIC,    TRACEFS_MAGIC, BPF_FS_MAGIC,     SECURITYFS_MAGIC,   MQUEUE_MAGIC };
  struct statfs fs;
  if (fstatfs (fd, &fs) < 0)
    return false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (fs.f_type == kinds[i])
      return true;
  return false;
}

static int
walk (struct writer *w, struct level *level, struct err *e)
{
  struct path_list names cleanup_path_list = { 0 };
  if (w->source->skips_kernel_trees && is_kernel_tree (level->fd))
    return 0;
  int r = sorted_directory_read (level->fd, &names, e);
  for (size_t i = 0; r == 0 && i < names.count; i++)
    {
      r = visit (w, level, names.paths[i], e);
      w->path[level->path_length] = '\0';
    }
  return r;
}

/* One open fd a level of directories and side. */
static void
allow_many_fds (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  (void) setrlimit (RLIMIT_NOFILE, &limit); /* without it only very deep trees fail */
}

int
layer_write (const struct layer_source *source, struct archive_output *output, uint64_t *ret_entries, struct err *e)
{
  struct writer *w __attribute__ ((cleanup (writer_free))) = calloc (1, sizeof *w);
  struct level root = { .fd = source->root_fd, .lower_fd = source->lower_fd };
  int r = 0;

  if (w == NULL)
    return err_set (e, ENOMEM, "out of memory");
  w->source = source;
  w->output = output;
  allow_many_fds ();
  if (fstat (root.fd, &root.st) < 0)
    return err_errno (e, "cannot look at the root");
  if (source->lower_fd >= 0)
    {
      struct stat below;
      if (fstat (source->lower_fd, &below) < 0)
        return err_errno (e, "cannot look at the root of the layers below");
      r = file_attributes_read (&w->attributes, root.fd, ".", e);
      if (r == 0)
        r = is_unchanged (w, &root, ".", &root.st, &below, e);
    }
  /* Everybody makes a root anyway: its member is there only to change it. */
  root.is_written = r > 0;
  if (r >= 0)
    r = write_level (w, &root, e);
  if (r == 0)
    r = walk (w, &root, e);
  if (r == 0)
    r = tar_write_end (output, e);
  if (r == 0)
    *ret_entries = w->entries;
  return r;
}

static int
write_one (struct writer *w, const struct tree_source *source, struct err *e)
{
  struct level above = { .fd = source->dir_fd, .lower_fd = -1, .is_written = true };
  struct stat st;

  if (fstatat (source->dir_fd, source->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot look at \"%.120s\"", source->name);
  if (S_ISDIR (st.st_mode) && strcmp (source->as, ".") == 0)
    {
      int fd cleanup_fd = openat (source->dir_fd, source->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      struct level level = { .fd = fd, .lower_fd = -1, .is_written = true };
      return fd < 0 ? err_errno (e, "cannot open directory \"%.120s\"", source->name) : walk (w, &level, e);
    }
  if (strlen (source->as) >= PATH_MAX - 1)
    return err_set (e, ENAMETOOLONG, "\"%.120s\" is too long for an archive", source->as);
  memcpy (w->path, source->as, strlen (source->as) + 1);
  return S_ISDIR (st.st_mode) ? visit_directory (w, &above, source->name, &st, e) : visit_file (w, &above, source->name, &st, e);
}

int
tree_write (const struct tree_source *source, struct archive_output *output, uint64_t *ret_entries, struct err *e)
{
  static const struct layer_source plain = { .root_fd = -1, .lower_fd = -1, .clamp = -1, .skips_kernel_trees = true };
  struct writer *w __attribute__ ((cleanup (writer_free))) = calloc (1, sizeof *w);

  if (w == NULL)
    return err_set (e, ENOMEM, "out of memory");
  w->source = &plain;
  w->output = output;
  allow_many_fds ();
  int r = write_one (w, source, e);
  if (r == 0)
    r = tar_write_end (output, e);
  if (r == 0)
    *ret_entries = w->entries;
  return r;
}
