#ifndef SUPERVISOR_LOG_MESSAGE_H
#define SUPERVISOR_LOG_MESSAGE_H

#include "common/buffer.h"
#include "supervisor/log-line.h"
#include "supervisor/spec.h"

#include <time.h>

/* Where and when a line was said. */
struct log_origin
{
  const struct spec_log *config;
  const char *host;
  struct timespec time;
};

/* The text of a line that was cut: Docker's fields of fluentd records. */
struct log_piece
{
  char id[33];      /* of the line; empty: it is whole */
  unsigned ordinal; /* from 1 */
};

/* A message of RFC 3164 or RFC 5424, or as syslog(3) writes it, without its end. */
void syslog_encode (const struct log_origin *origin, const struct log_line *line, struct buffer *message);

/* A GELF 1.1 message (go2docs.graylog.org, "GELF Payload Specification"). */
void gelf_encode (const struct log_origin *origin, const struct log_line *line, struct buffer *message);

/* An event of the Forward protocol v1 in Message mode (github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1). */
void fluentd_encode (const struct log_origin *origin, const struct log_line *line, const struct log_piece *piece, struct buffer *message);

enum
{
  GELF_CHUNK_BYTES = 1420,
  GELF_CHUNKS_MAX = 128
};

/* Calls SEND for each datagram of a GELF message; false when it is too long for the protocol. */
bool gelf_each_chunk (const struct buffer *message, void (*send) (const void *bytes, size_t length, void *data), void *data);

#endif
