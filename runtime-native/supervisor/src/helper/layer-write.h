#ifndef HELPER_LAYER_WRITE_H
#define HELPER_LAYER_WRITE_H

#include "helper/archive-output.h"

#include <stdbool.h>
#include <stdint.h>

struct layer_source
{
  int root_fd;
  bool is_upper; /* an overlay's upper directory becomes a layer; else a whole tree becomes a plain archive */
  int lower_fd;  /* root of the layers below, merged; -1: there are none */
  int64_t clamp; /* no time later than this second; negative: as they are */
  /* Paths where something is mounted: what was made there only to mount on is left out of a layer. */
  const char *const *mount_points;
  size_t n_mount_points;
  bool skips_kernel_trees; /* leaves out what is below a mounted proc, sysfs, … */
};

/* Writes the members of an archive in byte order of their names, and its end mark. Of an upper directory only what differs
   from the layers below: whiteouts and opaque directories become those of the image specification (layer.md). Sockets cannot
   be archived and are left out. Another process may write meanwhile: each file is as long as it was when it was opened. */
int layer_write (const struct layer_source *source, struct archive_output *output, uint64_t *ret_entries, struct err *e);

/* One file or directory of a tree as an archive: NAME of a directory, called AS in the archive; `.` for AS leaves the directory
   itself out and writes what is in it. Kernel file systems (proc, sysfs, …) that are mounted below are empty. */
struct tree_source
{
  int dir_fd;
  const char *name;
  const char *as;
};

int tree_write (const struct tree_source *source, struct archive_output *output, uint64_t *ret_entries, struct err *e);

#endif
