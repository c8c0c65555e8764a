#ifndef SUPERVISOR_OWN_ROOT_H
#define SUPERVISOR_OWN_ROOT_H

#include <stdbool.h>

/* Whether the root of this process is the root of its mount namespace. After a plain chroot (2) it is not: whoever enters the
   namespace of a container made here (setns (2) sets the root anew, a runtime's exec relies on it) lands in the root of the
   machine, outside of chroot and container. pivot_root (2) and a moved mount are fine. Where the kernel lets us not look
   (setns needs CAP_SYS_ADMIN), nothing of a container can be made either: true. */
bool own_root (void);

/* Why nothing starts where it is not. */
extern const char own_root_refusal[];

#endif
