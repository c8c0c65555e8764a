#ifndef HELPER_LINK_TABLE_H
#define HELPER_LINK_TABLE_H

#include "common/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Files with several names, by inode: the name under which each was met first. */
struct link_table
{
  struct link_slot *slots;
  size_t capacity; /* a power of two */
  size_t count;
};

void link_table_free (struct link_table *table);
#define cleanup_link_table __attribute__ ((cleanup (link_table_free)))

/* Sets *RET_FIRST to the path under which the inode was met before (the table's, valid until it is freed), or to NULL and
   remembers PATH for it. */
int link_table_meet (struct link_table *table, dev_t device, ino_t inode, const char *path, const char **ret_first, struct err *e);

#endif
