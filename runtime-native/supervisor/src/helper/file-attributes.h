#ifndef HELPER_FILE_ATTRIBUTES_H
#define HELPER_FILE_ATTRIBUTES_H

#include "common/err.h"
#include "helper/tar.h"

#include <sys/stat.h>

/* The extended attributes of one file that an image may carry, sorted by name, and overlayfs's own mark. */
struct file_attributes
{
  char *names;
  char *values;
  size_t names_capacity;
  size_t values_capacity;
  struct tar_xattr list[TAR_MAX_XATTRS];
  size_t count;
  bool is_opaque; /* a directory of an overlay's upper layer that hides what is below it */
  bool is_redirected; /* moved or changed in a way that only the merged view shows (redirect_dir, metacopy) */
};

void file_attributes_free (struct file_attributes *a);
#define cleanup_file_attributes __attribute__ ((cleanup (file_attributes_free)))

/* Reads those of NAME in a directory, links not followed; what was there before is replaced. A file system without extended
   attributes has none. */
int file_attributes_read (struct file_attributes *a, int dir_fd, const char *name, struct err *e);

bool file_attributes_equal (const struct file_attributes *a, const struct file_attributes *b);

#endif
