#include "helper/sync-entry.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/io.h"
#include "helper/entry-path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum
{
  CHUNK_BYTES = 128 * 1024,
  SPARSE_STEP_BYTES = 1024 * 1024, /* holes are looked for at these places */
  TEXT_BYTES = 1024 * 1024, /* longer text is replaced by rename */
  MAX_LOOKS = 100,
  TEMPORARY_NAME_SIZE = 32,
  KEPT_MODE_BITS = 01777 /* set-id bits would mean another owner than on the host */
};

/* One entry on its way: where it goes and what its source is. */
struct passage
{
  const struct sync_sides *sides;
  const struct sync_pair *pair;
  const char *path; /* clean target */
  int parent_fd;
  const char *name;
  struct stat source;
  bool has_changed; /* the source is not what it was a moment ago: another look is needed */
};

static int
cannot (const struct passage *p, const char *what, struct err *e)
{
  return err_errno (e, "cannot %s \"/%.150s\"", what, p->path);
}

static void
make_temporary_name (char name[TEMPORARY_NAME_SIZE])
{
  uint64_t random = 0;
  if (getrandom (&random, sizeof random, GRND_NONBLOCK) != sizeof random)
    random = (uint64_t) clock_monotonic_ms (); /* O_EXCL tells when that was no good */
  (void) snprintf (name, TEMPORARY_NAME_SIZE, ".tscompose-%016llx", (unsigned long long) random);
}

/* Opens the source. Only the rule's own path may be, or lead through, a link: below it nothing is followed. */
static int
open_source (const struct passage *p, uint64_t flags)
{
  const struct sync_pair *pair = p->pair;

  if (pair->is_root)
    return sync_open (p->sides->host_root, pair->source, flags);
  int base_fd cleanup_fd = sync_open (p->sides->host_root, pair->base, O_PATH | O_DIRECTORY);
  return base_fd < 0 ? base_fd : sync_open_inside (base_fd, pair->source + strlen (pair->base), flags);
}

/* Takes away what is in the way of something of another kind. */
static int
clear_place (const struct passage *p, struct err *e)
{
  char host_path[PATH_MAX];
  struct sync_removal removal = { .ignore = p->pair->ignore };

  memcpy (host_path, p->pair->source, strlen (p->pair->source) + 1);
  int r = sync_remove (p->parent_fd, p->name, host_path, &removal, e);
  if (r == 0 && removal.has_kept)
    return err_set (e, ENOTEMPTY, "\"/%.150s\" holds ignored files or a mount, which stay", p->path);
  return r;
}

/* Where the next data of a sparse file begin; AT itself where the file system does not tell. */
static off_t
skip_hole (int fd, off_t at, off_t size)
{
  off_t data = lseek (fd, at, SEEK_DATA);
  return data >= at ? data : errno == ENXIO && size > at ? size : at;
}

/* Holes stay holes: a large sparse file (the disk of a machine, a database) must not fill the container's. */
static int
copy_content (const struct passage *p, int from, int to, struct err *e)
{
  static char chunk[CHUNK_BYTES];

  for (off_t at = 0;;)
    {
      off_t data = at % SPARSE_STEP_BYTES == 0 ? skip_hole (from, at, p->source.st_size) : at;
      if (data > at && (ftruncate (to, data) < 0 || lseek (to, data, SEEK_SET) < 0))
        return err_errno (e, "cannot write \"/%.120s\"", p->path);
      at = data;
      ssize_t n = pread (from, chunk, sizeof chunk, at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read \"%.150s\"", p->pair->source);
      if (n == 0)
        return 0;
      if (io_write_all (to, chunk, (size_t) n, e) < 0)
        return err_wrap (e, "cannot write \"/%.120s\"", p->path);
      at += n;
      if (sync_has_ended (p->sides))
        return err_set (e, ESRCH, "the container has ended");
    }
}

static int
set_attributes (const struct passage *p, int fd, struct err *e)
{
  const struct timespec times[2] = { p->source.st_atim, p->source.st_mtim };

  if (fchown (fd, p->sides->uid, p->sides->gid) < 0)
    return cannot (p, "set the owner of", e);
  if (fchmod (fd, p->source.st_mode & KEPT_MODE_BITS) < 0)
    return cannot (p, "set the mode of", e);
  if (futimens (fd, times) < 0)
    return cannot (p, "set the time of", e);
  return 0;
}

/* Reads text that is short enough to be written at once; -1 when it is not, or is no text. */
static ssize_t
read_text (int fd, char text[TEXT_BYTES])
{
  size_t held = 0;

  for (;;)
    {
      ssize_t n = pread (fd, text + held, TEXT_BYTES - held, (off_t) held);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || held + (size_t) n == TEXT_BYTES)
        return -1;
      if (n == 0)
        return memchr (text, '\0', held) == NULL ? (ssize_t) held : -1;
      held += (size_t) n;
    }
}

/* Gives a file a new text under its old inode: programs that watch a file rather than its directory (`node --watch`) would not see a second
   one that is renamed over it. Only text, and in one call: what is mapped into running programs must not change under them, and readers
   should not see half of it. Space is taken before, so that a full file system keeps the old text. Returns 1 when done, 0 when the file has to
   be replaced. */
static int
rewrite_text (const struct passage *p, const struct stat *st, int source_fd, struct err *e)
{
  static char text[TEXT_BYTES];

  ssize_t length = st->st_nlink == 1 ? read_text (source_fd, text) : -1;
  if (length < 0)
    return 0;
  int fd cleanup_fd = openat (p->parent_fd, p->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat now;
  if (fd < 0 || fstat (fd, &now) < 0 || now.st_ino != st->st_ino || !S_ISREG (now.st_mode))
    return 0;
  if (length > 0 && fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, length) < 0)
    return errno == ENOSPC || errno == EDQUOT ? cannot (p, "write", e) : 0;
  for (ssize_t done = 0, n; done < length; done += n)
    {
      n = pwrite (fd, text + done, (size_t) (length - done), done);
      if (n < 0 && errno != EINTR)
        return cannot (p, "write", e);
      n = n < 0 ? 0 : n;
    }
  if (length < now.st_size && ftruncate (fd, length) < 0)
    return cannot (p, "write", e);
  return set_attributes (p, fd, e) < 0 ? -e->code : 1;
}

/* Where nothing can be renamed to: a file that is a mount of its own. */
static int
write_in_place (const struct passage *p, int source_fd, struct err *e)
{
  int fd cleanup_fd = openat (p->parent_fd, p->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;

  if (fd < 0 || fstat (fd, &st) < 0)
    return cannot (p, "write", e);
  if (!S_ISREG (st.st_mode))
    return err_set (e, EBUSY, "\"/%.150s\" is in use by a mount", p->path);
  if (ftruncate (fd, 0) < 0)
    return cannot (p, "write", e);
  int r = copy_content (p, source_fd, fd, e);
  return r < 0 ? r : set_attributes (p, fd, e);
}

static int
replace_file (const struct passage *p, int source_fd, struct err *e)
{
  char temporary[TEMPORARY_NAME_SIZE];

  make_temporary_name (temporary);
  int fd cleanup_fd = openat (p->parent_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      struct stat st;
      int reason = errno;
      if (reason == EROFS && fstatat (p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return write_in_place (p, source_fd, e);
      errno = reason;
      return cannot (p, "create", e);
    }
  int r = copy_content (p, source_fd, fd, e);
  if (r == 0)
    r = set_attributes (p, fd, e);
  if (r == 0 && renameat (p->parent_fd, temporary, p->parent_fd, p->name) == 0)
    return 0;
  int code = r == 0 ? errno : 0;
  (void) unlinkat (p->parent_fd, temporary, 0); /* we are failing already */
  if (r < 0)
    return r;
  if (code == EBUSY)
    return write_in_place (p, source_fd, e);
  errno = code;
  return cannot (p, "replace", e);
}

static bool
is_same_content (int one, int other)
{
  static char left[CHUNK_BYTES], right[CHUNK_BYTES];

  for (off_t at = 0;;)
    {
      ssize_t n = pread (one, left, sizeof left, at), m = pread (other, right, sizeof right, at);
      if (n < 0 || n != m || memcmp (left, right, (size_t) n) != 0)
        return false;
      if (n == 0)
        return true;
      at += n;
    }
}

static bool
has_attributes (const struct passage *p, const struct stat *st)
{
  return st->st_uid == p->sides->uid && st->st_gid == p->sides->gid
         && (st->st_mode & 07777) == (p->source.st_mode & KEPT_MODE_BITS) && st->st_mtim.tv_sec == p->source.st_mtim.tv_sec
         && st->st_mtim.tv_nsec == p->source.st_mtim.tv_nsec;
}

static int
pass_file (struct passage *p, struct sync_outcome *ret, struct err *e)
{
  int source_fd cleanup_fd = open_source (p, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  int r = 0;

  if (source_fd < 0)
    {
      p->has_changed = errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO;
      return err_errno (e, "cannot read \"%.150s\"", p->pair->source);
    }
  if (fstat (source_fd, &p->source) < 0 || !S_ISREG (p->source.st_mode))
    {
      p->has_changed = true;
      return err_set (e, EAGAIN, "\"%.150s\" changes while it is read", p->pair->source);
    }
  bool is_there = fstatat (p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there)
    {
      if (S_ISDIR (st.st_mode) && clear_place (p, e) < 0)
        return -e->code;
      if (S_ISREG (st.st_mode) && st.st_size == p->source.st_size)
        {
          int fd cleanup_fd = openat (p->parent_fd, p->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
          if (fd >= 0 && is_same_content (source_fd, fd))
            {
              ret->done = has_attributes (p, &st) ? SYNC_SAME : SYNC_ATTRIBUTES;
              return ret->done == SYNC_SAME ? 0 : set_attributes (p, fd, e);
            }
        }
    }
  *ret = (struct sync_outcome){ .done = SYNC_WRITTEN, .bytes = (uint64_t) p->source.st_size };
  if (is_there && S_ISREG (st.st_mode))
    r = rewrite_text (p, &st, source_fd, e);
  if (r != 0)
    return r < 0 ? r : 0;
  return replace_file (p, source_fd, e);
}

static int
pass_directory (const struct passage *p, enum sync_done *ret, struct err *e)
{
  mode_t mode = p->source.st_mode & KEPT_MODE_BITS;
  struct stat st;

  if (fstatat (p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    {
      /* A target that the image has as a link to a directory stays one: what is below it goes where it leads. */
      bool is_link = p->pair->is_root && S_ISLNK (st.st_mode);
      int led cleanup_fd = is_link ? sync_open (p->sides->container_root, p->path, O_PATH | O_DIRECTORY) : -1;
      *ret = led >= 0 || (S_ISDIR (st.st_mode) && (p->pair->is_root || (st.st_mode & 07777) == mode)) ? SYNC_SAME : SYNC_ATTRIBUTES;
      if (*ret == SYNC_SAME)
        return 0;
      if (S_ISDIR (st.st_mode))
        /* The owner too: a mode that keeps others out must let the service in. */
        return fchownat (p->parent_fd, p->name, p->sides->uid, p->sides->gid, AT_SYMLINK_NOFOLLOW) < 0
                       || fchmodat (p->parent_fd, p->name, mode, 0) < 0
                   ? cannot (p, "set the mode of", e)
                   : 0;
      int r = clear_place (p, e);
      if (r < 0)
        return r;
    }
  *ret = SYNC_DIRECTORY;
  if (mkdirat (p->parent_fd, p->name, mode) < 0)
    return cannot (p, "create directory", e);
  if (fchownat (p->parent_fd, p->name, p->sides->uid, p->sides->gid, AT_SYMLINK_NOFOLLOW) < 0)
    return cannot (p, "set the owner of", e);
  return 0;
}

static int
pass_link (const struct passage *p, int source_fd, enum sync_done *ret, struct err *e)
{
  char wanted[PATH_MAX], present[PATH_MAX], temporary[TEMPORARY_NAME_SIZE];
  const struct timespec times[2] = { p->source.st_atim, p->source.st_mtim };
  struct stat st;

  ssize_t n = readlinkat (source_fd, "", wanted, sizeof wanted - 1);
  if (n < 0)
    return err_errno (e, "cannot read the link \"%.150s\"", p->pair->source);
  wanted[n] = '\0';
  ssize_t m = readlinkat (p->parent_fd, p->name, present, sizeof present - 1);
  if (m == n && memcmp (wanted, present, (size_t) n) == 0)
    {
      *ret = SYNC_SAME;
      return 0;
    }
  if (fstatat (p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode) && clear_place (p, e) < 0)
    return -e->code;
  make_temporary_name (temporary);
  if (symlinkat (wanted, p->parent_fd, temporary) < 0)
    return cannot (p, "create the link", e);
  if (fchownat (p->parent_fd, temporary, p->sides->uid, p->sides->gid, AT_SYMLINK_NOFOLLOW) < 0
      || utimensat (p->parent_fd, temporary, times, AT_SYMLINK_NOFOLLOW) < 0
      || renameat (p->parent_fd, temporary, p->parent_fd, p->name) < 0)
    {
      int r = cannot (p, "create the link", e);
      (void) unlinkat (p->parent_fd, temporary, 0); /* we are failing already */
      return r;
    }
  *ret = SYNC_LINK;
  return 0;
}

static int
pass_absence (const struct passage *p, enum sync_done *ret, struct err *e)
{
  char host_path[PATH_MAX];
  struct sync_removal removal = { .ignore = p->pair->ignore };
  struct stat st;

  if (p->pair->is_root && p->pair->is_partial && fstatat (p->parent_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode))
    return 0;
  memcpy (host_path, p->pair->source, strlen (p->pair->source) + 1);
  int r = sync_remove (p->parent_fd, p->name, host_path, &removal, e);
  *ret = removal.has_removed ? SYNC_REMOVED : SYNC_SAME;
  return r;
}

/* Nothing is made on the way to something that is to be absent. */
static bool
is_absent_already (const struct sync_sides *s, const char *path)
{
  int fd cleanup_fd = sync_open (s->container_root, path, O_PATH | O_NOFOLLOW);
  return fd < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* One look at both sides. */
static int
sync_once (struct passage *p, struct sync_outcome *ret, struct err *e)
{
  const struct sync_sides *s = p->sides;
  const struct sync_pair *pair = p->pair;

  *ret = (struct sync_outcome){ .done = SYNC_SAME };
  int source_fd cleanup_fd = open_source (p, O_PATH);
  /* A link where a directory was: nothing is below a link, which is copied by itself. */
  if (source_fd == -ELOOP)
    return 0;
  bool is_absent = source_fd == -ENOENT || source_fd == -ENOTDIR;
  if ((source_fd < 0 && !is_absent) || (source_fd >= 0 && fstat (source_fd, &p->source) < 0))
    return err_errno (e, "cannot look at \"%.150s\"", pair->source);
  /* The container's `/` is there and stays. */
  if (p->path[0] == '\0')
    return is_absent || S_ISDIR (p->source.st_mode) ? 0 : err_set (e, EISDIR, "the target of \"%.150s\" is /", pair->source);
  if (is_absent && is_absent_already (s, p->path))
    return 0;
  int parent_fd cleanup_fd = -1;
  int r = sync_open_parent (s, p->path, &parent_fd, &p->name, e);
  p->parent_fd = parent_fd;
  if (r < 0)
    return r;
  if (is_absent)
    return pass_absence (p, &ret->done, e);
  if (S_ISREG (p->source.st_mode))
    return pass_file (p, ret, e);
  if (S_ISDIR (p->source.st_mode))
    return pass_directory (p, &ret->done, e);
  if (S_ISLNK (p->source.st_mode))
    return pass_link (p, source_fd, &ret->done, e);
  ret->done = SYNC_UNSUPPORTED;
  return 0;
}

int
sync_entry (const struct sync_sides *s, const struct sync_pair *pair, struct sync_outcome *ret, struct err *e)
{
  char path[PATH_MAX];

  if (strlen (pair->source) >= PATH_MAX || strlen (pair->target) >= PATH_MAX)
    return err_set (e, ENAMETOOLONG, "\"%.150s\" is too long", pair->source);
  int r = entry_path_clean (pair->target, path, e);
  if (r < 0)
    return r;
  for (int looks = 1;; looks++)
    {
      struct passage p = { .sides = s, .pair = pair, .path = path };
      r = sync_once (&p, ret, e);
      if (r == 0 || !p.has_changed || looks == MAX_LOOKS)
        return r;
    }
}
