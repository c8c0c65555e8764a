#ifndef SUPERVISOR_LOG_LINE_H
#define SUPERVISOR_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* A line of the container on its way to a log server, without its line feed, or a piece of one that was too long. */
struct log_line
{
  const char *text;
  size_t length;
  bool is_error;     /* from stderr */
  bool is_continued; /* the rest comes in the next line of the same stream */
};

#endif
