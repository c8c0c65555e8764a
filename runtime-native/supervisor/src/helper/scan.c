#include "helper/scan.h"

#include "common/cleanup.h"
#include "helper/build-root.h"
#include "helper/sha256.h"
#include "helper/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum
{
  CHUNK = 256 * 1024,
  MAX_XATTRS = 64 * 1024,
  MAX_DEPTH = 400
};

struct scanner
{
  struct buffer *reply;
  bool digests;
  bool recursive;
  bool xattrs;
  bool is_first;
  uint8_t *chunk;
  char path[PATH_MAX];
};

static int
digest_file (const struct scanner *s, int fd, char ret_hex[65], uint8_t magic[6], struct err *e)
{
  struct sha256 hash;
  bool is_start = true;

  sha256_init (&hash);
  for (;;)
    {
      ssize_t n = read (fd, s->chunk, CHUNK);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read \"%.160s\"", s->path);
      if (n == 0)
        break;
      if (is_start)
        memcpy (magic, s->chunk, n < 6 ? (size_t) n : 6);
      is_start = false;
      sha256_update (&hash, s->chunk, (size_t) n);
    }
  sha256_hex (&hash, ret_hex);
  return 0;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Digest over sorted names and values of the attributes that a copy carries along; nothing when there are none. */
static int
digest_xattrs (int fd, char ret_hex[65])
{
  char names[4096], path[64];
  const char *sorted[128];
  size_t count = 0;
  struct sha256 hash;

  /* An O_PATH fd has no attribute calls of its own. */
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  ssize_t length = listxattr (path, names, sizeof names);
  for (ssize_t at = 0; at < length && count < 128; at += (ssize_t) strlen (names + at) + 1)
    if (strncmp (names + at, "trusted.overlay.", 16) != 0 && strncmp (names + at, "user.overlay.", 13) != 0
        && strcmp (names + at, "security.selinux") != 0)
      sorted[count++] = names + at;
  if (count == 0)
    return 0;
  char *value cleanup_free = malloc (MAX_XATTRS);
  if (value == NULL)
    return 0;
  qsort (sorted, count, sizeof *sorted, compare_names);
  sha256_init (&hash);
  for (size_t i = 0; i < count; i++)
    {
      ssize_t n = getxattr (path, sorted[i], value, MAX_XATTRS);
      sha256_update (&hash, sorted[i], strlen (sorted[i]) + 1);
      if (n > 0)
        sha256_update (&hash, value, (size_t) n);
    }
  sha256_hex (&hash, ret_hex);
  return 1;
}

static const char *
type_letter (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFREG: return "f";
    case S_IFDIR: return "d";
    case S_IFLNK: return "l";
    case S_IFIFO: return "p";
    case S_IFCHR: return "c";
    case S_IFBLK: return "b";
    default: return "s";
    }
}

static int
add_content (struct scanner *s, int fd, const struct stat *st, struct err *e)
{
  char hex[65], link[PATH_MAX];
  uint8_t magic[6] = { 0 };

  if (S_ISLNK (st->st_mode))
    {
      ssize_t n = readlinkat (fd, "", link, sizeof link - 1);
      if (n < 0)
        return err_errno (e, "cannot read the link \"%.160s\"", s->path);
      buffer_add_string (s->reply, ",");
      buffer_add_json_bytes (s->reply, link, (size_t) n);
    }
  else if (S_ISREG (st->st_mode) && s->digests)
    {
      char path[64];
      (void) snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
      /* The same file that was looked at: the fd is its name. */
      int readable cleanup_fd = open (path, O_RDONLY | O_CLOEXEC);
      if (readable < 0)
        return err_errno (e, "cannot open \"%.160s\"", s->path);
      int r = digest_file (s, readable, hex, magic, e);
      if (r < 0)
        return r;
      buffer_printf (s->reply, ",\"%s%02x%02x%02x%02x%02x%02x\"", hex, magic[0], magic[1], magic[2], magic[3], magic[4], magic[5]);
    }
  else if (S_ISCHR (st->st_mode) || S_ISBLK (st->st_mode))
    buffer_printf (s->reply, ",\"%u:%u\"", major (st->st_rdev), minor (st->st_rdev));
  else
    buffer_add_string (s->reply, ",\"\"");
  if (s->xattrs && !S_ISLNK (st->st_mode) && digest_xattrs (fd, hex) == 1)
    buffer_printf (s->reply, ",\"%s\"", hex);
  return 0;
}

static int scan_children (struct scanner *s, int fd, int depth, struct err *e);

/* One line: [path, type, mode, uid, gid, size, mtime in ms, content, attributes]. */
static int
scan_entry (struct scanner *s, int fd, int depth, struct err *e)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    return err_errno (e, "cannot look at \"%.160s\"", s->path);
  buffer_add_string (s->reply, s->is_first ? "[" : ",[");
  s->is_first = false;
  buffer_add_json (s->reply, s->path);
  buffer_printf (s->reply, ",\"%s\",%u,%u,%u,%lld,%lld", type_letter (st.st_mode), st.st_mode & 07777U, st.st_uid, st.st_gid,
                 (long long) st.st_size, (long long) st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
  int r = add_content (s, fd, &st, e);
  buffer_add_string (s->reply, "]");
  return r == 0 && S_ISDIR (st.st_mode) && s->recursive ? scan_children (s, fd, depth + 1, e) : r;
}

static int
scan_children (struct scanner *s, int fd, int depth, struct err *e)
{
  int own cleanup_fd = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory cleanup_dir = own < 0 ? NULL : fdopendir (own);
  size_t length = strlen (s->path);

  if (directory == NULL)
    return err_errno (e, "cannot read directory \"%.160s\"", s->path);
  (void) steal_fd (&own); /* belongs to the DIR now */
  if (depth > MAX_DEPTH)
    return err_set (e, EFBIG, "directories are nested more than %d deep", MAX_DEPTH);
  for (;;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL)
        return errno == 0 ? 0 : err_errno (e, "cannot read directory \"%.160s\"", s->path);
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      int child cleanup_fd = openat (fd, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
      if (child < 0 && errno == ENOENT)
        continue;
      if (child < 0)
        return err_errno (e, "cannot open an entry of \"%.160s\"", s->path);
      int n = snprintf (s->path + length, sizeof s->path - length, "%s%s", length == 0 ? "" : "/", entry->d_name);
      if (n < 0 || (size_t) n >= sizeof s->path - length)
        return err_set (e, ENAMETOOLONG, "a path below \"%.120s\" is too long", s->path);
      int r = scan_entry (s, child, depth, e);
      s->path[length] = '\0';
      if (r < 0)
        return r;
    }
}

int
scan_run (const struct json *request, struct buffer *reply, struct err *e)
{
  const char **paths cleanup_free = NULL;
  size_t n_paths = 0;
  bool follow = false;
  int root cleanup_fd = -1;
  uint8_t *chunk cleanup_free = malloc (CHUNK);
  struct scanner s = { .reply = reply, .is_first = true, .chunk = chunk };

  if (chunk == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int r = json_strings_or_empty (request, "paths", &paths, &n_paths, e);
  if (r == 0)
    r = json_bool_or (request, "digests", false, &s.digests, e);
  if (r == 0)
    r = json_bool_or (request, "recursive", false, &s.recursive, e);
  if (r == 0)
    r = json_bool_or (request, "xattrs", false, &s.xattrs, e);
  if (r == 0)
    r = json_bool_or (request, "follow", false, &follow, e);
  if (r == 0)
    r = build_root_open (request, &root, e);
  buffer_add_string (reply, ",\"entries\":[");
  for (size_t i = 0; r == 0 && i < n_paths; i++)
    {
      int fd cleanup_fd = tree_open (root, *paths[i] == '\0' ? "." : paths[i], O_PATH | (follow ? 0 : O_NOFOLLOW));
      if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
        continue; /* absent: no line */
      if (fd < 0)
        return err_errno (e, "cannot open \"%.160s\"", paths[i]);
      if (strlen (paths[i]) >= sizeof s.path)
        return err_set (e, ENAMETOOLONG, "\"%.120s\" is too long", paths[i]);
      (void) strcpy (s.path, paths[i]);
      r = scan_entry (&s, fd, 0, e);
    }
  buffer_add_string (reply, "]");
  return r;
}
