#ifndef SUPERVISOR_CONTROL_H
#define SUPERVISOR_CONTROL_H

#include "common/err.h"

/* The control socket's requests (ControlRequest of the protocol) become events of the container. */
int control_open (struct err *e);

#endif
