#ifndef SUPERVISOR_CGROUP_H
#define SUPERVISOR_CGROUP_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes the directories and writes their limits. */
int cgroup_create (const struct spec *spec, struct err *e);

/* fork () whose child is born in the container's v2 cgroup when there is one; it joins the v1 ones itself. */
pid_t cgroup_fork (const struct spec *spec);
/* For the single-threaded child of cgroup_fork, before exec. */
int cgroup_join (const struct spec *spec, struct err *e);

/* Kills every process in them; thaws first. Returns how many were seen: call again until 0. */
int cgroup_kill (const struct spec *spec);
/* Removes the directories; true when all are gone. Processes that are still dying keep one busy for a moment. */
bool cgroup_remove (const struct spec *spec);

/* Number of processes the kernel has killed for want of memory, -1 when it cannot be known. */
int64_t cgroup_oom_kills (const struct spec *spec);

/* Asks for frozen or thawed. -ENOTSUP without a freezer. */
int cgroup_set_frozen (const struct spec *spec, bool frozen, struct err *e);
/* Whether that has been reached. */
bool cgroup_is_frozen (const struct spec *spec);

#endif
