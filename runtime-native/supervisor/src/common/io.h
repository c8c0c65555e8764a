#ifndef COMMON_IO_H
#define COMMON_IO_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes everything to a blocking fd; retries EINTR. */
int io_write_all (int fd, const void *data, size_t length, struct err *e);

/* Reads a whole regular or pseudo file of at most LIMIT bytes (-EFBIG beyond); the text gets a NUL behind it. */
int io_read_file_at (int dir_fd, const char *path, size_t limit, char **ret_text, size_t *ret_length, struct err *e);

/* Overwrites an existing file (cgroup, sysctl) with one write(2). */
int io_write_file_at (int dir_fd, const char *path, const char *text, struct err *e);

/* Replaces NAME in the directory through a temporary file and rename. SYNC flushes the file first: after a crash of the
   machine the name has the old or the new content, never half of one. */
struct io_replacement
{
  const char *name;
  const void *data;
  size_t length;
  mode_t mode;
  bool sync;
};
int io_replace_file_at (int dir_fd, const struct io_replacement *replacement, struct err *e);

/* mkdir -p. */
int io_make_dirs (const char *path, mode_t mode, struct err *e);

/* Decimal digits only, at most MAX: 0 or -EINVAL. */
int io_parse_unsigned (const char *text, uint64_t max, uint64_t *ret);

#endif
