#ifndef HELPER_FILE_CONTENT_H
#define HELPER_FILE_CONTENT_H

#include "helper/archive-output.h"
#include "helper/tar.h"

/* Writes header and data of the regular file NAME, whose ENTRY is filled but for size and holes; its `segments` are replaced.
   Files with holes of a GiB or more are written as sparse ones. What another process cuts off meanwhile reads as zeros. */
int file_content_write (struct archive_output *output, int dir_fd, const char *name, struct tar_entry *entry, struct err *e);

#endif
