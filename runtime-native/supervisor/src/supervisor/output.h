#ifndef SUPERVISOR_OUTPUT_H
#define SUPERVISOR_OUTPUT_H

#include "common/err.h"
#include "supervisor/client.h"
#include "supervisor/job.h"

#include <stdint.h>

/* The container's stdio: pipes, or its terminal; everything it writes goes to the log and to whoever is attached. */

/* Makes the pipes; they live as long as the supervisor, so nothing is lost between two runs. */
int output_open (struct err *e);
/* Gives JOB its stdio for the next run. */
int output_prepare (struct job *job, struct err *e);
/* The run has started; CONSOLE_FD (taken over) is the master of its terminal, or -1. */
void output_started (int console_fd);
/* The run has ended: reads what is left and finishes unfinished lines. */
void output_finished (void);

void output_attach (struct client *client, bool with_stdin);
/* Input from an attached client; zero length is its end. */
void output_input (struct client *client, const char *bytes, size_t length);
/* A client has taken what was queued, or is gone: the process that waited for it may go on. */
void output_client_drained (const struct client *client);
void output_resize (uint16_t rows, uint16_t columns);

#endif
