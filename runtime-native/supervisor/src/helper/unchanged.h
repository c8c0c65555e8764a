#ifndef HELPER_UNCHANGED_H
#define HELPER_UNCHANGED_H

#include "helper/file-attributes.h"

/* One file: a name in a directory, its stat and its attributes. */
struct file_view
{
  int dir_fd;
  const char *name;
  struct stat st;
  const struct file_attributes *attributes;
};

/* 1 when two files are the same to whoever looks: kind, owner, mode, attributes; except of directories also time and content.
   0 when not, negative when they cannot be read. */
int unchanged (const struct file_view *one, const struct file_view *other, struct err *e);

#endif
