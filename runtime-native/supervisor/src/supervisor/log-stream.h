#ifndef SUPERVISOR_LOG_STREAM_H
#define SUPERVISOR_LOG_STREAM_H

#include "supervisor/log-address.h"
#include "supervisor/loop.h"
#include "supervisor/message-queue.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
  LOG_STREAM_GUARD_MS = 5000, /* what was sent so long before a connection ended is sent again */
  LOG_STREAM_PROBLEM_SIZE = 160
};

/* A connection to a log server that comes and goes, plain or through a relay that speaks TLS. Messages wait while it is
   away. The protocols have no acknowledgement: what the kernel (or a proxy on the way) has taken when the server goes is gone
   without a word. So the last moments are kept and sent again: a message arrives twice rather than never. */
struct log_stream
{
  const struct log_address *address; /* not owned, as the next */
  const struct spec_log *config;
  int fd;
  struct watch watch;
  struct timer retry;
  struct timer forget; /* frees what was kept when nothing more is sent */
  int64_t retry_delay_ms;
  int64_t connected_at_ms;
  bool is_ready;        /* the server takes messages */
  unsigned short_lives; /* connections in a row that ended within the guard time */
  int failures;         /* attempts in a row that did not become ready */
  struct message_queue queue;
  size_t sent;                 /* bytes of the queue's first message that the kernel has taken */
  struct message_queue older;  /* taken before `recent` */
  struct message_queue recent; /* taken since `recent_since_ms` */
  int64_t recent_since_ms;
  size_t lost;        /* bytes dropped because the server was away for too long */
  bool is_told;       /* by the relay, of the present connection's end */
  bool is_wrong_type; /* the address is a datagram socket */
  char problem[LOG_STREAM_PROBLEM_SIZE]; /* why there is no connection, in words; empty while there is one */
};

void log_stream_init (struct log_stream *s, const struct log_address *address, const struct spec_log *config);
/* Ends the connection; what the kernel has taken goes its way, what waits is dropped. */
void log_stream_close (struct log_stream *s);
/* Takes a whole message, or drops and counts it when too much waits. It is on its way after the next flush. */
void log_stream_send (struct log_stream *s, const void *message, size_t length);
void log_stream_flush (struct log_stream *s);
/* Sends what waits, as long as there is a connection or an attempt at one, for so long at most; runs no loop. */
void log_stream_linger (struct log_stream *s, int timeout_ms);
/* Whether so little waits that a word about losses would arrive. */
bool log_stream_has_room (const struct log_stream *s);

#endif
