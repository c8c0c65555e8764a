#ifndef SUPERVISOR_LOG_H
#define SUPERVISOR_LOG_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum stream
{
  STREAM_STDOUT,
  STREAM_STDERR,
  N_STREAMS
};

enum
{
  LOG_LINE_LIMIT = 16384 /* a longer line is written in pieces, as Docker does; all but the last lack their line feed */
};

struct log;

/* Opens the container's log as the specification says. */
int log_open (const struct spec_log *config, const char *name, struct log **ret, struct err *e);
void log_close (struct log *log);
/* The container has ended for good: closes the files. What waits for a server is not dropped yet. */
void log_end (struct log *log);
/* Sends what waits for a server that is there or being connected to, for so long at most; runs no loop. */
void log_linger (struct log *log, int timeout_ms);

/* Bytes the container has written; complete lines are on disk when it returns. Never blocks on a log server, never
   fails: what cannot be written is counted. */
void log_write (struct log *log, enum stream stream, const char *bytes, size_t length);
/* Writes what is there of unfinished lines (the process has ended). */
void log_flush (struct log *log);
/* Bytes of lines that could not be written. */
size_t log_lost_bytes (const struct log *log);
/* Why lines are lost or wait, in words; empty when there is no known reason. */
const char *log_problem (const struct log *log);
/* A child has ended; false when it was none of the log's. LOG may be NULL. */
bool log_child (struct log *log, pid_t pid, int wait_status);

#endif
