#include "supervisor/syslog.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "supervisor/syslog-address.h"
#include "supervisor/syslog-stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum
{
  RETRY_MS = 1000,
  SEVERITY_ERROR = 3,
  SEVERITY_INFO = 6
};

struct syslog
{
  const struct spec_log *config;
  struct syslog_address address;
  struct syslog_stream stream; /* of a stream address */
  int fd;                      /* of a datagram address */
  int64_t retry_at_ms;
  char host[64];
  size_t lost;      /* bytes of datagrams */
  size_t told_lost; /* bytes of the stream's losses that the server was told of */
};

int
syslog_open (const struct spec_log *config, struct syslog **ret, struct err *e)
{
  struct syslog *s cleanup_free = calloc (1, sizeof *s);
  if (s == NULL)
    return err_set (e, ENOMEM, "out of memory");
  s->config = config;
  s->fd = -1;
  if (gethostname (s->host, sizeof s->host - 1) < 0)
    memcpy (s->host, "-", 2);
  int r = syslog_address_parse (config->address, &s->address, e);
  if (r < 0)
    return r;
  syslog_stream_init (&s->stream, &s->address);
  *ret = steal_pointer (s);
  return 0;
}

void
syslog_close (struct syslog *s)
{
  if (s == NULL)
    return;
  if (s->fd >= 0)
    (void) close (s->fd); /* given up */
  syslog_stream_close (&s->stream);
  free (s);
}

static void
format_header (const struct syslog *s, bool is_error, struct buffer *message)
{
  int priority = s->config->facility * 8 + (is_error ? SEVERITY_ERROR : SEVERITY_INFO);
  char iso[CLOCK_TEXT_SIZE];
  char classic[32];
  struct tm parts;
  time_t now = time (NULL);
  clock_format_now (iso);
  (void) localtime_r (&now, &parts);
  (void) strftime (classic, sizeof classic, "%b %e %H:%M:%S", &parts); /* fits */
  switch (s->config->format)
    {
    case SYSLOG_UNIX: buffer_printf (message, "<%d>%s %s[%d]: ", priority, classic, s->config->tag, (int) getpid ()); break;
    case SYSLOG_RFC3164:
      buffer_printf (message, "<%d>%s %s %s[%d]: ", priority, classic, s->host, s->config->tag, (int) getpid ());
      break;
    case SYSLOG_RFC5424:
    case SYSLOG_RFC5424_MICRO:
    default:
      memcpy (s->config->format == SYSLOG_RFC5424_MICRO ? iso + 26 : iso + 19, "Z", 2);
      buffer_printf (message, "<%d>1 %s %s %s %d %s - ", priority, iso, s->host, s->config->tag, (int) getpid (), s->config->tag);
      break;
    }
}

static bool
open_datagram (struct syslog *s)
{
  if (s->fd >= 0)
    return true;
  if (clock_monotonic_ms () < s->retry_at_ms)
    return false;
  s->fd = socket (s->address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return s->fd >= 0;
}

static void
close_datagram (struct syslog *s)
{
  (void) close (s->fd); /* given up */
  s->fd = -1;
  s->retry_at_ms = clock_monotonic_ms () + RETRY_MS;
}

/* Nothing waits for a server of datagrams: as with any of them, what cannot be sent is gone. */
static void
send_datagram (struct syslog *s, const struct buffer *message, size_t length)
{
  if (!open_datagram (s))
    {
      s->lost += length;
      return;
    }
  const struct sockaddr *address = (const struct sockaddr *) &s->address.storage;
  if (sendto (s->fd, message->data, message->length, MSG_NOSIGNAL | MSG_DONTWAIT, address, s->address.length) >= 0)
    return;
  s->lost += length;
  if (errno == EPROTOTYPE) /* `unixgram://` may be a stream socket */
    s->address.type = SOCK_STREAM;
  if (errno != EAGAIN && errno != EMSGSIZE && errno != ENOBUFS && errno != ECONNREFUSED)
    close_datagram (s);
}

/* A server that was away for too long is told how much it missed. */
static void
tell_losses (struct syslog *s)
{
  if (s->stream.lost == s->told_lost || s->stream.queue.length > SYSLOG_STREAM_LIMIT / 2)
    return;
  struct buffer message cleanup_buffer = { 0 };
  format_header (s, true, &message);
  buffer_printf (&message, "tscompose: %zu bytes of log were dropped while this server was away\n", s->stream.lost - s->told_lost);
  s->told_lost = s->stream.lost;
  if (!message.failed)
    syslog_stream_send (&s->stream, message.data, message.length);
}

void
syslog_send (struct syslog *s, bool is_error, const char *text, size_t length)
{
  struct buffer message cleanup_buffer = { 0 };
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  format_header (s, is_error, &message);
  buffer_add (&message, text, length);
  if (message.failed)
    {
      s->lost += length;
      return;
    }
  if (s->address.type == SOCK_STREAM)
    {
      tell_losses (s);
      buffer_add_string (&message, "\n");
      syslog_stream_send (&s->stream, message.data, message.length);
      if (!s->stream.is_wrong_type)
        return;
      /* `unix://` may be a datagram socket such as /dev/log. */
      s->address.type = SOCK_DGRAM;
      syslog_stream_close (&s->stream);
      syslog_stream_init (&s->stream, &s->address);
      message.length--;
    }
  send_datagram (s, &message, length);
}

size_t
syslog_lost (const struct syslog *s)
{
  return s->lost + s->stream.lost;
}
