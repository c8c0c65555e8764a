#ifndef HELPER_TAR_EXTENSION_H
#define HELPER_TAR_EXTENSION_H

#include "helper/tar.h"

/* What extension members (pax `x`, GNU `L` and `K`) say about the member that follows them. */
struct tar_extension
{
  char *text; /* pax records, cut into strings; xattrs point into it */
  const char *path;
  const char *link;
  char *long_path; /* GNU */
  char *long_link;
  bool has_size, has_uid, has_gid, has_mtime, has_real_size;
  uint64_t size;
  uint64_t uid;
  uint64_t gid;
  struct timespec mtime;
  struct tar_xattr xattrs[TAR_MAX_XATTRS];
  size_t n_xattrs;
  /* GNU.sparse.*: 0.0 and 0.1 bring the map here, 1.0 in front of the data. */
  bool sparse;
  bool sparse_map_in_data;
  uint64_t real_size;
  struct tar_segment *segments;
  size_t n_segments;
};

void tar_extension_clear (struct tar_extension *x);
/* Takes ownership of TEXT (LENGTH bytes and a NUL). */
int tar_extension_parse_pax (struct tar_extension *x, char *text, size_t length, struct err *e);
/* Appends; -EFBIG beyond TAR_MAX_SEGMENTS. Segments must not go backwards. */
int tar_add_segment (struct tar_segment **segments, size_t *n, struct tar_segment one, struct err *e);

#endif
