#include "helper/watch-tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

enum
{
  FIRST_ENTRY_BUCKETS = 8,
  FIRST_TABLE_BUCKETS = 256
};

/* FNV-1a. */
static size_t
hash_of (const char *name)
{
  uint64_t h = 14695981039346656037u;
  for (; *name != '\0'; name++)
    h = (h ^ (unsigned char) *name) * 1099511628211u;
  return (size_t) (h ^ h >> 32);
}

struct watch_dir *
watch_dir_new (size_t root, struct watch_dir *parent, const char *name)
{
  struct watch_dir *dir = calloc (1, sizeof *dir);
  if (dir != NULL)
    {
      dir->wd = -1;
      dir->root = root;
      dir->parent = parent;
      dir->name = name;
    }
  return dir;
}

struct watch_entry *
watch_entry_find (const struct watch_dir *dir, const char *name)
{
  if (dir->n_buckets == 0)
    return NULL;
  struct watch_entry *entry = dir->buckets[hash_of (name) & (dir->n_buckets - 1)];
  while (entry != NULL && strcmp (entry->name, name) != 0)
    entry = entry->next;
  return entry;
}

static bool
grow_entries (struct watch_dir *dir)
{
  size_t n = dir->n_buckets == 0 ? FIRST_ENTRY_BUCKETS : dir->n_buckets * 2;
  struct watch_entry **buckets = calloc (n, sizeof (struct watch_entry *));
  if (buckets == NULL)
    return false;
  for (size_t i = 0; i < dir->n_buckets; i++)
    for (struct watch_entry *entry = dir->buckets[i], *next; entry != NULL; entry = next)
      {
        size_t at = hash_of (entry->name) & (n - 1);
        next = entry->next;
        entry->next = buckets[at];
        buckets[at] = entry;
      }
  free (dir->buckets);
  dir->buckets = buckets;
  dir->n_buckets = n;
  return true;
}

struct watch_entry *
watch_entry_add (struct watch_table *t, struct watch_dir *dir, const char *name)
{
  struct watch_entry *entry = watch_entry_find (dir, name);
  if (entry != NULL)
    return entry;
  if (dir->n_entries >= dir->n_buckets && !grow_entries (dir))
    return NULL;
  size_t size = strlen (name) + 1;
  entry = calloc (1, sizeof *entry + size);
  if (entry == NULL)
    return NULL;
  memcpy (entry->name, name, size);
  size_t at = hash_of (name) & (dir->n_buckets - 1);
  entry->next = dir->buckets[at];
  dir->buckets[at] = entry;
  dir->n_entries++;
  t->n_entries++;
  return entry;
}

void
watch_entry_remove (struct watch_table *t, struct watch_dir *dir, const char *name)
{
  if (dir->n_buckets == 0)
    return;
  struct watch_entry **at = &dir->buckets[hash_of (name) & (dir->n_buckets - 1)];
  while (*at != NULL && strcmp ((*at)->name, name) != 0)
    at = &(*at)->next;
  struct watch_entry *entry = *at;
  if (entry == NULL)
    return;
  *at = entry->next;
  dir->n_entries--;
  t->n_entries--;
  if (entry->dir != NULL)
    watch_table_drop (t, entry->dir);
  free (entry);
}

static struct watch_dir **
slot_of (const struct watch_table *t, int wd)
{
  return &t->buckets[(size_t) wd & (t->n_buckets - 1)];
}

static bool
grow_table (struct watch_table *t)
{
  size_t n = t->n_buckets == 0 ? FIRST_TABLE_BUCKETS : t->n_buckets * 2;
  struct watch_dir **buckets = calloc (n, sizeof (struct watch_dir *));
  if (buckets == NULL)
    return false;
  for (size_t i = 0; i < t->n_buckets; i++)
    for (struct watch_dir *dir = t->buckets[i], *next; dir != NULL; dir = next)
      {
        next = dir->next_by_wd;
        dir->next_by_wd = buckets[(size_t) dir->wd & (n - 1)];
        buckets[(size_t) dir->wd & (n - 1)] = dir;
      }
  free (t->buckets);
  t->buckets = buckets;
  t->n_buckets = n;
  return true;
}

static void
take_out (struct watch_table *t, struct watch_dir *dir)
{
  if (dir->wd < 0)
    return;
  struct watch_dir **at = slot_of (t, dir->wd);
  while (*at != dir)
    at = &(*at)->next_by_wd;
  *at = dir->next_by_wd;
  dir->wd = -1;
  t->n_dirs--;
}

bool
watch_table_set (struct watch_table *t, struct watch_dir *dir, int wd)
{
  if (dir->wd == wd)
    return true;
  take_out (t, dir);
  if (wd < 0)
    return true;
  if (t->n_dirs >= t->n_buckets && !grow_table (t))
    return false;
  dir->wd = wd;
  dir->next_by_wd = *slot_of (t, wd);
  *slot_of (t, wd) = dir;
  t->n_dirs++;
  return true;
}

struct watch_dir *
watch_table_find (const struct watch_table *t, int wd, size_t root)
{
  struct watch_dir *dir = t->n_buckets == 0 ? NULL : *slot_of (t, wd);
  while (dir != NULL && (dir->wd != wd || dir->root != root))
    dir = dir->next_by_wd;
  return dir;
}

bool
watch_table_uses (const struct watch_table *t, int wd)
{
  for (size_t i = 0; i < t->n_roots; i++)
    if (t->anchors[i] == wd)
      return true;
  struct watch_dir *dir = t->n_buckets == 0 ? NULL : *slot_of (t, wd);
  while (dir != NULL && dir->wd != wd)
    dir = dir->next_by_wd;
  return dir != NULL;
}

void
watch_table_drop (struct watch_table *t, struct watch_dir *dir)
{
  int wd = dir->wd;

  take_out (t, dir);
  if (wd >= 0 && !watch_table_uses (t, wd))
    (void) inotify_rm_watch (t->fd, wd); /* fails when the kernel has taken it away with the directory */
  for (size_t i = 0; i < dir->n_buckets; i++)
    for (struct watch_entry *entry = dir->buckets[i], *next; entry != NULL; entry = next)
      {
        next = entry->next;
        t->n_entries--;
        if (entry->dir != NULL)
          watch_table_drop (t, entry->dir);
        free (entry);
      }
  free (dir->buckets);
  free (dir);
}

void
watch_table_free (struct watch_table *t)
{
  free (t->buckets);
  free (t->anchors);
  *t = (struct watch_table){ .fd = t->fd };
}
