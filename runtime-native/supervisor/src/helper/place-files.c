#include "helper/place-files.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "helper/build-root.h"
#include "helper/extract.h"
#include "helper/link-table.h"
#include "helper/stream.h"
#include "helper/target-path.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum
{
  CHUNK = 256 * 1024,
  MAX_XATTRS = 64 * 1024
};

/* Creating children changes a directory's time, so it is set when all is there. */
struct placed_directory
{
  char *path;
  struct timespec mtime;
};

struct placer
{
  int source_fd;
  struct target target;
  int64_t uid; /* -1: as the source */
  int64_t gid;
  bool xattrs;
  char *chunk;
  struct link_table links;
  struct placed_directory *directories;
  size_t n_directories;
};

/* One job: [kind, from, to, mode]. Kinds are in README.md. */
struct job
{
  char kind;
  const char *from;
  const char *to;
  mode_t mode;
};

static void
placer_free (struct placer *p)
{
  target_forget (&p->target);
  for (size_t i = 0; i < p->n_directories; i++)
    free (p->directories[i].path);
  link_table_free (&p->links);
  free (p->directories);
}

/* Room for one more element of a list that grows by doubling. */
static void *
grow (void *list, size_t count, size_t size, struct err *e)
{
  if ((count & (count - 1)) != 0)
    return list;
  void *grown = reallocarray (list, count == 0 ? 1 : 2 * count, size);
  if (grown == NULL)
    (void) err_set (e, ENOMEM, "out of memory");
  return grown;
}

static int
read_job (const struct json *element, struct job *ret, struct err *e)
{
  const struct json *kind = element->type == JSON_ARRAY ? element->first : NULL;
  const struct json *from = kind == NULL ? NULL : kind->next;
  const struct json *to = from == NULL ? NULL : from->next;
  const struct json *mode = to == NULL ? NULL : to->next;
  if (mode == NULL || kind->type != JSON_STRING || from->type != JSON_STRING || to->type != JSON_STRING || !mode->is_integer)
    return err_set (e, EINVAL, "a job is not [kind, from, to, mode]");
  *ret = (struct job){ .kind = kind->string[0], .from = from->string, .to = to->string, .mode = (mode_t) mode->integer & 07777 };
  return 0;
}

static bool
is_carried (const char *name)
{
  return strncmp (name, "trusted.overlay.", 16) != 0 && strncmp (name, "user.overlay.", 13) != 0 && strcmp (name, "security.selinux") != 0;
}

static int
copy_xattrs (int from, int to, const char *shown, struct err *e)
{
  char names[4096];
  ssize_t length = flistxattr (from, names, sizeof names);
  char *value cleanup_free = length <= 0 ? NULL : malloc (MAX_XATTRS);

  for (ssize_t at = 0; value != NULL && at < length; at += (ssize_t) strlen (names + at) + 1)
    {
      const char *name = names + at;
      ssize_t n = is_carried (name) ? fgetxattr (from, name, value, MAX_XATTRS) : -1;
      /* As with archives: only capabilities must not get lost. */
      if (n >= 0 && fsetxattr (to, name, value, (size_t) n, 0) < 0 && strcmp (name, "security.capability") == 0)
        return err_errno (e, "cannot set the capabilities of \"/%.160s\"", shown);
    }
  return 0;
}

static int
copy_data (const struct placer *p, int from, int to, struct err *e)
{
  for (;;)
    {
      ssize_t n = copy_file_range (from, NULL, to, NULL, (size_t) 1 << 30, 0);
      if (n == 0)
        return 0;
      if (n < 0)
        break; /* between these file systems it has to be read and written */
    }
  for (;;)
    {
      ssize_t n = read (from, p->chunk, CHUNK);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read a file");
      if (n == 0)
        return 0;
      int r = io_write_all (to, p->chunk, (size_t) n, e);
      if (r < 0)
        return r;
    }
}

static uid_t
owner_of (const struct placer *p, const struct stat *st)
{
  return p->uid < 0 ? st->st_uid : (uid_t) p->uid;
}

static gid_t
group_of (const struct placer *p, const struct stat *st)
{
  return p->gid < 0 ? st->st_gid : (gid_t) p->gid;
}

/* What is in the way of a file goes, unless it is a directory. */
static int
clear_place (int parent, const char *name, const char *shown, struct err *e)
{
  if (unlinkat (parent, name, 0) == 0 || errno == ENOENT)
    return 0;
  if (errno == EISDIR)
    return err_set (e, EISDIR, "\"/%.160s\" is a directory: a file cannot replace it", shown);
  return err_errno (e, "cannot replace \"/%.160s\"", shown);
}

/* 1: linked to a name that the same file got before. */
static int
try_hard_link (struct placer *p, const struct stat *st, const char *to, struct err *e)
{
  const char *first = NULL, *name = "";
  int parent = -1;
  char path[64];

  if (st->st_nlink < 2)
    return 0;
  int r = link_table_meet (&p->links, st->st_dev, st->st_ino, to, &first, e);
  if (r < 0 || first == NULL)
    return r;
  int earlier cleanup_fd = tree_open (p->target.root_fd, first, O_PATH | O_NOFOLLOW);
  r = target_parent (&p->target, to, &parent, &name, e);
  if (r < 0)
    return r;
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d", earlier);
  /* Where it cannot be linked it is copied again. */
  return earlier >= 0 && linkat (AT_FDCWD, path, parent, name, AT_SYMLINK_FOLLOW) == 0 ? 1 : 0;
}

static int
set_attributes (const struct placer *p, const struct job *job, const struct stat *st, int fd, int source, struct err *e)
{
  const struct timespec times[2] = { st->st_mtim, st->st_mtim };

  /* The owner first: a change of owner clears set-id bits and capabilities. */
  if (fchown (fd, owner_of (p, st), group_of (p, st)) < 0)
    return err_errno (e, "cannot set the owner of \"/%.160s\"", job->to);
  if (fchmod (fd, job->mode) < 0)
    return err_errno (e, "cannot set the mode of \"/%.160s\"", job->to);
  int r = p->xattrs ? copy_xattrs (source, fd, job->to, e) : 0;
  if (r == 0 && futimens (fd, times) < 0)
    return err_errno (e, "cannot set the time of \"/%.160s\"", job->to);
  return r;
}

static int
place_file (struct placer *p, const struct job *job, struct err *e)
{
  struct stat st;
  int parent = -1;
  const char *name = "";
  int source cleanup_fd = tree_open (p->source_fd, job->from, O_RDONLY | O_NONBLOCK | O_NOCTTY | (job->kind == 'F' ? 0 : O_NOFOLLOW));
  if (source < 0 || fstat (source, &st) < 0)
    return err_errno (e, "cannot open \"%.160s\"", job->from);
  if (!S_ISREG (st.st_mode))
    return err_set (e, ESTALE, "\"%.160s\" has changed during the build", job->from);
  int r = target_parent (&p->target, job->to, &parent, &name, e);
  if (r == 0)
    r = clear_place (parent, name, job->to, e);
  if (r == 0)
    r = try_hard_link (p, &st, job->to, e);
  if (r != 0)
    return r < 0 ? r : 0;
  int fd cleanup_fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return err_errno (e, "cannot create \"/%.160s\"", job->to);
  r = copy_data (p, source, fd, e);
  return r == 0 ? set_attributes (p, job, &st, fd, source, e) : r;
}

/* A top file whose destination is a directory goes into it. */
static int
place_top_file (struct placer *p, const struct job *job, struct err *e)
{
  char inside[PATH_MAX];
  struct job moved = *job;
  int directory cleanup_fd = tree_open (p->target.root_fd, job->to, O_PATH | O_DIRECTORY);

  if (directory >= 0)
    {
      const char *slash = strrchr (job->from, '/');
      int n = snprintf (inside, sizeof inside, "%s/%s", job->to, slash == NULL ? job->from : slash + 1);
      if (n < 0 || (size_t) n >= sizeof inside)
        return err_set (e, ENAMETOOLONG, "\"%.160s\" is too long", job->to);
      moved.to = inside;
    }
  return place_file (p, &moved, e);
}

static int
place_text (struct placer *p, const struct job *job, struct err *e)
{
  int parent = -1;
  const char *name = "";
  int r = target_parent (&p->target, job->to, &parent, &name, e);
  if (r == 0)
    r = clear_place (parent, name, job->to, e);
  if (r < 0)
    return r;
  int fd cleanup_fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return err_errno (e, "cannot create \"/%.160s\"", job->to);
  r = io_write_all (fd, job->from, strlen (job->from), e);
  if (r == 0 && (fchown (fd, p->uid < 0 ? 0 : (uid_t) p->uid, p->gid < 0 ? 0 : (gid_t) p->gid) < 0 || fchmod (fd, job->mode) < 0))
    return err_errno (e, "cannot set the owner of \"/%.160s\"", job->to);
  return r;
}

static int
place_node (struct placer *p, const struct job *job, struct err *e)
{
  struct stat st;
  char link[PATH_MAX];
  int parent = -1;
  const char *name = "";
  int source cleanup_fd = tree_open (p->source_fd, job->from, O_PATH | O_NOFOLLOW);
  if (source < 0 || fstat (source, &st) < 0)
    return err_errno (e, "cannot open \"%.160s\"", job->from);
  int r = target_parent (&p->target, job->to, &parent, &name, e);
  if (r == 0)
    r = clear_place (parent, name, job->to, e);
  if (r < 0)
    return r;
  if (S_ISLNK (st.st_mode))
    {
      ssize_t n = readlinkat (source, "", link, sizeof link - 1);
      if (n < 0)
        return err_errno (e, "cannot read the link \"%.160s\"", job->from);
      link[n] = '\0';
      r = symlinkat (link, parent, name);
    }
  else
    r = mknodat (parent, name, (st.st_mode & S_IFMT) | job->mode, st.st_rdev);
  if (r < 0 || fchownat (parent, name, owner_of (p, &st), group_of (p, &st), AT_SYMLINK_NOFOLLOW) < 0)
    return err_errno (e, "cannot create \"/%.160s\"", job->to);
  const struct timespec times[2] = { st.st_mtim, st.st_mtim };
  return utimensat (parent, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? err_errno (e, "cannot set the time of \"/%.160s\"", job->to) : 0;
}

static int
remember_directory (struct placer *p, const char *to, struct timespec mtime, struct err *e)
{
  struct placed_directory *directories = grow (p->directories, p->n_directories, sizeof *directories, e);
  if (directories == NULL)
    return -e->code;
  p->directories = directories;
  p->directories[p->n_directories] = (struct placed_directory){ .path = strdup (to), .mtime = mtime };
  return p->directories[p->n_directories++].path == NULL ? err_set (e, ENOMEM, "out of memory") : 0;
}

static int
place_directory (struct placer *p, const struct job *job, struct err *e)
{
  struct stat st;
  int parent = -1;
  const char *name = "";
  int source cleanup_fd
    = tree_open (p->source_fd, *job->from == '\0' ? "." : job->from, O_RDONLY | O_DIRECTORY | (job->kind == 'D' ? 0 : O_NOFOLLOW));
  if (source < 0 || fstat (source, &st) < 0)
    return err_errno (e, "cannot open \"%.160s\"", job->from);
  int existing cleanup_fd = tree_open (p->target.root_fd, *job->to == '\0' ? "." : job->to, O_RDONLY | O_DIRECTORY);
  if (existing >= 0)
    return job->kind == 'D' ? 0 : set_attributes (p, job, &st, existing, source, e) < 0 ? -e->code : remember_directory (p, job->to, st.st_mtim, e);
  int r = target_parent (&p->target, job->to, &parent, &name, e);
  if (r < 0)
    return r;
  if (mkdirat (parent, name, 0700) < 0)
    return errno == EEXIST ? err_set (e, ENOTDIR, "\"/%.160s\" is no directory", job->to)
                           : err_errno (e, "cannot create directory \"/%.160s\"", job->to);
  int fd cleanup_fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return err_errno (e, "cannot open directory \"/%.160s\"", job->to);
  r = set_attributes (p, job, &st, fd, source, e);
  return r == 0 ? remember_directory (p, job->to, st.st_mtim, e) : r;
}

/* A directory as such, made with all that lead to it; an existing one stays as it is. */
static int
make_directory (struct placer *p, const struct job *job, struct err *e)
{
  char below[PATH_MAX];
  int parent = -1;
  const char *name = "";
  int n = snprintf (below, sizeof below, "%s/.", job->to);
  if (n < 0 || (size_t) n >= sizeof below)
    return err_set (e, ENAMETOOLONG, "\"%.160s\" is too long", job->to);
  return target_parent (&p->target, below, &parent, &name, e);
}

static int
place (struct placer *p, const struct job *job, struct err *e)
{
  switch (job->kind)
    {
    case 'F': return place_top_file (p, job, e);
    case 'f': return place_file (p, job, e);
    case 'n': return place_node (p, job, e);
    case 'D':
    case 'd': return place_directory (p, job, e);
    case 'm': return make_directory (p, job, e);
    case 't': return place_text (p, job, e);
    default: return err_set (e, EINVAL, "unknown kind of job \"%c\"", job->kind);
    }
}

static int
set_directory_times (struct placer *p, struct err *e)
{
  for (size_t i = p->n_directories; i > 0; i--)
    {
      const struct placed_directory *one = &p->directories[i - 1];
      const struct timespec times[2] = { one->mtime, one->mtime };
      int fd cleanup_fd = tree_open (p->target.root_fd, one->path, O_RDONLY | O_DIRECTORY);
      if (fd >= 0 && futimens (fd, times) < 0)
        return err_errno (e, "cannot set the time of \"/%.160s\"", one->path);
    }
  return 0;
}

static int
open_target (const struct json *request, struct placer *p, struct err *e)
{
  int r = json_integer_or (request, "uid", -1, UINT32_MAX - 1, -1, &p->uid, e);
  if (r == 0)
    r = json_integer_or (request, "gid", -1, UINT32_MAX - 1, -1, &p->gid, e);
  if (r == 0)
    r = build_root_open (json_get (request, "target"), &p->target.root_fd, e);
  p->target.uid = p->uid < 0 ? 0 : (uid_t) p->uid;
  p->target.gid = p->gid < 0 ? 0 : (gid_t) p->gid;
  return r;
}

int
place_files_run (const struct json *request, struct buffer *reply, struct err *e)
{
  struct placer p __attribute__ ((cleanup (placer_free))) = { .source_fd = -1, .target = { .root_fd = -1, .parent_fd = -1 } };
  int source_fd cleanup_fd = -1, target_fd cleanup_fd = -1;
  const struct json *jobs = NULL;
  char *chunk cleanup_free = malloc (CHUNK);
  (void) reply; /* success says it all */

  if (chunk == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int r = json_bool_or (request, "xattrs", false, &p.xattrs, e);
  if (r == 0)
    r = json_array_or_empty (request, "jobs", &jobs, e);
  if (r == 0 && json_get (request, "source") != NULL)
    r = build_root_open (json_get (request, "source"), &source_fd, e);
  if (r == 0)
    r = open_target (request, &p, e);
  target_fd = p.target.root_fd;
  p.source_fd = source_fd;
  p.chunk = chunk;
  for json_each (element, jobs)
    {
      struct job job = { 0 };
      if (r == 0)
        r = read_job (element, &job, e);
      if (r == 0)
        r = place (&p, &job, e);
      if (r < 0)
        return r;
    }
  return r == 0 ? set_directory_times (&p, e) : r;
}

int
add_archive_run (const struct json *request, struct buffer *reply, struct err *e)
{
  struct placer p __attribute__ ((cleanup (placer_free))) = { .source_fd = -1, .target = { .root_fd = -1, .parent_fd = -1 } };
  int target_fd cleanup_fd = -1, archive_fd cleanup_fd = -1, root_fd cleanup_fd = -1, source_fd cleanup_fd = -1;
  const char *to = NULL, *from = NULL;
  struct stream *stream cleanup_stream = NULL;
  struct tar *tar cleanup_tar = NULL;
  uint64_t entries = 0;
  char below[PATH_MAX];
  int parent = -1;
  const char *name = "";

  int r = json_string (request, "to", &to, e);
  if (r == 0)
    r = json_string_or (request, "from", NULL, &from, e);
  if (r == 0 && from != NULL)
    r = build_root_open (json_get (request, "source"), &source_fd, e);
  if (r < 0)
    return r;
  archive_fd = from == NULL ? fcntl (3, F_DUPFD_CLOEXEC, 4) : tree_open (source_fd, from, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (archive_fd < 0)
    return err_errno (e, "cannot open \"%.160s\"", from == NULL ? "the stream" : from);
  struct stream_source source = { .fd = archive_fd, .length = -1, .copy_fd = -1, .max_bytes = INT64_MAX };
  r = stream_open (&source, &stream, e);
  if (r == 0)
    r = tar_open (stream, &tar, e);
  if (r < 0)
    return r;
  r = open_target (request, &p, e);
  target_fd = p.target.root_fd;
  int n = snprintf (below, sizeof below, "%s%s.", to, *to == '\0' ? "" : "/");
  if (r == 0 && (n < 0 || (size_t) n >= sizeof below))
    r = err_set (e, ENAMETOOLONG, "\"%.160s\" is too long", to);
  if (r == 0)
    r = target_parent (&p.target, below, &parent, &name, e);
  if (r < 0)
    return r;
  root_fd = tree_open (p.target.root_fd, *to == '\0' ? "." : to, O_RDONLY | O_DIRECTORY);
  if (root_fd < 0)
    return err_errno (e, "cannot open \"/%.160s\"", to);
  r = extract_archive (tar, root_fd, &entries, e);
  /* Damaged from the first byte on: not an archive at all, which is for the caller to judge. */
  if (r == -EBADMSG && entries == 0)
    {
      buffer_add_string (reply, ",\"isArchive\":false");
      return 0;
    }
  buffer_add_string (reply, ",\"isArchive\":true");
  return r;
}
