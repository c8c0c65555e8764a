#include "supervisor/log-target.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "supervisor/log-stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  RETRY_MS = 1000
};

struct log_target
{
  const struct spec_log *config;
  struct log_address address;
  struct log_stream stream; /* of a stream address */
  int fd;                   /* of a datagram address */
  int datagram_error;
  int64_t retry_at_ms;
  size_t lost;      /* bytes of datagrams */
  size_t told_lost; /* bytes of the stream's losses that the server was told of */
};

int
log_target_open (const struct spec_log *config, uint16_t default_port, struct log_target **ret, struct err *e)
{
  struct log_target *target cleanup_free = calloc (1, sizeof *target);
  if (target == NULL)
    return err_set (e, ENOMEM, "out of memory");
  target->config = config;
  target->fd = -1;
  int r = log_address_parse (config->address, default_port, &target->address, e);
  if (r < 0)
    return r;
  log_stream_init (&target->stream, &target->address, config);
  *ret = steal_pointer (target);
  return 0;
}

void
log_target_close (struct log_target *target)
{
  if (target == NULL)
    return;
  if (target->fd >= 0)
    (void) close (target->fd); /* given up */
  log_stream_close (&target->stream);
  free (target);
}

bool
log_target_is_stream (const struct log_target *target)
{
  return target->address.type == SOCK_STREAM;
}

static bool
open_datagram (struct log_target *target)
{
  if (target->fd >= 0)
    return true;
  if (clock_monotonic_ms () < target->retry_at_ms)
    return false;
  target->fd = socket (target->address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return target->fd >= 0;
}

static void
close_datagram (struct log_target *target)
{
  (void) close (target->fd); /* given up */
  target->fd = -1;
  target->retry_at_ms = clock_monotonic_ms () + RETRY_MS;
}

/* Nothing waits for a server of datagrams: as with any of them, what cannot be sent is gone. */
static void
send_datagram (struct log_target *target, const void *message, size_t length)
{
  if (!open_datagram (target))
    {
      target->lost += length;
      return;
    }
  const struct sockaddr *address = (const struct sockaddr *) &target->address.storage;
  ssize_t n = -1;
  do
    n = sendto (target->fd, message, length, MSG_NOSIGNAL | MSG_DONTWAIT, address, target->address.length);
  while (n < 0 && errno == EINTR);
  target->datagram_error = n < 0 ? errno : 0;
  if (n >= 0)
    return;
  target->lost += length;
  if (errno == EPROTOTYPE) /* `unixgram://` may be a stream socket */
    target->address.type = SOCK_STREAM;
  if (errno != EAGAIN && errno != EMSGSIZE && errno != ENOBUFS && errno != ECONNREFUSED)
    close_datagram (target);
}

void
log_target_send (struct log_target *target, const void *message, size_t length)
{
  if (!log_target_is_stream (target))
    {
      send_datagram (target, message, length);
      return;
    }
  log_stream_send (&target->stream, message, length);
  if (!target->stream.is_wrong_type)
    return;
  /* `unix://` may be a datagram socket such as /dev/log. */
  target->address.type = SOCK_DGRAM;
  log_stream_close (&target->stream);
  log_stream_init (&target->stream, &target->address, target->config);
  send_datagram (target, message, length);
}

void
log_target_flush (struct log_target *target)
{
  log_stream_flush (&target->stream);
}

void
log_target_linger (struct log_target *target, int timeout_ms)
{
  log_stream_linger (&target->stream, timeout_ms);
}

size_t
log_target_lost (const struct log_target *target)
{
  return target->lost + target->stream.lost;
}

size_t
log_target_untold (struct log_target *target)
{
  size_t untold = target->stream.lost - target->told_lost;
  if (untold == 0 || !log_stream_has_room (&target->stream))
    return 0;
  target->told_lost = target->stream.lost;
  return untold;
}

const char *
log_target_problem (const struct log_target *target)
{
  if (log_target_is_stream (target))
    return target->stream.problem;
  return target->datagram_error == 0 ? "" : strerror (target->datagram_error);
}
