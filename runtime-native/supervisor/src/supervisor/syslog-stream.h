#ifndef SUPERVISOR_SYSLOG_STREAM_H
#define SUPERVISOR_SYSLOG_STREAM_H

#include "common/buffer.h"
#include "supervisor/loop.h"
#include "supervisor/syslog-address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
  SYSLOG_STREAM_LIMIT = 1 << 20, /* bytes that wait for a server */
  SYSLOG_STREAM_GUARD_MS = 5000  /* what was sent so long before a connection ended is sent again */
};

/* A connection to a log server that comes and goes. Messages wait while it is away. The protocol has no acknowledgement:
   what the kernel (or a proxy on the way) has taken when the server goes is gone without a word. So the last moments are
   kept and sent again: a message arrives twice rather than never. */
struct syslog_stream
{
  const struct syslog_address *address; /* not owned */
  int fd;
  struct watch watch;
  struct timer retry;
  int64_t retry_delay_ms;
  int64_t connected_at_ms;
  unsigned short_lives; /* connections in a row that ended within the guard time */
  struct buffer queue;  /* not yet taken by the kernel; begins in the middle of a message when one was taken in part */
  struct buffer older;  /* whole messages taken before `recent` */
  struct buffer recent; /* bytes taken since `recent_since_ms` */
  int64_t recent_since_ms;
  size_t lost; /* bytes dropped because the server was away for too long */
  bool is_wrong_type; /* the address is a datagram socket */
};

void syslog_stream_init (struct syslog_stream *s, const struct syslog_address *address);
/* Ends the connection; what the kernel has taken goes its way, what waits is dropped. */
void syslog_stream_close (struct syslog_stream *s);
/* Takes a whole message with its line feed, or drops and counts it when too much waits. */
void syslog_stream_send (struct syslog_stream *s, const char *message, size_t length);

#endif
