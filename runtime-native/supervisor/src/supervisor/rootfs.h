#ifndef SUPERVISOR_ROOTFS_H
#define SUPERVISOR_ROOTFS_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Enters a private mount namespace, mounts the overlay at `<runDir>/rootfs` in it and does the prepare steps. All mounts
   end with the namespace, that is with the supervisor and the container. */
int rootfs_setup (const struct spec *spec, struct err *e);

#endif
