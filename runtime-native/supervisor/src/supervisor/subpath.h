#ifndef SUPERVISOR_SUBPATH_H
#define SUPERVISOR_SUBPATH_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Binds what is at `path` below `base` at `target`. No link of the tree is followed, and the object that was found is the one
   that is mounted: a container that writes into the volume meanwhile can exchange nothing. */
int subpath_mount (const struct spec_prepare *step, struct err *e);

#endif
