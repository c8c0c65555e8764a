#ifndef HELPER_TREE_H
#define HELPER_TREE_H

#include "common/err.h"

#include <stdint.h>

/* Opens PATH below ROOT_FD as if that were `/`: symbolic links and `..` cannot leave it, magic links and other mounts
   are refused. Returns the fd or -errno; sets errno. */
int tree_open (int root_fd, const char *path, uint64_t flags);

/* From here on the mounts inside a tree are part of it: the tree is a container's. */
void tree_cross_mounts (void);

/* Removes NAME of a directory and all below it, never following a link. Absent is success. */
int tree_remove_at (int dir_fd, const char *name, struct err *e);

#endif
