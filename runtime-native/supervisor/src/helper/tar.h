#ifndef HELPER_TAR_H
#define HELPER_TAR_H

#include "common/err.h"
#include "helper/stream.h"

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Limits; beyond them an archive is refused with -EFBIG. */
enum
{
  TAR_MAX_EXTENSION_BYTES = 1024 * 1024, /* one pax header or GNU long name */
  TAR_MAX_SEGMENTS = 256 * 1024,         /* of one sparse file */
  TAR_MAX_XATTRS = 256
};

enum tar_type
{
  TAR_FILE,
  TAR_HARD_LINK,
  TAR_SYMLINK,
  TAR_CHARACTER,
  TAR_BLOCK,
  TAR_DIRECTORY,
  TAR_FIFO
};

struct tar_xattr
{
  const char *name;
  const void *value;
  size_t length;
};

/* Data at OFFSET of a sparse file; what lies between is a hole. */
struct tar_segment
{
  uint64_t offset;
  uint64_t length;
};

/* One member as the archive describes it: names are as written, not yet checked. Valid until the next tar_next. */
struct tar_entry
{
  enum tar_type type;
  char path[PATH_MAX];
  char link[PATH_MAX];
  mode_t mode; /* permission bits only */
  uid_t uid;
  gid_t gid;
  struct timespec mtime;
  unsigned device_major;
  unsigned device_minor;
  uint64_t size; /* of the finished file; the data in the archive are shorter for a sparse one */
  bool sparse;
  struct tar_segment *segments;
  size_t n_segments;
  struct tar_xattr xattrs[TAR_MAX_XATTRS];
  size_t n_xattrs;
};

/* Reader of ustar, pax, GNU and v7 archives. */
struct tar;

int tar_open (struct stream *stream, struct tar **ret_tar, struct err *e);
void tar_free (struct tar **tar);
#define cleanup_tar __attribute__ ((cleanup (tar_free)))

/* 1 and the next member; 0 at the end, after the rest of the stream was read. Damage is -EBADMSG. */
int tar_next (struct tar *t, struct tar_entry **ret_entry, struct err *e);

/* Data of the current member, piece by piece; a length of zero is their end. What is left is skipped by tar_next. */
int tar_data (struct tar *t, const uint8_t **ret_data, size_t *ret_length, struct err *e);

#endif
