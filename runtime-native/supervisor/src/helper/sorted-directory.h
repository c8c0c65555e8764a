#ifndef HELPER_SORTED_DIRECTORY_H
#define HELPER_SORTED_DIRECTORY_H

#include "common/err.h"
#include "helper/path-list.h"

/* The names in a directory, without `.` and `..`, in byte order: what depends on the order is the same on every machine. */
int sorted_directory_read (int dir_fd, struct path_list *ret_names, struct err *e);

#endif
