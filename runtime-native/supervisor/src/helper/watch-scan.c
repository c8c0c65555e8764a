#include "helper/watch-scan.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "common/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum
{
  /* More than this is not kept for a reader that is slow. */
  MAX_UNREAD_BYTES = 1024 * 1024
};

static const uint32_t EVENTS = IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR
                               | IN_EXCL_UNLINK;

int
watch_flush (struct watcher *w, struct err *e)
{
  int r = io_write_all (STDOUT_FILENO, w->out.data, w->out.length, e);
  buffer_consume (&w->out, w->out.length);
  w->last_line = 0;
  return r;
}

static bool
is_text (const char *name)
{
  size_t left = strlen (name);
  while (left > 0)
    {
      size_t n = utf8_sequence ((const unsigned char *) name, left);
      if (n == 0)
        return false;
      name += n;
      left -= n;
    }
  return true;
}

static int
emit_notice (struct watcher *w, const char *what, const char *path, struct err *e)
{
  buffer_printf (&w->out, "{\"notice\":\"%s\",\"path\":", what);
  buffer_add_json (&w->out, path);
  buffer_add_string (&w->out, "}\n");
  return watch_flush (w, e);
}

int
watch_emit (struct watcher *w, size_t root, enum watch_kind kind, const char *path, struct err *e)
{
  size_t base = strlen (w->roots[root].path), start = w->out.length;
  const char *relative = path[base] == '/' ? path + base + 1 : "";

  if (!is_text (relative))
    return emit_notice (w, "not-utf8", path, e);
  buffer_printf (&w->out, "[%zu,\"%c\",", root, (char) kind);
  buffer_add_json (&w->out, relative);
  buffer_add_string (&w->out, "]\n");
  /* A file that is written piece by piece says the same again and again. */
  size_t length = w->out.length - start;
  if (start > 0 && start - w->last_line == length && memcmp (w->out.data + w->last_line, w->out.data + start, length) == 0)
    w->out.length = start;
  else
    w->last_line = start;
  return w->out.length > MAX_UNREAD_BYTES ? watch_flush (w, e) : 0;
}

bool
watch_path (const struct watcher *w, const struct watch_dir *dir, char path[PATH_MAX])
{
  if (dir->parent == NULL)
    {
      memcpy (path, w->roots[dir->root].path, strlen (w->roots[dir->root].path) + 1);
      return true;
    }
  if (!watch_path (w, dir->parent, path))
    return false;
  size_t length = strlen (path), more = strlen (dir->name);
  if (length + 1 + more >= PATH_MAX)
    return false;
  path[length] = '/';
  memcpy (path + length + 1, dir->name, more + 1);
  return true;
}

/* Tells of everything that was below a directory. */
static int
emit_gone_below (struct watcher *w, const struct watch_dir *dir, char *path, struct err *e)
{
  size_t length = strlen (path);
  int r = 0;

  for (size_t i = 0; i < dir->n_buckets; i++)
    for (const struct watch_entry *entry = dir->buckets[i]; entry != NULL && r == 0; entry = entry->next)
      {
        size_t more = strlen (entry->name);
        if (length + 1 + more >= PATH_MAX)
          continue; /* told as too deep when it was read */
        path[length] = '/';
        memcpy (path + length + 1, entry->name, more + 1);
        r = entry->dir == NULL ? 0 : emit_gone_below (w, entry->dir, path, e);
        if (r == 0 && !ignore_covers (&w->roots[dir->root].ignore, path))
          r = watch_emit (w, dir->root, WATCH_GONE, path, e);
        path[length] = '\0';
      }
  return r;
}

int
watch_forget (struct watcher *w, struct watch_dir *dir, const char *name, char *path, struct err *e)
{
  const struct watch_entry *entry = watch_entry_find (dir, name);
  int r = 0;

  if (entry != NULL && entry->dir != NULL)
    r = emit_gone_below (w, entry->dir, path, e);
  watch_entry_remove (&w->table, dir, name);
  return r;
}

int
watch_forget_top (struct watcher *w, size_t index, struct err *e)
{
  struct watch_root *root = &w->roots[index];
  char path[PATH_MAX];

  if (root->top == NULL)
    return 0;
  memcpy (path, root->path, strlen (root->path) + 1);
  int r = emit_gone_below (w, root->top, path, e);
  watch_table_drop (&w->table, root->top);
  root->top = NULL;
  return r;
}

static int
out_of_memory (struct err *e)
{
  return err_set (e, ENOMEM, "out of memory");
}

/* Begins to watch a directory; what has vanished, or may not be read, is no error. Returns 1 when it is watched. */
static int
add_watch (struct watcher *w, struct watch_dir *dir, const char *path, struct err *e)
{
  int wd = inotify_add_watch (w->table.fd, path, EVENTS | (dir->parent == NULL ? 0 : IN_DONT_FOLLOW));
  if (wd < 0)
    switch (errno)
      {
      case ENOENT:
      case ENOTDIR:
      case ELOOP: return 0;
      case EACCES: return emit_notice (w, "unreadable", path, e);
      default: return err_errno (e, "cannot watch \"%.150s\"", path);
      }
  return watch_table_set (&w->table, dir, wd) ? 1 : out_of_memory (e);
}

static bool
is_directory (const struct dirent *found, int dir_fd)
{
  struct stat st;
  if (found->d_type != DT_UNKNOWN)
    return found->d_type == DT_DIR;
  return fstatat (dir_fd, found->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (st.st_mode);
}

/* One name of a directory that is being read; PATH is the whole one. */
static int
take_entry (struct watcher *w, struct watch_dir *dir, const struct dirent *found, bool is_dir, char *path, enum watch_mode mode,
            struct err *e)
{
  const struct ignore *ignore = &w->roots[dir->root].ignore;
  bool is_covered = ignore_covers (ignore, path);

  if (is_covered && (!is_dir || ignore_prunes (ignore, path)))
    return 0;
  struct watch_entry *entry = watch_entry_find (dir, found->d_name);
  if (!is_dir && entry != NULL && entry->dir != NULL && watch_forget (w, dir, found->d_name, path, e) < 0)
    return -e->code;
  entry = watch_entry_add (&w->table, dir, found->d_name);
  if (entry == NULL)
    return out_of_memory (e);
  entry->seen = true;
  if (is_dir && entry->dir == NULL)
    {
      entry->dir = watch_dir_new (dir->root, dir, entry->name);
      if (entry->dir == NULL)
        return out_of_memory (e);
    }
  if (mode == WATCH_QUIET || is_covered)
    return 0;
  return watch_emit (w, dir->root, mode == WATCH_LIST ? WATCH_FOUND : WATCH_WRITTEN, path, e);
}

static void
mark_unseen (struct watch_dir *dir)
{
  for (size_t i = 0; i < dir->n_buckets; i++)
    for (struct watch_entry *entry = dir->buckets[i]; entry != NULL; entry = entry->next)
      entry->seen = false;
}

static int
read_names (struct watcher *w, struct watch_dir *dir, char *path, enum watch_mode mode, struct err *e)
{
  size_t length = strlen (path);
  DIR *stream cleanup_dir = opendir (path);
  if (stream == NULL)
    return errno == EMFILE || errno == ENOMEM ? err_errno (e, "cannot read \"%.150s\"", path) : 0;
  int r = 0;
  for (const struct dirent *found = NULL; r == 0 && (found = readdir (stream)) != NULL;)
    {
      size_t more = strlen (found->d_name);
      if (strcmp (found->d_name, ".") == 0 || strcmp (found->d_name, "..") == 0)
        continue;
      if (length + 1 + more >= PATH_MAX)
        return emit_notice (w, "too-deep", path, e);
      path[length] = '/';
      memcpy (path + length + 1, found->d_name, more + 1);
      r = take_entry (w, dir, found, is_directory (found, dirfd (stream)), path, mode, e);
      path[length] = '\0';
    }
  return r;
}

/* Tells of names that were there before and were not found now. */
static int
remove_unseen (struct watcher *w, struct watch_dir *dir, char *path, struct err *e)
{
  size_t length = strlen (path);
  int r = 0;

  for (size_t i = 0; i < dir->n_buckets; i++)
    for (struct watch_entry *entry = dir->buckets[i], *next; entry != NULL && r == 0; entry = next)
      {
        next = entry->next;
        if (entry->seen || length + 1 + strlen (entry->name) >= PATH_MAX)
          continue;
        path[length] = '/';
        memcpy (path + length + 1, entry->name, strlen (entry->name) + 1);
        r = watch_emit (w, dir->root, WATCH_GONE, path, e);
        if (r == 0)
          r = watch_forget (w, dir, entry->name, path, e);
        path[length] = '\0';
      }
  return r;
}

int
watch_scan (struct watcher *w, struct watch_dir *dir, char *path, enum watch_mode mode, struct err *e)
{
  size_t length = strlen (path);
  /* Watched first and read then: what appears in between is told twice rather than not at all. */
  int r = add_watch (w, dir, path, e);
  if (r <= 0)
    return r;
  mark_unseen (dir);
  r = read_names (w, dir, path, mode, e);
  if (r == 0)
    r = remove_unseen (w, dir, path, e);
  for (size_t i = 0; i < dir->n_buckets; i++)
    for (struct watch_entry *entry = dir->buckets[i]; entry != NULL && r == 0; entry = entry->next)
      {
        if (entry->dir == NULL)
          continue;
        path[length] = '/';
        memcpy (path + length + 1, entry->name, strlen (entry->name) + 1);
        r = watch_scan (w, entry->dir, path, mode, e);
        path[length] = '\0';
      }
  return r;
}

/* Cuts the last component; "/" stays. */
static void
cut_last (char *path)
{
  char *slash = strrchr (path, '/');
  slash[slash == path ? 1 : 0] = '\0';
}

/* Watches the deepest directory above a root that there is, in place of the one before. */
static int
set_anchor (struct watcher *w, size_t index, struct err *e)
{
  struct watch_root *root = &w->roots[index];
  int before = w->table.anchors[index], wd = -1;

  memcpy (root->anchor, root->path, strlen (root->path) + 1);
  do
    {
      cut_last (root->anchor);
      wd = inotify_add_watch (w->table.fd, root->anchor, EVENTS | IN_DELETE_SELF | IN_MOVE_SELF);
      if (wd < 0 && errno != ENOENT && errno != ENOTDIR)
        return err_errno (e, "cannot watch \"%.150s\"", root->anchor);
    }
  while (wd < 0 && root->anchor[1] != '\0');
  if (wd < 0)
    return err_errno (e, "cannot watch \"/\"");
  w->table.anchors[index] = wd;
  if (before >= 0 && before != wd && !watch_table_uses (&w->table, before))
    (void) inotify_rm_watch (w->table.fd, before); /* fails when its directory has gone */
  return 0;
}

/* Whether the next component below the anchor has appeared since, so that the anchor is too high. */
static bool
is_anchor_too_high (const struct watch_root *root)
{
  char next[PATH_MAX];
  struct stat st;
  size_t n = root->anchor[1] == '\0' ? 1 : strlen (root->anchor) + 1;
  size_t end = n + strcspn (root->path + n, "/");

  memcpy (next, root->path, end);
  next[end] = '\0';
  return root->path[end] != '\0' && stat (next, &st) == 0 && S_ISDIR (st.st_mode);
}

int
watch_attach (struct watcher *w, size_t index, enum watch_mode mode, struct err *e)
{
  struct watch_root *root = &w->roots[index];
  enum watch_kind kind = mode == WATCH_LIST ? WATCH_FOUND : WATCH_WRITTEN;
  char path[PATH_MAX];
  struct stat st;
  int r = 0;

  do
    r = set_anchor (w, index, e);
  while (r == 0 && is_anchor_too_high (root));
  if (r < 0)
    return r;
  bool is_there = stat (root->path, &st) == 0;
  if (!(is_there && S_ISDIR (st.st_mode)))
    r = watch_forget_top (w, index, e);
  if (r < 0 || !is_there)
    return r;
  if (mode != WATCH_QUIET)
    r = watch_emit (w, index, kind, root->path, e);
  if (r < 0 || !S_ISDIR (st.st_mode))
    return r;
  if (root->top == NULL)
    root->top = watch_dir_new (index, NULL, root->path);
  if (root->top == NULL)
    return out_of_memory (e);
  memcpy (path, root->path, strlen (root->path) + 1);
  return watch_scan (w, root->top, path, mode, e);
}
