#ifndef HELPER_WATCH_TREE_H
#define HELPER_WATCH_TREE_H

#include <stdbool.h>
#include <stddef.h>

/* A name in a watched directory. Names are kept so that after lost events (queue overflow) it can be told what has gone. */
struct watch_entry
{
  struct watch_entry *next;
  struct watch_dir *dir; /* NULL: no directory */
  bool seen;             /* found by the reading that is under way */
  char name[];
};

/* A watched directory of one root. */
struct watch_dir
{
  int wd; /* -1: not watched (any more) */
  size_t root;
  struct watch_dir *parent; /* NULL: the root's own directory */
  const char *name;         /* its entry's name; the absolute path of a root's own directory */
  struct watch_entry **buckets;
  size_t n_buckets;
  size_t n_entries;
  struct watch_dir *next_by_wd;
};

/* All watched directories by watch descriptor; roots that overlap share descriptors. */
struct watch_table
{
  int fd;       /* inotify */
  int *anchors; /* by root: descriptor of the directory in which it is, or will be, found */
  size_t n_roots;
  struct watch_dir **buckets;
  size_t n_buckets;
  size_t n_dirs;
  size_t n_entries;
};

/* Creating functions return NULL when out of memory. */
struct watch_dir *watch_dir_new (size_t root, struct watch_dir *parent, const char *name);
struct watch_entry *watch_entry_find (const struct watch_dir *dir, const char *name);
struct watch_entry *watch_entry_add (struct watch_table *t, struct watch_dir *dir, const char *name);
/* Removes a name and, when it is a directory, everything below it. */
void watch_entry_remove (struct watch_table *t, struct watch_dir *dir, const char *name);

/* Enters the descriptor of a directory, in place of the one it had; false when out of memory. */
bool watch_table_set (struct watch_table *t, struct watch_dir *dir, int wd);
struct watch_dir *watch_table_find (const struct watch_table *t, int wd, size_t root);
/* Whether a directory or an anchor uses the descriptor. */
bool watch_table_uses (const struct watch_table *t, int wd);
/* Forgets a directory and all below it, and ends the watches that nothing else in the table uses. */
void watch_table_drop (struct watch_table *t, struct watch_dir *dir);
void watch_table_free (struct watch_table *t);

#endif
