#ifndef HELPER_ENTRY_PLACE_H
#define HELPER_ENTRY_PLACE_H

#include "common/err.h"
#include "helper/path-list.h"

#include <linux/limits.h>

/* The directory that the last entry was in: archives are sorted, so it is nearly always the next one's too. */
struct parent
{
  char path[PATH_MAX];
  int fd;
  struct path_list *made; /* receives directories that the archive left out; NULL: nobody asks */
};

/* Where an entry goes. */
struct place
{
  const char *path;
  int parent_fd;
  const char *name;
};

/* Finds where an entry goes: opens (or creates) the directory of a clean path that is not the root, links resolved inside
   ROOT_FD. The fd belongs to the cache, which starts with fd -1. */
int entry_place_find (int root_fd, struct parent *cache, const char *path, struct place *ret, struct err *e);
void entry_place_forget (struct parent *cache);

#endif
