#ifndef HELPER_SYNC_PLACE_H
#define HELPER_SYNC_PLACE_H

#include "common/err.h"
#include "helper/ignore.h"

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Both sides of a synchronisation: files of the host go into a container whose mount namespace we have entered. */
struct sync_sides
{
  int host_root;      /* `/` of the host */
  int container_root; /* `/` of the container, with all its mounts */
  int process_fd;     /* pidfd of the container's first process: readable when the container has ended */
  uid_t uid;          /* owner of what is made */
  gid_t gid;
};

/* Opens PATH (from `/`) below a root as if that were `/`; links cannot leave it, magic links are refused, mounts are
   entered. Returns the fd or -errno; sets errno. */
int sync_open (int root_fd, const char *path, uint64_t flags);

/* Opens PATH (leading `/` are skipped) below a directory without following any link: one on the way is -ELOOP, one at the end is opened
   itself with O_PATH and -ELOOP without. Returns the fd or -errno; sets errno. */
int sync_open_inside (int dir_fd, const char *path, uint64_t flags);

/* Opens the directory that a clean path other than "" is in; directories that are missing become the owner's, 0755. */
int sync_open_parent (const struct sync_sides *s, const char *path, int *ret_fd, const char **ret_name, struct err *e);

/* Removes NAME and what is below it, but nothing that IGNORE covers (HOST_PATH, PATH_MAX bytes, is where it would be on
   the host) and nothing of other mounts; directories with such things stay. */
struct sync_removal
{
  const struct ignore *ignore;
  bool has_removed;
  bool has_kept;
};
int sync_remove (int parent_fd, const char *name, char *host_path, struct sync_removal *removal, struct err *e);

/* Whether the container has ended. */
bool sync_has_ended (const struct sync_sides *s);

#endif
