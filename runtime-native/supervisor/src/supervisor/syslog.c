#include "supervisor/syslog.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum
{
  RETRY_MS = 1000,
  MAX_RETRY_MS = 30000,
  SEVERITY_ERROR = 3,
  SEVERITY_INFO = 6,
  MAX_QUEUE = 256 << 10
};

struct syslog
{
  const struct spec_log *config;
  int type; /* SOCK_DGRAM or SOCK_STREAM */
  struct sockaddr_storage address;
  socklen_t address_length;
  int fd;
  int64_t retry_at_ms;
  int64_t retry_delay_ms;
  struct buffer queue; /* stream sockets: what the kernel has not taken yet */
  char host[64];
  size_t lost;
};

static int
parse_unix (struct syslog *s, const char *path, struct err *e)
{
  struct sockaddr_un *address = (struct sockaddr_un *) &s->address;
  if (path[0] != '/' || strlen (path) >= sizeof address->sun_path)
    return err_set (e, EINVAL, "bad syslog socket path \"%s\"", path);
  address->sun_family = AF_UNIX;
  memcpy (address->sun_path, path, strlen (path) + 1);
  s->address_length = sizeof *address;
  return 0;
}

/* `ip:port`, `[ip6]:port`; the port may be missing. Names are resolved by whoever writes the specification. */
static int
parse_inet (struct syslog *s, const char *text, struct err *e)
{
  char host[64];
  uint64_t port = 514;
  bool bracketed = text[0] == '[';
  const char *start = text + bracketed;
  const char *end = bracketed ? strchr (start, ']') : strchrnul (start, ':');
  const char *rest = end == NULL ? NULL : end + bracketed;
  if (rest == NULL || (size_t) (end - start) >= sizeof host
      || (*rest != '\0' && (*rest != ':' || io_parse_unsigned (rest + 1, 65535, &port) < 0)))
    return err_set (e, EINVAL, "bad syslog address \"%s\"", text);
  memcpy (host, start, (size_t) (end - start));
  host[end - start] = '\0';
  struct sockaddr_in *v4 = (struct sockaddr_in *) &s->address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) &s->address;
  if (strcmp (host, "localhost") == 0)
    memcpy (host, "127.0.0.1", 10);
  if (inet_pton (AF_INET, host, &v4->sin_addr) == 1)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons ((uint16_t) port);
      s->address_length = sizeof *v4;
      return 0;
    }
  if (inet_pton (AF_INET6, host, &v6->sin6_addr) != 1)
    return err_set (e, EINVAL, "syslog address \"%s\" has no IP address", text);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons ((uint16_t) port);
  s->address_length = sizeof *v6;
  return 0;
}

static int
parse_address (struct syslog *s, struct err *e)
{
  const char *text = s->config->address;
  s->type = SOCK_DGRAM;
  if (strncmp (text, "udp://", 6) == 0)
    return parse_inet (s, text + 6, e);
  if (strncmp (text, "unixgram://", 11) == 0)
    return parse_unix (s, text + 11, e);
  s->type = SOCK_STREAM;
  if (strncmp (text, "tcp://", 6) == 0)
    return parse_inet (s, text + 6, e);
  if (strncmp (text, "unix://", 7) == 0)
    return parse_unix (s, text + 7, e);
  return err_set (e, EINVAL, "bad syslog address \"%s\"", text);
}

int
syslog_open (const struct spec_log *config, struct syslog **ret, struct err *e)
{
  struct syslog *s cleanup_free = calloc (1, sizeof *s);
  if (s == NULL)
    return err_set (e, ENOMEM, "out of memory");
  s->config = config;
  s->fd = -1;
  s->retry_delay_ms = RETRY_MS;
  if (gethostname (s->host, sizeof s->host - 1) < 0)
    memcpy (s->host, "-", 2);
  int r = parse_address (s, e);
  if (r == 0)
    *ret = steal_pointer (s);
  return r;
}

void
syslog_close (struct syslog *s)
{
  if (s == NULL)
    return;
  if (s->fd >= 0)
    (void) close (s->fd); /* given up */
  buffer_free (&s->queue);
  free (s);
}

static void
disconnect (struct syslog *s)
{
  (void) close (s->fd); /* given up */
  s->fd = -1;
  s->lost += s->queue.length;
  buffer_free (&s->queue);
  s->retry_at_ms = clock_monotonic_ms () + s->retry_delay_ms;
  s->retry_delay_ms = s->retry_delay_ms * 2 > MAX_RETRY_MS ? MAX_RETRY_MS : s->retry_delay_ms * 2;
}

static bool
connect_now (struct syslog *s)
{
  if (s->fd >= 0)
    return true;
  if (clock_monotonic_ms () < s->retry_at_ms)
    return false;
  s->fd = socket (s->address.ss_family, s->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (s->fd >= 0 && (connect (s->fd, (const struct sockaddr *) &s->address, s->address_length) == 0 || errno == EINPROGRESS))
    return true;
  /* `unix://` may be a datagram socket such as /dev/log. */
  if (s->fd >= 0 && errno == EPROTOTYPE)
    s->type = s->type == SOCK_STREAM ? SOCK_DGRAM : SOCK_STREAM;
  if (s->fd >= 0)
    disconnect (s);
  return false;
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

/* Gives the kernel what waits; false when the connection is lost. */
static bool
drain (struct syslog *s)
{
  while (s->queue.length > 0)
    {
      ssize_t n = send (s->fd, s->queue.data, s->queue.length, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0)
        return errno == EAGAIN || errno == ENOTCONN || errno == EINTR;
      s->retry_delay_ms = RETRY_MS;
      buffer_consume (&s->queue, (size_t) n);
    }
  return true;
}

void
syslog_send (struct syslog *s, bool is_error, const char *text, size_t length)
{
  struct buffer message cleanup_buffer = { 0 };
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  format_header (s, is_error, &message);
  buffer_add (&message, text, length);
  if (s->type == SOCK_STREAM)
    buffer_add_string (&message, "\n");
  if (message.failed || !connect_now (s) || s->queue.length + message.length > MAX_QUEUE)
    {
      s->lost += length;
      return;
    }
  if (s->type == SOCK_DGRAM)
    {
      if (send (s->fd, message.data, message.length, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return;
      s->lost += length;
      if (errno != EAGAIN && errno != EMSGSIZE && errno != ENOBUFS)
        disconnect (s);
      return;
    }
  buffer_add (&s->queue, message.data, message.length);
  if (!drain (s))
    disconnect (s);
}

size_t
syslog_lost (const struct syslog *s)
{
  return s->lost;
}
