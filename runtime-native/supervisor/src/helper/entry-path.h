#ifndef HELPER_ENTRY_PATH_H
#define HELPER_ENTRY_PATH_H

#include "common/err.h"

#include <linux/limits.h>

/* Cleans a name of an archive: no leading, double or trailing `/`, no `.`, `..` taken back; "" is the root itself. A name
   that leads above the root, or has a component longer than NAME_MAX, is -EBADMSG. NAME is shorter than PATH_MAX. */
int entry_path_clean (const char *name, char ret_path[PATH_MAX], struct err *e);

#endif
