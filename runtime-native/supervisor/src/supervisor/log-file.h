#ifndef SUPERVISOR_LOG_FILE_H
#define SUPERVISOR_LOG_FILE_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The files of one log: `<path>` and, after rotation, `<path>.1` (youngest) to `<path>.<maxFiles - 1>`. */
struct log_file;

int log_file_open (const struct spec_log *config, struct log_file **ret, struct err *e);
void log_file_close (struct log_file *file);
/* Stream and time of the lines that follow. */
void log_file_stamp (struct log_file *file, const char *stream, const char *time);
/* Appends one line that is never split between two files; it is written at the next flush or when the buffer is full. */
void log_file_add (struct log_file *file, const char *text, size_t length);
void log_file_flush (struct log_file *file);
size_t log_file_lost (const struct log_file *file);
/* Why the last write failed, in words; empty when it did not. */
const char *log_file_problem (const struct log_file *file);
/* A child has ended; false when it was none of the log's. */
bool log_file_child (struct log_file *file, pid_t pid, int wait_status);

#endif
