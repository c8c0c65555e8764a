#include "supervisor/log-server.h"

#include "common/cleanup.h"
#include "supervisor/log-message.h"
#include "supervisor/log-target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum
{
  SYSLOG_PORT = 514,
  SYSLOG_TLS_PORT = 6514,
  GELF_PORT = 12201,
  FLUENTD_PORT = 24224
};

struct log_server
{
  const struct spec_log *config;
  struct log_target *target;
  char host[64];
  struct log_piece pieces[2]; /* of stdout, of stderr */
  size_t lost;                /* bytes that the protocol cannot carry, or without memory */
};

static uint16_t
port_of (const struct spec_log *config)
{
  if (config->driver == LOG_GELF)
    return GELF_PORT;
  if (config->driver == LOG_FLUENTD)
    return FLUENTD_PORT;
  return config->tls.relay == NULL ? SYSLOG_PORT : SYSLOG_TLS_PORT;
}

int
log_server_open (const struct spec_log *config, struct log_server **ret, struct err *e)
{
  struct log_server *server cleanup_free = calloc (1, sizeof *server);
  if (server == NULL)
    return err_set (e, ENOMEM, "out of memory");
  server->config = config;
  if (gethostname (server->host, sizeof server->host - 1) < 0)
    memcpy (server->host, "-", 2);
  int r = log_target_open (config, port_of (config), &server->target, e);
  if (r < 0)
    return r;
  *ret = steal_pointer (server);
  return 0;
}

void
log_server_close (struct log_server *server)
{
  if (server == NULL)
    return;
  log_target_close (server->target);
  free (server);
}

/* RFC 5425 counts a message's bytes; the other formats end with a line feed. */
static void
send_syslog (struct log_server *server, struct buffer *message)
{
  const struct spec_log *config = server->config;
  bool is_counted = config->tls.relay != NULL && (config->format == SYSLOG_RFC5424 || config->format == SYSLOG_RFC5424_MICRO);
  if (log_target_is_stream (server->target))
    buffer_add (message, "\n", 1);
  if (!is_counted)
    {
      log_target_send (server->target, message->data, message->length);
      return;
    }
  struct buffer frame cleanup_buffer = { 0 };
  buffer_printf (&frame, "%zu ", message->length);
  buffer_add (&frame, message->data, message->length);
  if (frame.failed)
    server->lost += message->length;
  else
    log_target_send (server->target, frame.data, frame.length);
}

static void
send_chunk (const void *bytes, size_t length, void *data)
{
  struct log_server *server = data;
  log_target_send (server->target, bytes, length);
}

static void
send_gelf (struct log_server *server, struct buffer *message)
{
  if (log_target_is_stream (server->target))
    log_target_send (server->target, message->data, message->length + 1); /* ends with NUL, which the buffer has */
  else if (!gelf_each_chunk (message, send_chunk, server))
    server->lost += message->length;
}

static void
send_line (struct log_server *server, const struct log_line *line, const struct log_piece *piece)
{
  struct buffer message cleanup_buffer = { 0 };
  struct log_origin origin = { .config = server->config, .host = server->host };
  (void) clock_gettime (CLOCK_REALTIME, &origin.time); /* cannot fail with a valid clock */
  if (server->config->driver == LOG_GELF)
    gelf_encode (&origin, line, &message);
  else if (server->config->driver == LOG_FLUENTD)
    fluentd_encode (&origin, line, piece, &message);
  else
    syslog_encode (&origin, line, &message);
  if (message.failed)
    server->lost += line->length;
  else if (server->config->driver == LOG_GELF)
    send_gelf (server, &message);
  else if (server->config->driver == LOG_FLUENTD)
    log_target_send (server->target, message.data, message.length);
  else
    send_syslog (server, &message);
}

/* A server that was away for too long is told how much it missed. */
static void
tell_losses (struct log_server *server)
{
  static const struct log_piece whole;
  char text[128];
  size_t untold = log_target_untold (server->target);
  if (untold == 0)
    return;
  int n = snprintf (text, sizeof text, "tscompose: %zu bytes of log were dropped while this server was away", untold);
  const struct log_line line = { .text = text, .length = (size_t) n, .is_error = true };
  send_line (server, &line, &whole);
}

static void
begin_line (struct log_piece *piece)
{
  unsigned char bytes[(sizeof piece->id - 1) / 2] = { 0 };
  if (getrandom (bytes, sizeof bytes, GRND_NONBLOCK) < 0)
    bytes[0] = 1; /* an id that is not unique is better than none */
  for (size_t i = 0; i < sizeof bytes; i++)
    (void) snprintf (piece->id + 2 * i, 3, "%02x", bytes[i]); /* fits */
  piece->ordinal = 0;
}

void
log_server_send (struct log_server *server, const struct log_line *line)
{
  struct log_piece *piece = &server->pieces[line->is_error];
  /* GELF has no empty message, and servers refuse it. */
  if (server->config->driver == LOG_GELF && line->length == 0)
    return;
  tell_losses (server);
  if (line->is_continued && piece->id[0] == '\0')
    begin_line (piece);
  piece->ordinal++;
  send_line (server, line, piece);
  if (!line->is_continued)
    piece->id[0] = '\0';
}

void
log_server_flush (struct log_server *server)
{
  log_target_flush (server->target);
}

void
log_server_linger (struct log_server *server, int timeout_ms)
{
  log_target_linger (server->target, timeout_ms);
}

size_t
log_server_lost (const struct log_server *server)
{
  return server->lost + log_target_lost (server->target);
}

const char *
log_server_problem (const struct log_server *server)
{
  return log_target_problem (server->target);
}
