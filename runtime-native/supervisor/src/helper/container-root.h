#ifndef HELPER_CONTAINER_ROOT_H
#define HELPER_CONTAINER_ROOT_H

#include "common/err.h"
#include "common/json.h"

/* Opens the root directory of a running process (`pid`, and `startTime` so that it is no other by now). Mounts inside it are
   part of the tree from then on. */
int process_root_open (const struct json *process, int *ret_fd, struct err *e);

/* Makes the `mounts` (`source` on the host, `target` in the tree) of REQUEST in the detached mount ROOT_FD, which is attached
   at PLACE in a mount namespace of our own. A target that is not there is left out. Nothing to do without mounts. */
int container_mounts_make (const struct json *request, int root_fd, const char *place, struct err *e);

#endif
