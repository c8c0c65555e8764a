#include "supervisor/copy.h"

#include "common/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum
{
  MAX_DEPTH = 200, /* directory levels; one open fd pair each */
  MAX_XATTR = 65536
};

/* A file with several names that has been copied under one of them. */
struct link
{
  dev_t device;
  ino_t inode;
  char *path; /* below the destination */
};

struct copy
{
  int root; /* the destination */
  struct link *links;
  size_t n_links;
  char path[4096]; /* of the current entry below the root */
  struct err *e;
};

/* One entry: the same name in two directories. */
struct entry
{
  int from;
  int to;
  const char *name;
  struct stat st;
};

static int copy_directory (struct copy *c, int from, int to, int depth);

static int
fail (const struct copy *c, const char *what)
{
  return err_errno (c->e, "%s %s", what, c->path);
}

/* The l*xattr calls take no directory fd; this is the same file without following it. */
static void
proc_path (char path[static 320], int directory, const char *name)
{
  (void) snprintf (path, 320, "/proc/self/fd/%d/%s", directory, name); /* names are at most 255 bytes */
}

static int
copy_xattrs (const struct copy *c, const char *from, const char *to)
{
  char *names cleanup_free = malloc (MAX_XATTR);
  char *value cleanup_free = malloc (MAX_XATTR);
  if (names == NULL || value == NULL)
    return err_set (c->e, ENOMEM, "out of memory");
  ssize_t length = llistxattr (from, names, MAX_XATTR);
  if (length < 0)
    return errno == ENOTSUP ? 0 : fail (c, "list attributes of");
  for (const char *name = names; name < names + length; name += strlen (name) + 1)
    {
      if (strncmp (name, "trusted.overlay.", 16) == 0)
        continue;
      ssize_t size = lgetxattr (from, name, value, MAX_XATTR);
      if (size < 0)
        return fail (c, "read an attribute of");
      if (lsetxattr (to, name, value, (size_t) size, 0) < 0 && errno != ENOTSUP)
        return fail (c, "set an attribute of");
    }
  return 0;
}

static int
copy_range (const struct copy *c, int from, int to, off_t start, off_t end)
{
  char *buffer cleanup_free = NULL;
  off_t at = start;
  while (at < end)
    {
      off_t to_offset = at;
      ssize_t n = buffer != NULL ? -1 : copy_file_range (from, &at, to, &to_offset, (size_t) (end - at), 0);
      if (n == 0)
        return 0; /* the file has shrunk meanwhile */
      if (n > 0)
        continue;
      if (buffer == NULL && (buffer = malloc (65536)) == NULL)
        return err_set (c->e, ENOMEM, "out of memory");
      n = pread (from, buffer, end - at > 65536 ? 65536 : (size_t) (end - at), at);
      if (n < 0)
        return fail (c, "read");
      if (n == 0)
        return 0;
      if (pwrite (to, buffer, (size_t) n, at) != n)
        return fail (c, "write");
      at += n;
    }
  return 0;
}

/* Data segments only, so that holes stay holes. */
static int
copy_content (const struct copy *c, int from, int to, off_t size)
{
  off_t at = 0;
  while (at < size)
    {
      off_t data = lseek (from, at, SEEK_DATA);
      if (data < 0 && errno == ENXIO)
        break;
      off_t hole = data < 0 ? size : lseek (from, data, SEEK_HOLE);
      if (data < 0)
        data = at; /* no support for holes: everything is data */
      if (hole < 0)
        hole = size;
      int r = copy_range (c, from, to, data, hole);
      if (r < 0)
        return r;
      at = hole;
    }
  return ftruncate (to, size) < 0 ? fail (c, "truncate") : 0;
}

static int
copy_file (const struct copy *c, const struct entry *entry)
{
  int from cleanup_fd = openat (entry->from, entry->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat now;
  if (from < 0 || fstat (from, &now) < 0)
    return fail (c, "open");
  if (!S_ISREG (now.st_mode))
    return err_set (c->e, EAGAIN, "%s changed while it was copied", c->path);
  int to cleanup_fd = openat (entry->to, entry->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (to < 0)
    return fail (c, "create");
  return copy_content (c, from, to, now.st_size);
}

static int
copy_symlink (const struct copy *c, const struct entry *entry)
{
  char target[4096];
  ssize_t length = readlinkat (entry->from, entry->name, target, sizeof target - 1);
  if (length < 0)
    return fail (c, "read link");
  target[length] = '\0';
  return symlinkat (target, entry->to, entry->name) < 0 ? fail (c, "create link") : 0;
}

/* Owner first (it clears set-id bits and file capabilities), then attributes, mode, times. */
static int
copy_metadata (const struct copy *c, const struct entry *entry)
{
  char from[320];
  char to[320];
  const struct timespec times[2] = { entry->st.st_atim, entry->st.st_mtim };
  if (fchownat (entry->to, entry->name, entry->st.st_uid, entry->st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
    return fail (c, "change the owner of");
  proc_path (from, entry->from, entry->name);
  proc_path (to, entry->to, entry->name);
  int r = copy_xattrs (c, from, to);
  if (r < 0)
    return r;
  if (!S_ISLNK (entry->st.st_mode) && fchmodat (entry->to, entry->name, entry->st.st_mode & 07777, AT_SYMLINK_NOFOLLOW) < 0
      && (errno != ENOTSUP || chmod (to, entry->st.st_mode & 07777) < 0)) /* before Linux 6.6; created by us, no link */
    return fail (c, "change the mode of");
  if (utimensat (entry->to, entry->name, times, AT_SYMLINK_NOFOLLOW) < 0)
    return fail (c, "set the times of");
  return 0;
}

/* The analyzer loses the path between here and copy_tree, which frees it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

/* 1 when the entry is another name of a file that is there already and has been linked to it. */
static int
link_to_copy (struct copy *c, const struct entry *entry)
{
  if (entry->st.st_nlink < 2)
    return 0;
  for (size_t i = 0; i < c->n_links; i++)
    {
      if (c->links[i].inode != entry->st.st_ino || c->links[i].device != entry->st.st_dev)
        continue;
      struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
      int first cleanup_fd = (int) syscall (SYS_openat2, c->root, c->links[i].path, &how, sizeof how);
      char path[320];
      (void) snprintf (path, sizeof path, "/proc/self/fd/%d", first); /* fits */
      if (first < 0 || linkat (AT_FDCWD, path, entry->to, entry->name, AT_SYMLINK_FOLLOW) < 0)
        return fail (c, "link");
      return 1;
    }
  struct link *links = realloc (c->links, (c->n_links + 1) * sizeof *links);
  if (links == NULL)
    return err_set (c->e, ENOMEM, "out of memory");
  c->links = links;
  struct link *link = &links[c->n_links];
  *link = (struct link){ .device = entry->st.st_dev, .inode = entry->st.st_ino, .path = strdup (c->path) };
  if (link->path == NULL)
    return err_set (c->e, ENOMEM, "out of memory");
  c->n_links++;
  return 0;
}

#pragma GCC diagnostic pop

static int
copy_subdirectory (struct copy *c, const struct entry *entry, int depth)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int from cleanup_fd = openat (entry->from, entry->name, flags);
  if (from < 0)
    return fail (c, "open");
  if (mkdirat (entry->to, entry->name, 0700) < 0 && errno != EEXIST)
    return fail (c, "create");
  int to cleanup_fd = openat (entry->to, entry->name, flags);
  return to < 0 ? fail (c, "open") : copy_directory (c, from, to, depth + 1);
}

static int
copy_entry (struct copy *c, const struct entry *entry, int depth)
{
  int r = 0;
  if (S_ISDIR (entry->st.st_mode))
    r = copy_subdirectory (c, entry, depth);
  else
    {
      if (unlinkat (entry->to, entry->name, 0) < 0 && errno != ENOENT)
        return fail (c, "replace");
      r = link_to_copy (c, entry);
      if (r != 0)
        return r < 0 ? r : 0;
      if (S_ISREG (entry->st.st_mode))
        r = copy_file (c, entry);
      else if (S_ISLNK (entry->st.st_mode))
        r = copy_symlink (c, entry);
      else if (S_ISSOCK (entry->st.st_mode))
        return 0; /* a dead socket is of no use */
      else if (mknodat (entry->to, entry->name, entry->st.st_mode, entry->st.st_rdev) < 0)
        r = fail (c, "create");
    }
  return r < 0 ? r : copy_metadata (c, entry);
}

static int
copy_directory (struct copy *c, int from, int to, int depth)
{
  if (depth > MAX_DEPTH)
    return err_set (c->e, ELOOP, "more than %d directory levels", MAX_DEPTH);
  int list_fd cleanup_fd = openat (from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream cleanup_dir = list_fd < 0 ? NULL : fdopendir (list_fd);
  if (stream == NULL)
    return fail (c, "read");
  (void) steal_fd (&list_fd); /* the stream owns it */
  size_t length = strlen (c->path);
  for (;;)
    {
      errno = 0;
      const struct dirent *found = readdir (stream);
      if (found == NULL)
        return errno == 0 ? 0 : fail (c, "read");
      if (strcmp (found->d_name, ".") == 0 || strcmp (found->d_name, "..") == 0)
        continue;
      struct entry entry = { .from = from, .to = to, .name = found->d_name };
      int n = snprintf (c->path + length, sizeof c->path - length, "%s%s", length == 0 ? "" : "/", found->d_name);
      if (n < 0 || (size_t) n >= sizeof c->path - length)
        return err_set (c->e, ENAMETOOLONG, "path too long");
      if (fstatat (from, found->d_name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail (c, "read");
      int r = copy_entry (c, &entry, depth);
      c->path[length] = '\0';
      if (r < 0)
        return r;
    }
}

int
copy_tree (int from_fd, int to_fd, struct err *e)
{
  struct copy c = { .root = to_fd, .e = e };
  struct entry top = { .from = from_fd, .to = to_fd, .name = "." };
  if (fstat (from_fd, &top.st) < 0)
    return err_errno (e, "stat");
  int r = copy_directory (&c, from_fd, to_fd, 0);
  if (r == 0)
    r = copy_metadata (&c, &top);
  for (size_t i = 0; i < c.n_links; i++)
    free (c.links[i].path);
  free (c.links);
  return r;
}
