#ifndef HELPER_EXTRACT_H
#define HELPER_EXTRACT_H

#include "common/err.h"
#include "helper/path-list.h"
#include "helper/tar.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum
{
  EXTRACT_MAX_ENTRIES = 4 * 1000 * 1000,
  EXTRACT_MAX_IMPLIED = 100 * 1000
};

struct extracted
{
  uint64_t entries;
  /* Directories of which the archive says nothing, the root ("") among them: made, with root's owner and mode 0755. What the
     layers below say of them holds. */
  struct path_list implied;
};

/* Unpacks an image layer into the directory ROOT_FD, which nobody else writes to: owner, mode, times, extended attributes,
   hard links, devices and sparse files are kept, whiteouts become overlayfs ones. Nothing is written outside; what an
   archive may not say is -EBADMSG. Leaves what was unpacked so far when it fails. */
int extract_tar (struct tar *tar, int root_fd, struct extracted *ret, struct err *e);

/* Unpacks an archive that is no layer: as above, but names that would be whiteouts are ordinary files, and a directory that is
   there may be filled. RET_ENTRIES counts what was placed even when it fails. */
int extract_archive (struct tar *tar, int root_fd, uint64_t *ret_entries, struct err *e);

/* Where and how `extract_below` puts what an archive has. */
struct extract_place
{
  int root_fd;        /* a container's root, or the host's */
  const char *below;  /* clean path of a directory of it */
  bool sets_owner;    /* everything becomes UID's and GID's */
  uid_t uid;
  gid_t gid;
};

/* Unpacks an archive into a directory of a tree that others may write to at the same time: every path is resolved inside the
   root at the moment of its use. Files are replaced; a directory never by a file, nor a file by a directory (-EEXIST). */
int extract_below (struct tar *tar, const struct extract_place *place, uint64_t *ret_entries, struct err *e);

#endif
