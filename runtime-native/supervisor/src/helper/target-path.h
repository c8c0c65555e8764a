#ifndef HELPER_TARGET_PATH_H
#define HELPER_TARGET_PATH_H

#include "common/err.h"

#include <limits.h>
#include <sys/types.h>

/* A tree that files are put into. Directories that are missing on the way become OWNER's, 0755. */
struct target
{
  int root_fd;
  uid_t uid;
  gid_t gid;
  int parent_fd; /* of `parent`, -1: none */
  char parent[PATH_MAX];
};

/* Directory fd (the target's own) and name of the last component of PATH, with links resolved inside the tree. */
int target_parent (struct target *target, const char *path, int *ret_fd, const char **ret_name, struct err *e);

/* Forgets the remembered directory: something above it was replaced. */
void target_forget (struct target *target);

#endif
