#ifndef HELPER_BUILD_ROOT_H
#define HELPER_BUILD_ROOT_H

#include "common/err.h"
#include "common/json.h"

/* Opens the directory tree that REQUEST describes: `root` (a plain directory), or `lower` with optional `upper` and `work`
   (overlay directories, topmost first; without upper read-only), or `process` (`pid`, `startTime`): what that process of a
   container sees as its root. An overlay is mounted nowhere and goes away with the fd, unless there are `mounts` (`source`,
   `target`): then they are made in it, in a mount namespace of our own. */
int build_root_open (const struct json *request, int *ret_fd, struct err *e);

#endif
