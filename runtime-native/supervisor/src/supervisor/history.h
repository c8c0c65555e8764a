#ifndef SUPERVISOR_HISTORY_H
#define SUPERVISOR_HISTORY_H

#include "supervisor/spec.h"
#include "supervisor/status.h"

/* Tells the project's event journal (`events` of the specification) what has changed since the last call: start, die, oom, pause,
   unpause, health_status. One line of JSON each, appended whole; a file that has grown too long becomes `<path>.1`. A
   journal that cannot be written is no reason to do anything else. */
void history_note (const struct spec *spec, const struct status *status);

#endif
