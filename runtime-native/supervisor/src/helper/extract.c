#include "helper/extract.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "helper/entry-attributes.h"
#include "helper/entry-path.h"
#include "helper/entry-place.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum
{
  HOLE_BYTES = 64 * 1024
};

/* Creating children changes a directory's time, so it is set when all is there. */
struct directory_time
{
  char *path;
  struct timespec mtime;
};

struct extractor
{
  struct tar *tar;
  int root_fd;
  struct parent parent;
  struct parent link_parent;
  struct directory_time *times;
  size_t n_times;
  struct path_list made; /* directories without a member of their own, so far */
  bool is_layer;
  const struct extract_place *place; /* NULL: at the root, with the owners of the archive */
};

static void
extractor_free (struct extractor *x)
{
  entry_place_forget (&x->parent);
  entry_place_forget (&x->link_parent);
  for (size_t i = 0; i < x->n_times; i++)
    free (x->times[i].path);
  free (x->times);
  path_list_free (&x->made);
}

/* A later entry of the same name wins. */
static int
remove_existing (struct extractor *x, const struct place *at, struct err *e)
{
  /* A cached directory may be below, or be reached through, what goes. The parent's fd is still in use: only its path,
     which no clean path equals, is spoilt. */
  entry_place_forget (&x->link_parent);
  memcpy (x->parent.path, "/", 2);
  return tree_remove_at (at->parent_fd, at->name, e);
}

/* The analyzer loses the path between here and extractor_free, which frees it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

static int
remember_time (struct extractor *x, const char *path, struct timespec mtime, struct err *e)
{
  if ((x->n_times & (x->n_times - 1)) == 0)
    {
      struct directory_time *grown = realloc (x->times, (x->n_times == 0 ? 1 : 2 * x->n_times) * sizeof *grown);
      if (grown == NULL)
        return err_set (e, ENOMEM, "out of memory");
      x->times = grown;
    }
  struct directory_time *one = &x->times[x->n_times];
  one->path = strdup (path);
  one->mtime = mtime;
  if (one->path == NULL)
    return err_set (e, ENOMEM, "out of memory");
  x->n_times++;
  return 0;
}

#pragma GCC diagnostic pop

static int
set_opaque (int parent_fd, const char *name, struct err *e)
{
  int fd cleanup_fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fsetxattr (fd, "trusted.overlay.opaque", "y", 1, 0) < 0)
    return err_errno (e, "cannot make a directory opaque");
  return 0;
}

static bool
is_whiteout (const struct stat *st)
{
  return S_ISCHR (st->st_mode) && st->st_rdev == makedev (0, 0);
}

static int
place_directory (struct extractor *x, const struct place *at, const struct tar_entry *entry, struct err *e)
{
  struct stat st;
  int r = 0;

  if (*at->path != '\0' && mkdirat (at->parent_fd, at->name, 0700) < 0)
    {
      if (errno != EEXIST || fstatat (at->parent_fd, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno (e, "cannot create directory \"%.120s\"", at->path);
      if (!S_ISDIR (st.st_mode))
        {
          r = remove_existing (x, at, e);
          if (r < 0)
            return r;
          if (mkdirat (at->parent_fd, at->name, 0700) < 0)
            return err_errno (e, "cannot create directory \"%.120s\"", at->path);
          /* Removed below and created here: nothing from below may shine through. */
          r = is_whiteout (&st) ? set_opaque (at->parent_fd, at->name, e) : 0;
          if (r < 0)
            return r;
        }
    }
  int fd cleanup_fd = openat (at->parent_fd, at->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return err_errno (e, "cannot open directory \"%.120s\"", at->path);
  r = entry_attributes_set_fd (fd, entry, e);
  return r < 0 ? r : remember_time (x, at->path, entry->mtime, e);
}

static int
write_at (int fd, const uint8_t *data, size_t length, uint64_t offset, struct err *e)
{
  for (size_t done = 0; done < length;)
    {
      ssize_t n = pwrite (fd, data + done, length - done, (off_t) (offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return err_errno (e, "cannot write");
      done += (size_t) n;
    }
  return 0;
}

static int
write_sparse (struct extractor *x, int fd, const struct tar_entry *entry, struct err *e)
{
  const uint8_t *data = NULL;
  size_t left = 0;

  for (size_t i = 0; i < entry->n_segments; i++)
    for (uint64_t done = 0; done < entry->segments[i].length;)
      {
        int r = left == 0 ? tar_data (x->tar, &data, &left, e) : 0;
        if (r < 0)
          return r;
        uint64_t rest = entry->segments[i].length - done;
        size_t n = rest < left ? (size_t) rest : left;
        r = write_at (fd, data, n, entry->segments[i].offset + done, e);
        if (r < 0)
          return r;
        data += n;
        left -= n;
        done += n;
      }
  return ftruncate (fd, (off_t) entry->size) < 0 ? err_errno (e, "cannot set the size") : 0;
}

static bool
is_zero (const uint8_t *data, size_t length)
{
  return *data == 0 && memcmp (data, data + 1, length - 1) == 0;
}

/* Longer runs of zeros are holes that the archive's writer wrote out. Returns how much of DATA is alike from its beginning. */
static size_t
run_length (const uint8_t *data, size_t length, bool *ret_is_hole)
{
  size_t run = length < HOLE_BYTES ? length : HOLE_BYTES;
  *ret_is_hole = run == HOLE_BYTES && is_zero (data, run);
  while (length - run >= HOLE_BYTES && is_zero (data + run, HOLE_BYTES) == *ret_is_hole)
    run += HOLE_BYTES;
  return *ret_is_hole || length - run >= HOLE_BYTES ? run : length;
}

static int
write_dense (struct extractor *x, int fd, struct err *e)
{
  uint64_t offset = 0;
  bool ends_in_hole = false;

  for (;;)
    {
      const uint8_t *data = NULL;
      size_t length = 0;
      int r = tar_data (x->tar, &data, &length, e);
      if (r < 0)
        return r;
      if (length == 0)
        return ends_in_hole && ftruncate (fd, (off_t) offset) < 0 ? err_errno (e, "cannot set the size") : 0;
      for (size_t done = 0, run = 0; done < length; done += run, offset += run)
        {
          run = run_length (data + done, length - done, &ends_in_hole);
          r = ends_in_hole ? 0 : write_at (fd, data + done, run, offset, e);
          if (r < 0)
            return r;
        }
    }
}

static int
place_file (struct extractor *x, const struct place *at, const struct tar_entry *entry, struct err *e)
{
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd cleanup_fd = openat (at->parent_fd, at->name, flags, 0600);
  if (fd < 0 && errno == EEXIST)
    {
      int r = remove_existing (x, at, e);
      if (r < 0)
        return r;
      fd = openat (at->parent_fd, at->name, flags, 0600);
    }
  if (fd < 0)
    return err_errno (e, "cannot create \"%.120s\"", at->path);
  int r = entry->sparse ? write_sparse (x, fd, entry, e) : write_dense (x, fd, e);
  if (r == -EBADMSG)
    return r;
  if (r < 0)
    return err_wrap (e, "\"%.100s\"", at->path);
  r = entry_attributes_set_fd (fd, entry, e);
  if (r < 0)
    return r;
  const struct timespec times[2] = { entry->mtime, entry->mtime };
  return futimens (fd, times) < 0 ? err_errno (e, "cannot set the time of \"%.120s\"", at->path) : 0;
}

/* Cleans a name of the archive and puts it below the place. */
static int
resolve_name (const struct extractor *x, const char *name, char ret_path[PATH_MAX], struct err *e)
{
  char clean[PATH_MAX];
  int r = entry_path_clean (name, clean, e);
  if (r < 0)
    return r;
  const char *below = x->place == NULL ? "" : x->place->below;
  int n = snprintf (ret_path, PATH_MAX, "%s%s%s", below, *below != '\0' && *clean != '\0' ? "/" : "", clean);
  return n < 0 || n >= PATH_MAX ? err_set (e, ENAMETOOLONG, "\"%.120s\" is too long", name) : 0;
}

static int
place_hard_link (struct extractor *x, const struct place *at, const struct tar_entry *entry, struct err *e)
{
  char target[PATH_MAX];
  struct place from = { .parent_fd = -1, .name = "" };
  struct stat here, there;

  int r = resolve_name (x, entry->link, target, e);
  if (r == 0 && *target == '\0')
    return err_set (e, EBADMSG, "hard link \"%.100s\" names the archive's root", at->path);
  if (r == 0)
    r = entry_place_find (x->root_fd, &x->link_parent, target, &from, e);
  if (r < 0)
    return err_wrap (e, "hard link \"%.100s\"", at->path);
  if (fstatat (from.parent_fd, from.name, &there, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR (there.st_mode))
    return err_set (e, EBADMSG, "hard link \"%.100s\" has no target \"%.100s\" in this archive", at->path, target);
  if (fstatat (at->parent_fd, at->name, &here, AT_SYMLINK_NOFOLLOW) == 0)
    {
      if (here.st_ino == there.st_ino && here.st_dev == there.st_dev)
        return 0;
      r = remove_existing (x, at, e);
      if (r == 0)
        r = entry_place_find (x->root_fd, &x->link_parent, target, &from, e);
      if (r < 0)
        return r;
    }
  if (linkat (from.parent_fd, from.name, at->parent_fd, at->name, 0) < 0)
    return err_errno (e, "cannot link \"%.100s\" to \"%.100s\"", at->path, target);
  return 0;
}

static int
create_node (const struct place *at, const struct tar_entry *entry)
{
  if (entry->type == TAR_SYMLINK)
    return symlinkat (entry->link, at->parent_fd, at->name);
  mode_t kind = entry->type == TAR_FIFO ? S_IFIFO : entry->type == TAR_BLOCK ? S_IFBLK : S_IFCHR;
  dev_t device = entry->type == TAR_FIFO ? 0 : makedev (entry->device_major, entry->device_minor);
  return mknodat (at->parent_fd, at->name, kind | 0600, device);
}

static int
place_node (struct extractor *x, const struct place *at, const struct tar_entry *entry, struct err *e)
{
  if (entry->type == TAR_SYMLINK && *entry->link == '\0')
    return err_set (e, EBADMSG, "symbolic link \"%.120s\" has no target", at->path);
  int status = create_node (at, entry);
  if (status < 0 && errno == EEXIST)
    {
      int r = remove_existing (x, at, e);
      if (r < 0)
        return r;
      status = create_node (at, entry);
    }
  if (status < 0)
    return err_errno (e, "cannot create \"%.120s\"", at->path);
  return entry_attributes_set_at (at->parent_fd, at->name, entry, e);
}

/* OCI image-spec layer.md: `.wh.<name>` hides <name> of the layers below, `.wh..wh..opq` hides all of this directory's. */
static int
place_whiteout (const struct place *at, struct err *e)
{
  const char *name = at->name + 4;
  struct stat st;

  if (strcmp (name, ".wh..opq") == 0)
    return set_opaque (at->parent_fd, ".", e);
  if (strncmp (name, ".wh.", 4) == 0)
    return 0; /* other bookkeeping of AUFS */
  if (*name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return err_set (e, EBADMSG, "entry \"%.120s\" is no whiteout of anything", at->path);
  if (mknodat (at->parent_fd, name, S_IFCHR, makedev (0, 0)) == 0)
    return 0;
  if (errno != EEXIST || fstatat (at->parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot create the whiteout of \"%.120s\"", at->path);
  /* A whiteout speaks of the layers below; what this layer brings stays. */
  return S_ISDIR (st.st_mode) ? set_opaque (at->parent_fd, name, e) : 0;
}

/* Docker's rule for copies: what is a directory stays one, what is none does not become one. */
static int
check_kind (const struct extractor *x, const struct place *at, const struct tar_entry *entry, struct err *e)
{
  struct stat st;
  if (x->place == NULL || fstatat (at->parent_fd, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return 0;
  bool is_directory = S_ISDIR (st.st_mode);
  if (is_directory == (entry->type == TAR_DIRECTORY))
    return 0;
  return err_set (e, EEXIST, "cannot overwrite %s \"/%.120s\" with %s", is_directory ? "directory" : "non-directory", at->path,
                  is_directory ? "a non-directory" : "a directory");
}

static int
place_entry (struct extractor *x, const struct tar_entry *entry, struct err *e)
{
  char path[PATH_MAX];
  struct place at = { 0 };

  int r = resolve_name (x, entry->path, path, e);
  if (r < 0)
    return r;
  if (x->place != NULL && strcmp (path, x->place->below) == 0)
    return 0; /* the directory itself stays as it is */
  if (*path == '\0')
    {
      at = (struct place){ .path = path, .parent_fd = x->root_fd, .name = "." };
      return entry->type == TAR_DIRECTORY ? place_directory (x, &at, entry, e) : 0;
    }
  r = entry_place_find (x->root_fd, &x->parent, path, &at, e);
  if (r == 0)
    r = check_kind (x, &at, entry, e);
  if (r < 0)
    return r;
  if (x->is_layer && strncmp (at.name, ".wh.", 4) == 0)
    return place_whiteout (&at, e);
  switch (entry->type)
    {
    case TAR_FILE: return place_file (x, &at, entry, e);
    case TAR_HARD_LINK: return place_hard_link (x, &at, entry, e);
    case TAR_DIRECTORY: return place_directory (x, &at, entry, e);
    case TAR_SYMLINK:
    case TAR_CHARACTER:
    case TAR_BLOCK:
    case TAR_FIFO: return place_node (x, &at, entry, e);
    }
  return err_set (e, EINVAL, "impossible entry type");
}

static int
set_directory_times (struct extractor *x, struct err *e)
{
  for (size_t i = x->n_times; i > 0; i--)
    {
      const struct directory_time *one = &x->times[i - 1];
      const struct timespec times[2] = { one->mtime, one->mtime };
      int fd cleanup_fd = tree_open (x->root_fd, *one->path == '\0' ? "." : one->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      /* A later entry of the same name may have replaced it. */
      if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
        continue;
      if (fd < 0 || futimens (fd, times) < 0)
        return err_errno (e, "cannot set the time of directory \"%.120s\"", one->path);
    }
  return 0;
}

/* Directories that were made and got no member of their own later. */
static int
find_implied (struct extractor *x, struct path_list *ret, struct err *e)
{
  struct path_list implied cleanup_path_list = { 0 }, described cleanup_path_list = { 0 };
  int r = 0;
  for (size_t i = 0; r == 0 && i < x->n_times; i++)
    r = path_list_add (&described, x->times[i].path, e);
  path_list_sort (&described);
  if (r == 0 && !path_list_has (&described, ""))
    r = path_list_add (&implied, "", e);
  for (size_t i = 0; r == 0 && i < x->made.count; i++)
    if (!path_list_has (&described, x->made.paths[i]))
      r = path_list_add (&implied, x->made.paths[i], e);
  if (r < 0)
    return r;
  *ret = implied;
  implied = (struct path_list){ 0 };
  return 0;
}

static int
extract (struct extractor *x, struct extracted *ret, struct err *e)
{
  uint64_t n = 0;

  x->parent.made = x->link_parent.made = &x->made;
  for (;;)
    {
      struct tar_entry *entry = NULL;
      int r = tar_next (x->tar, &entry, e);
      if (r == 0)
        break;
      if (r > 0 && ++n > EXTRACT_MAX_ENTRIES)
        return err_set (e, EFBIG, "the archive has more than %d entries", EXTRACT_MAX_ENTRIES);
      if (r > 0 && x->place != NULL && x->place->sets_owner)
        {
          entry->uid = x->place->uid;
          entry->gid = x->place->gid;
        }
      if (x->made.count > EXTRACT_MAX_IMPLIED)
        return err_set (e, EFBIG, "the archive leaves out more than %d directories", EXTRACT_MAX_IMPLIED);
      if (r > 0)
        r = place_entry (x, entry, e);
      if (r < 0)
        return r;
      ret->entries = n;
    }
  int r = set_directory_times (x, e);
  if (r == 0)
    r = find_implied (x, &ret->implied, e);
  if (r < 0)
    return r;
  ret->entries = n;
  return 0;
}

int
extract_tar (struct tar *tar, int root_fd, struct extracted *ret, struct err *e)
{
  struct extractor x __attribute__ ((cleanup (extractor_free)))
  = { .tar = tar, .root_fd = root_fd, .parent = { .fd = -1 }, .link_parent = { .fd = -1 }, .is_layer = true };
  return extract (&x, ret, e);
}

int
extract_archive (struct tar *tar, int root_fd, uint64_t *ret_entries, struct err *e)
{
  struct extractor x __attribute__ ((cleanup (extractor_free)))
  = { .tar = tar, .root_fd = root_fd, .parent = { .fd = -1 }, .link_parent = { .fd = -1 } };
  struct extracted extracted = { 0 };
  int r = extract (&x, &extracted, e);
  *ret_entries = extracted.entries;
  path_list_free (&extracted.implied);
  return r;
}

int
extract_below (struct tar *tar, const struct extract_place *place, uint64_t *ret_entries, struct err *e)
{
  struct extractor x __attribute__ ((cleanup (extractor_free)))
  = { .tar = tar, .root_fd = place->root_fd, .parent = { .fd = -1 }, .link_parent = { .fd = -1 }, .place = place };
  struct extracted extracted = { 0 };
  int r = extract (&x, &extracted, e);
  *ret_entries = extracted.entries;
  path_list_free (&extracted.implied);
  return r;
}
