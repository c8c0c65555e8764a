#ifndef SUPERVISOR_COPY_H
#define SUPERVISOR_COPY_H

#include "common/err.h"

/* Copies what is in the directory FROM_FD into the directory TO_FD with owner, mode, xattrs, times, symbolic links, hard
   links, devices and holes; TO_FD itself gets owner, mode and xattrs of FROM_FD. Both trees may belong to an attacker:
   no symbolic link is followed. What is in the way at the destination is replaced, except directories. */
int copy_tree (int from_fd, int to_fd, struct err *e);

#endif
