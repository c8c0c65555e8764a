#ifndef SUPERVISOR_SUCCESSOR_H
#define SUPERVISOR_SUCCESSOR_H

#include "common/err.h"
#include "common/json.h"

/* The program that puts in order what the launcher's command leaves when it is killed. There is one or none. */

/* Takes `argv` and `env` of a request in place of what was there; an empty `argv`: none any more. */
int successor_set (const struct json *request, struct err *e);

/* Starts it, in a session of its own and with nothing of ours open. */
void successor_start (void);

#endif
