#include "helper/watch.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"
#include "helper/request-line.h"
#include "helper/watch-scan.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum
{
  EVENT_BYTES = 64 * 1024
};

/* A file that appeared: written to and closed in a moment, unless it is complete as it is (a link, a device). */
static enum watch_kind
kind_of_new (const char *path)
{
  struct stat st;
  return lstat (path, &st) == 0 && (!S_ISREG (st.st_mode) || st.st_nlink > 1) ? WATCH_WRITTEN : WATCH_OPEN;
}

static int
on_new_directory (struct watcher *w, struct watch_dir *dir, const char *name, char *path, struct err *e)
{
  struct ignore *ignore = &w->roots[dir->root].ignore;

  if (ignore_prunes (ignore, path))
    return 0;
  int r = watch_forget (w, dir, name, path, e);
  if (r < 0)
    return r;
  struct watch_entry *entry = watch_entry_add (&w->table, dir, name);
  if (entry == NULL || (entry->dir = watch_dir_new (dir->root, dir, entry->name)) == NULL)
    return err_set (e, ENOMEM, "out of memory");
  r = ignore_covers (ignore, path) ? 0 : watch_emit (w, dir->root, WATCH_WRITTEN, path, e);
  return r < 0 ? r : watch_scan (w, entry->dir, path, WATCH_CHANGED, e);
}

/* Something happened to NAME in a watched directory. */
static int
on_entry (struct watcher *w, struct watch_dir *dir, const struct inotify_event *event, struct err *e)
{
  char path[PATH_MAX];
  struct ignore *ignore = &w->roots[dir->root].ignore;

  if (!watch_path (w, dir, path) || strlen (path) + 1 + strlen (event->name) >= sizeof path)
    return 0; /* told as too deep when it was read */
  size_t length = strlen (path);
  path[length] = '/';
  memcpy (path + length + 1, event->name, strlen (event->name) + 1);

  bool has_appeared = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  if (has_appeared && (event->mask & IN_ISDIR) != 0)
    return on_new_directory (w, dir, event->name, path, e);
  if ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
    {
      int r = watch_forget (w, dir, event->name, path, e);
      return r < 0 || ignore_covers (ignore, path) ? r : watch_emit (w, dir->root, WATCH_GONE, path, e);
    }
  if (ignore_covers (ignore, path))
    return 0;
  if (has_appeared && watch_entry_add (&w->table, dir, event->name) == NULL)
    return err_set (e, ENOMEM, "out of memory");
  enum watch_kind kind = (event->mask & IN_CREATE) != 0 ? kind_of_new (path) : (event->mask & IN_MODIFY) != 0 ? WATCH_OPEN : WATCH_WRITTEN;
  return watch_emit (w, dir->root, kind, path, e);
}

static int
on_root_gone (struct watcher *w, size_t index, struct err *e)
{
  int r = watch_forget_top (w, index, e);
  return r < 0 ? r : watch_emit (w, index, WATCH_GONE, w->roots[index].path, e);
}

/* Something happened where a root is, or will be, found. */
static int
on_anchor (struct watcher *w, size_t index, const struct inotify_event *event, struct err *e)
{
  struct watch_root *root = &w->roots[index];
  size_t n = root->anchor[1] == '\0' ? 1 : strlen (root->anchor) + 1;
  int r = 0;

  if ((event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0)
    {
      struct stat st;
      bool is_gone = stat (root->path, &st) < 0;
      if ((event->mask & IN_IGNORED) != 0)
        w->table.anchors[index] = -1;
      r = is_gone ? on_root_gone (w, index, e) : 0;
      return r < 0 ? r : watch_attach (w, index, WATCH_CHANGED, e);
    }
  size_t length = strcspn (root->path + n, "/");
  if (event->len == 0 || strlen (event->name) != length || strncmp (event->name, root->path + n, length) != 0)
    return 0;
  if ((event->mask & (IN_CREATE | IN_MOVED_TO)) != 0 && ((event->mask & IN_ISDIR) != 0 || root->path[n + length] != '\0'))
    return watch_attach (w, index, WATCH_CHANGED, e);
  if (root->path[n + length] != '\0')
    return 0;
  if ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
    return on_root_gone (w, index, e);
  enum watch_kind kind = (event->mask & IN_CREATE) != 0   ? kind_of_new (root->path)
                         : (event->mask & IN_MODIFY) != 0 ? WATCH_OPEN
                                                          : WATCH_WRITTEN;
  return watch_emit (w, index, kind, root->path, e);
}

static int
on_event (struct watcher *w, const struct inotify_event *event, struct err *e)
{
  int r = 0;

  if ((event->mask & IN_Q_OVERFLOW) != 0)
    w->is_lossy = true;
  if (event->wd < 0)
    return 0;
  for (size_t i = 0; i < w->n_roots && r == 0; i++)
    {
      struct watch_dir *dir = watch_table_find (&w->table, event->wd, i);
      if (dir != NULL && (event->mask & IN_IGNORED) != 0)
        (void) watch_table_set (&w->table, dir, -1); /* cannot fail for -1 */
      else if (dir != NULL && event->len > 0)
        r = on_entry (w, dir, event, e);
      if (r == 0 && w->table.anchors[i] == event->wd)
        r = on_anchor (w, i, event, e);
    }
  return r;
}

/* Events were lost: everything is read again and told as changed; names that are missing as gone. */
static int
read_again (struct watcher *w, struct err *e)
{
  int r = 0;

  w->is_lossy = false;
  buffer_add_string (&w->out, "{\"overflow\":true}\n");
  w->last_line = w->out.length;
  for (size_t i = 0; i < w->n_roots && r == 0; i++)
    {
      struct stat st;
      if (w->roots[i].top != NULL && stat (w->roots[i].path, &st) < 0)
        r = on_root_gone (w, i, e);
      if (r == 0)
        r = watch_attach (w, i, WATCH_CHANGED, e);
    }
  return r;
}

static int
read_events (struct watcher *w, struct err *e)
{
  static _Alignas (struct inotify_event) char bytes[EVENT_BYTES];
  ssize_t n = read (w->table.fd, bytes, sizeof bytes);

  if (n < 0)
    return errno == EINTR || errno == EAGAIN ? 0 : err_errno (e, "cannot read file events");
  int r = 0;
  for (ssize_t at = 0; at < n && r == 0;)
    {
      const struct inotify_event *event = (const void *) (bytes + at);
      r = on_event (w, event, e);
      at += (ssize_t) (sizeof *event + event->len);
    }
  if (r == 0 && w->is_lossy)
    r = read_again (w, e);
  return r;
}

static int
loop (struct watcher *w, struct err *e)
{
  struct pollfd fds[] = { { .fd = w->table.fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
  for (;;)
    {
      if (poll (fds, 2, -1) < 0 && errno != EINTR)
        return err_errno (e, "poll");
      /* Nothing more is ever asked: what arrives is the end. */
      if (fds[1].revents != 0)
        return 0;
      int r = fds[0].revents == 0 ? 0 : read_events (w, e);
      if (r == 0 && w->out.length > 0)
        r = watch_flush (w, e);
      if (r < 0)
        return r;
    }
}

/* A link to a file is watched where the file is: that is where it changes. A link to a directory is followed anyway. */
static void
set_path (struct watch_root *root, const char *path)
{
  struct stat own, led;
  bool is_file_link = lstat (path, &own) == 0 && S_ISLNK (own.st_mode) && stat (path, &led) == 0 && S_ISREG (led.st_mode);

  if (!is_file_link || realpath (path, root->path) == NULL)
    memcpy (root->path, path, strlen (path) + 1);
}

static int
read_roots (struct watcher *w, const struct json *request, struct err *e)
{
  const struct json *list = NULL;
  int r = json_array_or_empty (request, "roots", &list, e);
  if (r < 0 || list == NULL || list->count == 0)
    return r < 0 ? r : err_set (e, EINVAL, "no roots");
  w->roots = calloc (list->count, sizeof *w->roots);
  w->table.anchors = calloc (list->count, sizeof *w->table.anchors);
  if (w->roots == NULL || w->table.anchors == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for json_each (value, list)
    {
      struct watch_root *root = &w->roots[w->n_roots];
      const char *path = NULL;
      w->table.anchors[w->n_roots++] = -1;
      w->table.n_roots = w->n_roots;
      r = json_string (value, "path", &path, e);
      if (r == 0)
        r = json_bool_or (value, "lists", false, &root->lists, e);
      if (r == 0)
        r = ignore_read (value, "ignore", &root->ignore, e);
      if (r == 0 && (path[0] != '/' || path[1] == '\0' || strlen (path) >= PATH_MAX))
        r = err_set (e, EINVAL, "cannot watch \"%.100s\": not below /", path);
      if (r < 0)
        return r;
      set_path (root, path);
    }
  return 0;
}

static void
close_watcher (struct watcher *w)
{
  for (size_t i = 0; i < w->n_roots; i++)
    {
      if (w->roots[i].top != NULL)
        watch_table_drop (&w->table, w->roots[i].top);
      ignore_free (&w->roots[i].ignore);
    }
  if (w->table.fd >= 0)
    (void) close (w->table.fd); /* nothing to lose */
  free (w->roots);
  watch_table_free (&w->table);
  buffer_free (&w->out);
}

static int
run (struct watcher *w, const struct json *request, struct err *e)
{
  w->table.fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  int r = w->table.fd < 0 ? err_errno (e, "cannot watch files") : read_roots (w, request, e);
  for (size_t i = 0; i < w->n_roots && r == 0; i++)
    r = watch_attach (w, i, w->roots[i].lists ? WATCH_LIST : WATCH_QUIET, e);
  if (r < 0)
    return r;
  buffer_printf (&w->out, "{\"ready\":true,\"directories\":%zu,\"entries\":%zu}\n", w->table.n_dirs, w->table.n_entries);
  w->last_line = w->out.length;
  r = watch_flush (w, e);
  return r < 0 ? r : loop (w, e);
}

/* The words by which our caller knows a failure. */
static const char *
reason_of (const struct err *e)
{
  return e->code == ENOSPC ? "watches" : e->code == EMFILE ? "instances" : e->code == EINVAL ? "request" : "system";
}

int
watch_main (struct err *e)
{
  struct request_line line cleanup_request_line = { .fd = STDIN_FILENO, .end_fd = -1 };
  struct json_document *request cleanup_json = NULL;
  struct watcher w = { .table = { .fd = -1 } };

  int r = request_line_next (&line, &request, e);
  if (r == 0)
    return 0;
  if (r > 0)
    r = run (&w, json_root (request), e);
  if (r < 0)
    {
      buffer_printf (&w.out, "{\"failed\":\"%s\",\"watched\":%zu,\"message\":", reason_of (e), w.table.n_dirs);
      buffer_add_json (&w.out, e->msg);
      buffer_add_string (&w.out, "}\n");
      struct err ignored;
      (void) watch_flush (&w, &ignored); /* without a reader nobody is left to tell */
    }
  close_watcher (&w);
  return r;
}
