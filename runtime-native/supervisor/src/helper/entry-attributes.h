#ifndef HELPER_ENTRY_ATTRIBUTES_H
#define HELPER_ENTRY_ATTRIBUTES_H

#include "common/err.h"
#include "helper/tar.h"

/* Whether an image may carry an extended attribute: those that programs read, not those by which overlayfs finds its way
   between layers. */
bool entry_attribute_is_allowed (const char *name);

/* Owner, mode and extended attributes of an open file or directory. */
int entry_attributes_set_fd (int fd, const struct tar_entry *entry, struct err *e);

/* The same and the time for what cannot be opened: symbolic links, devices, fifos. */
int entry_attributes_set_at (int parent_fd, const char *name, const struct tar_entry *entry, struct err *e);

#endif
