#include "supervisor/syslog-stream.h"

#include "common/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum
{
  RETRY_MS = 250,
  MAX_RETRY_MS = 5000,
  /* A server that takes everything and hangs up each time would get the same again and again. */
  MOST_SHORT_LIVES = 20
};

static void drain (struct syslog_stream *s);
static void connect_now (struct syslog_stream *s);

static void
add_buffer (struct buffer *to, const struct buffer *from)
{
  if (from->length > 0)
    buffer_add (to, from->data, from->length);
}

/* Keeps what was sent within the guard time, in two parts that take turns. */
static void
remember (struct syslog_stream *s, const char *bytes, size_t length)
{
  int64_t now = clock_monotonic_ms ();
  if (now - s->recent_since_ms > SYSLOG_STREAM_GUARD_MS || s->recent.length > SYSLOG_STREAM_LIMIT / 2)
    {
      /* Only whole messages grow old together: sending again begins at the beginning of one. */
      const char *end = s->recent.length == 0 ? NULL : memrchr (s->recent.data, '\n', s->recent.length);
      size_t whole = end == NULL ? 0 : (size_t) (end - s->recent.data) + 1;
      buffer_free (&s->older);
      if (whole > 0)
        buffer_add (&s->older, s->recent.data, whole);
      buffer_consume (&s->recent, whole);
      s->recent_since_ms = now;
    }
  buffer_add (&s->recent, bytes, length);
}

/* Puts what may not have arrived in front of what waits. */
static void
take_back (struct syslog_stream *s)
{
  struct buffer all = { 0 };
  if (s->short_lives < MOST_SHORT_LIVES)
    {
      if (clock_monotonic_ms () - s->recent_since_ms < SYSLOG_STREAM_GUARD_MS)
        add_buffer (&all, &s->older);
      add_buffer (&all, &s->recent);
    }
  else if (s->queue.length > 0)
    {
      /* The beginning of a message that was taken in part. */
      const char *end = s->recent.length == 0 ? NULL : memrchr (s->recent.data, '\n', s->recent.length);
      size_t whole = end == NULL ? 0 : (size_t) (end - s->recent.data) + 1;
      buffer_add (&all, s->recent.data + whole, s->recent.length - whole);
    }
  add_buffer (&all, &s->queue);
  buffer_free (&s->older);
  buffer_free (&s->recent);
  buffer_free (&s->queue);
  s->queue = all;
}

static void
disconnect (struct syslog_stream *s)
{
  bool was_short = clock_monotonic_ms () - s->connected_at_ms < SYSLOG_STREAM_GUARD_MS;
  loop_remove (&s->watch);
  (void) close (s->fd); /* given up */
  s->fd = -1;
  s->short_lives = was_short ? s->short_lives + 1 : 0;
  s->retry_delay_ms = !was_short || s->retry_delay_ms == 0 ? RETRY_MS : s->retry_delay_ms * 2;
  if (s->retry_delay_ms > MAX_RETRY_MS)
    s->retry_delay_ms = MAX_RETRY_MS;
  take_back (s);
  loop_arm (&s->retry, s->retry_delay_ms);
}

static void
handle (struct watch *watch, uint32_t events)
{
  struct syslog_stream *s = watch->owner;
  if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0)
    disconnect (s);
  else
    drain (s);
}

static void
expire (struct timer *timer)
{
  struct syslog_stream *s = timer->owner;
  if (s->queue.length > 0)
    connect_now (s);
}

/* Gives the kernel what waits, as much as it takes. */
static void
drain (struct syslog_stream *s)
{
  while (s->queue.length > 0)
    {
      ssize_t n = send (s->fd, s->queue.data, s->queue.length, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
        break;
      if (n < 0)
        {
          disconnect (s);
          return;
        }
      remember (s, s->queue.data, (size_t) n);
      buffer_consume (&s->queue, (size_t) n);
    }
  loop_change (&s->watch, s->queue.length > 0 ? EPOLLRDHUP | EPOLLOUT : EPOLLRDHUP);
}

static void
connect_now (struct syslog_stream *s)
{
  struct err ignored;
  s->fd = socket (s->address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  s->connected_at_ms = clock_monotonic_ms ();
  if (s->fd >= 0 && connect (s->fd, (const struct sockaddr *) &s->address->storage, s->address->length) < 0 && errno != EINPROGRESS)
    {
      s->is_wrong_type = errno == EPROTOTYPE;
      disconnect (s);
      return;
    }
  s->watch = (struct watch){ .fd = s->fd, .events = EPOLLRDHUP | EPOLLOUT, .handle = handle, .owner = s };
  if (s->fd < 0 || loop_add (&s->watch, &ignored) < 0)
    disconnect (s);
  else
    drain (s);
}

void
syslog_stream_init (struct syslog_stream *s, const struct syslog_address *address)
{
  *s = (struct syslog_stream){ .address = address, .fd = -1 };
  s->retry = (struct timer){ .expire = expire, .owner = s };
}

void
syslog_stream_close (struct syslog_stream *s)
{
  loop_disarm (&s->retry);
  loop_remove (&s->watch);
  if (s->fd >= 0)
    (void) close (s->fd); /* given up */
  s->fd = -1;
  buffer_free (&s->queue);
  buffer_free (&s->older);
  buffer_free (&s->recent);
}

void
syslog_stream_send (struct syslog_stream *s, const char *message, size_t length)
{
  if (s->queue.length + length > SYSLOG_STREAM_LIMIT)
    {
      s->lost += length;
      return;
    }
  buffer_add (&s->queue, message, length);
  if (s->fd >= 0)
    drain (s);
  else if (!s->retry.armed)
    connect_now (s);
}
