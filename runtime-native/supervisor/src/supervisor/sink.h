#ifndef SUPERVISOR_SINK_H
#define SUPERVISOR_SINK_H

#include "common/buffer.h"
#include "common/err.h"
#include "supervisor/loop.h"

#include <stdbool.h>
#include <stddef.h>

enum
{
  SINK_HIGH_BYTES = 256 << 10 /* beyond this the producer should pause */
};

/* Bytes on their way into a non-blocking fd (a process's stdin), kept while it does not take them. */
struct sink
{
  int fd; /* owned; -1: closed, what is written is dropped */
  bool shares_fd; /* the fd is a pty's master that somebody else reads, owns and closes */
  struct watch watch;
  struct buffer pending;
  bool close_when_empty;
  void (*drained) (struct sink *sink); /* may be NULL */
  void *owner;
};

void sink_init (struct sink *sink, int fd, bool shares_fd);
void sink_write (struct sink *sink, const void *bytes, size_t length);
/* End of input once everything has been taken. A shared fd is only let go. */
void sink_end (struct sink *sink);
void sink_close (struct sink *sink);

#endif
