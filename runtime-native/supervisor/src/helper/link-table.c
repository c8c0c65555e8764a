#include "helper/link-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
  FIRST_CAPACITY = 64
};

struct link_slot
{
  dev_t device;
  ino_t inode;
  char *path; /* NULL: empty */
};

void
link_table_free (struct link_table *table)
{
  for (size_t i = 0; i < table->capacity; i++)
    free (table->slots[i].path);
  free (table->slots);
  *table = (struct link_table){ 0 };
}

static struct link_slot *
find_slot (struct link_slot *slots, size_t capacity, dev_t device, ino_t inode)
{
  size_t at = (size_t) ((inode ^ device) * 0x9e3779b97f4a7c15ULL) & (capacity - 1);
  while (slots[at].path != NULL && (slots[at].inode != inode || slots[at].device != device))
    at = (at + 1) & (capacity - 1);
  return &slots[at];
}

static int
grow (struct link_table *table, struct err *e)
{
  size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
  struct link_slot *slots = calloc (capacity, sizeof *slots);
  if (slots == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for (size_t i = 0; i < table->capacity; i++)
    if (table->slots[i].path != NULL)
      *find_slot (slots, capacity, table->slots[i].device, table->slots[i].inode) = table->slots[i];
  free (table->slots);
  table->slots = slots;
  table->capacity = capacity;
  return 0;
}

/* The analyzer loses the path between here and link_table_free, which frees it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

int
link_table_meet (struct link_table *table, dev_t device, ino_t inode, const char *path, const char **ret_first, struct err *e)
{
  if (2 * (table->count + 1) > table->capacity)
    {
      int r = grow (table, e);
      if (r < 0)
        return r;
    }
  struct link_slot *slot = find_slot (table->slots, table->capacity, device, inode);
  *ret_first = slot->path;
  if (slot->path != NULL)
    return 0;
  char *copy = strdup (path);
  if (copy == NULL)
    return err_set (e, ENOMEM, "out of memory");
  *slot = (struct link_slot){ .device = device, .inode = inode, .path = copy };
  table->count++;
  return 0;
}

#pragma GCC diagnostic pop
