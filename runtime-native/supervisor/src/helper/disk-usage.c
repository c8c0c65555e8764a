#include "helper/disk-usage.h"

#include "common/cleanup.h"
#include "helper/link-table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

struct usage
{
  struct link_table links;
  dev_t device;
  uint64_t bytes;
};

static int add_directory (struct usage *u, int dir_fd, const char *name, struct err *e);

/* What cannot be seen any more, because somebody removes it meanwhile, takes no space. */
static int
add_entry (struct usage *u, int dir_fd, const char *name, struct err *e)
{
  const char *first = NULL;
  struct stat st;

  if (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot look at \"%.120s\"", name);
  if (st.st_dev != u->device)
    return 0;
  if (st.st_nlink > 1 && !S_ISDIR (st.st_mode))
    {
      int r = link_table_meet (&u->links, st.st_dev, st.st_ino, name, &first, e);
      if (r < 0 || first != NULL)
        return r;
    }
  u->bytes += (uint64_t) st.st_blocks * 512;
  return S_ISDIR (st.st_mode) ? add_directory (u, dir_fd, name, e) : 0;
}

static int
add_directory (struct usage *u, int dir_fd, const char *name, struct err *e)
{
  int fd cleanup_fd = openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *directory cleanup_dir = fd < 0 ? NULL : fdopendir (fd);
  int r = 0;

  if (directory == NULL)
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : err_errno (e, "cannot read directory \"%.120s\"", name);
  int own = steal_fd (&fd); /* belongs to the DIR now */
  while (r == 0)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL)
        return errno == 0 ? 0 : err_errno (e, "cannot read directory \"%.120s\"", name);
      if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
        r = add_entry (u, own, entry->d_name, e);
    }
  return r;
}

/* Disk space of a file or of a directory and all below it on its file system; 0 when there is none. */
static int
measure (const char *path, uint64_t *ret_bytes, struct err *e)
{
  struct usage u = { 0 };
  struct stat st;
  int r = 0;

  *ret_bytes = 0;
  if (lstat (path, &st) < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot look at %.200s", path);
  u.device = st.st_dev;
  u.bytes = (uint64_t) st.st_blocks * 512;
  if (S_ISDIR (st.st_mode))
    r = add_directory (&u, AT_FDCWD, path, e);
  link_table_free (&u.links);
  *ret_bytes = u.bytes;
  return r;
}

int
disk_usage_run (const struct json *request, struct buffer *reply, struct err *e)
{
  const char **paths cleanup_free = NULL;
  size_t n_paths = 0;
  struct rlimit limit;

  /* One open fd a level. */
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      (void) setrlimit (RLIMIT_NOFILE, &limit); /* without it only very deep trees fail */
    }
  int r = json_strings_or_empty (request, "paths", &paths, &n_paths, e);
  buffer_add_string (reply, ",\"bytes\":[");
  for (size_t i = 0; r == 0 && i < n_paths; i++)
    {
      uint64_t bytes = 0;
      r = measure (paths[i], &bytes, e);
      buffer_printf (reply, "%s%llu", i == 0 ? "" : ",", (unsigned long long) bytes);
    }
  buffer_add_string (reply, "]");
  return r;
}
