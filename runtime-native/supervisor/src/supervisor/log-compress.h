#ifndef SUPERVISOR_LOG_COMPRESS_H
#define SUPERVISOR_LOG_COMPRESS_H

#include "supervisor/spec.h"

#include <stdbool.h>
#include <sys/types.h>

/* Compresses rotated files of one log in a child, one at a time, so that the loop never waits: `<path>.2` becomes
   `<path>.2.gz`. A file that moves on meanwhile is found again by its number. */
struct log_compress
{
  const struct spec_log *config;
  pid_t pid; /* 0: nothing is being compressed */
  int index; /* number of the file that is, now */
  ino_t inode; /* of that file */
};

void log_compress_init (struct log_compress *compress, const struct spec_log *config);

/* The files have moved on by one. Starts with the next if nothing is being compressed. */
void log_compress_rotated (struct log_compress *compress);

/* A child has ended; false when it was none of ours. */
bool log_compress_child (struct log_compress *compress, pid_t pid, int wait_status);

#endif
