#ifndef HELPER_WATCH_SCAN_H
#define HELPER_WATCH_SCAN_H

#include "common/buffer.h"
#include "common/err.h"
#include "helper/ignore.h"
#include "helper/watch-tree.h"

#include <linux/limits.h>

/* What is said about a path: one letter of the protocol (README.md). */
enum watch_kind
{
  WATCH_FOUND = 'f',
  WATCH_WRITTEN = 'w',
  WATCH_OPEN = 'o',
  WATCH_GONE = 'd'
};

/* What a reading of directories says about what it finds. */
enum watch_mode
{
  WATCH_QUIET,
  WATCH_LIST,
  WATCH_CHANGED
};

struct watch_root
{
  char path[PATH_MAX]; /* absolute, no trailing `/` */
  struct ignore ignore;
  bool lists;
  struct watch_dir *top;    /* NULL: no directory (yet) */
  char anchor[PATH_MAX];    /* the deepest directory above it that there is */
};

struct watcher
{
  struct watch_table table;
  struct watch_root *roots;
  size_t n_roots;
  struct buffer out;
  size_t last_line; /* where the last line of `out` begins */
  bool is_lossy;    /* the kernel has dropped events */
};

/* Watches a root, or the place where it will appear, and tells MODE of what is there. -ENOSPC: the limit of watches. */
int watch_attach (struct watcher *w, size_t root, enum watch_mode mode, struct err *e);

/* Watches and reads a directory and all below it. PATH (PATH_MAX bytes) is its path and is used on the way. */
int watch_scan (struct watcher *w, struct watch_dir *dir, char *path, enum watch_mode mode, struct err *e);

/* Forgets NAME of a directory and all below it; PATH (PATH_MAX bytes) is its whole path. What was below it is told as gone: the kernel
   says nothing of that when a directory is moved out, and another one may be moved into its place at once. */
int watch_forget (struct watcher *w, struct watch_dir *dir, const char *name, char *path, struct err *e);
/* The same for the directory of a root itself. */
int watch_forget_top (struct watcher *w, size_t root, struct err *e);

/* Path of a directory; false when it is too long. */
bool watch_path (const struct watcher *w, const struct watch_dir *dir, char path[PATH_MAX]);

/* Says something about an absolute path below a root, or the root itself. */
int watch_emit (struct watcher *w, size_t root, enum watch_kind kind, const char *path, struct err *e);

/* Writes what has been said; waits for the reader. */
int watch_flush (struct watcher *w, struct err *e);

#endif
