#ifndef HELPER_SORTED_DIRECTORY_H
#define HELPER_SORTED_DIRECTORY_H

#include "common/err.h"

#include <stddef.h>

/* The names in a directory, without `.` and `..`, in byte order: what depends on the order is the same on every machine. */
struct sorted_directory
{
  char **names;
  size_t count;
};

int sorted_directory_read (int dir_fd, struct sorted_directory *ret, struct err *e);
void sorted_directory_free (struct sorted_directory *d);
#define cleanup_sorted_directory __attribute__ ((cleanup (sorted_directory_free)))

#endif
