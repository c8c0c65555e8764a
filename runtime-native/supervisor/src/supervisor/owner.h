#ifndef SUPERVISOR_OWNER_H
#define SUPERVISOR_OWNER_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Watches the process that the container belongs to, if it has one: when that has ended, however it ended, the container is
   killed. Fails when it is gone already. */
int owner_watch (const struct spec *spec, struct err *e);

#endif
