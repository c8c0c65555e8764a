#ifndef SUPERVISOR_HEALTH_H
#define SUPERVISOR_HEALTH_H

#include "common/err.h"

/* The health check of the container: when it is due, running it, and what its results mean. */

/* Writes the check's process description (the container's own process with other arguments) once. */
int health_open (struct err *e);
/* A run begins: status `starting`, the first check after the interval. */
void health_begin (void);
/* The run has ended. */
void health_end (void);
/* Runs the check now (table action). */
void health_check (void);
/* Not now, but after the next interval. */
void health_postpone (void);

#endif
