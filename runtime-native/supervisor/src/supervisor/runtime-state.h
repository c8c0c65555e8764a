#ifndef SUPERVISOR_RUNTIME_STATE_H
#define SUPERVISOR_RUNTIME_STATE_H

#include "supervisor/spec.h"

/* Makes the runtime forget the container: needed before it can run again. Blocks for as long as the runtime's `delete`
   takes, 5 s at most; with crun and foreign cgroups, whose delete would do no more (but for hooks), the state directory is removed instead. */
void runtime_state_delete (const struct spec *spec);

#endif
