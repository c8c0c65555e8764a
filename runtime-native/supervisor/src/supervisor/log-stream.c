#include "supervisor/log-stream.h"

#include "common/clock.h"
#include "supervisor/log-relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  BATCH = 64,
  /* A server that takes everything and hangs up each time would get the same again and again. */
  MOST_SHORT_LIVES = 20
};

static void drain (struct log_stream *s);
static void connect_now (struct log_stream *s);

static size_t
limit_of (const struct log_stream *s)
{
  return (size_t) s->config->delivery.buffer_bytes;
}

/* Keeps what was sent within the guard time, in two parts that take turns. */
static void
remember (struct log_stream *s, const struct iovec *message)
{
  int64_t now = clock_monotonic_ms ();
  if (now - s->recent_since_ms > LOG_STREAM_GUARD_MS || message_queue_bytes (&s->recent) > limit_of (s) / 2)
    {
      message_queue_free (&s->older);
      s->older = s->recent;
      s->recent = (struct message_queue){ 0 };
      s->recent_since_ms = now;
    }
  (void) message_queue_add (&s->recent, message->iov_base, message->iov_len); /* without memory it is not sent again */
  if (!s->forget.armed)
    loop_arm (&s->forget, 2 * LOG_STREAM_GUARD_MS);
}

static void
forget (struct timer *timer)
{
  struct log_stream *s = timer->owner;
  if (clock_monotonic_ms () - s->recent_since_ms > LOG_STREAM_GUARD_MS)
    {
      message_queue_free (&s->older);
      s->older = s->recent;
      s->recent = (struct message_queue){ 0 };
      s->recent_since_ms = clock_monotonic_ms ();
    }
  if (s->older.count > 0 || s->recent.count > 0)
    loop_arm (&s->forget, 2 * LOG_STREAM_GUARD_MS);
}

/* Puts what may not have arrived in front of what waits. */
static void
take_back (struct log_stream *s)
{
  struct message_queue all = { 0 };
  if (s->short_lives < MOST_SHORT_LIVES)
    {
      if (clock_monotonic_ms () - s->recent_since_ms < LOG_STREAM_GUARD_MS)
        message_queue_append (&all, &s->older);
      message_queue_append (&all, &s->recent);
    }
  message_queue_append (&all, &s->queue);
  message_queue_free (&s->older);
  message_queue_free (&s->recent);
  s->queue = all;
  s->sent = 0;
}

static void
drop_all (struct log_stream *s)
{
  struct iovec message;
  for (; message_queue_peek (&s->queue, &message, 1) == 1; message_queue_drop_first (&s->queue))
    s->lost += message.iov_len;
}

static void
disconnect (struct log_stream *s, const char *problem)
{
  const struct spec_log_delivery *delivery = &s->config->delivery;
  bool was_short = clock_monotonic_ms () - s->connected_at_ms < LOG_STREAM_GUARD_MS;
  bool was_good = s->is_ready && !was_short;
  loop_remove (&s->watch);
  if (s->fd >= 0)
    (void) close (s->fd); /* given up */
  s->fd = -1;
  s->failures = s->is_ready ? 0 : s->failures + 1;
  if (s->is_ready)
    s->short_lives = was_short ? s->short_lives + 1 : 0;
  s->is_ready = false;
  s->retry_delay_ms = was_good || s->retry_delay_ms == 0 ? delivery->retry_ms : s->retry_delay_ms + s->retry_delay_ms / 2;
  if (s->retry_delay_ms > delivery->max_retry_ms)
    s->retry_delay_ms = delivery->max_retry_ms;
  if (!s->is_told)
    (void) snprintf (s->problem, sizeof s->problem, "%.*s", (int) sizeof s->problem - 1, problem);
  take_back (s);
  if (delivery->max_retries >= 0 && s->failures > delivery->max_retries)
    {
      drop_all (s);
      s->failures = 0;
    }
  loop_arm (&s->retry, s->retry_delay_ms);
}

static void
become_ready (struct log_stream *s)
{
  s->is_ready = true;
  s->failures = 0;
  s->problem[0] = '\0';
  s->connected_at_ms = clock_monotonic_ms ();
}

/* What a relay says: "ready", or why it ends. Other servers say nothing that matters. False when the connection has ended. */
static bool
hear (struct log_stream *s)
{
  char text[LOG_STREAM_PROBLEM_SIZE];
  ssize_t n = recv (s->fd, text, sizeof text - 1, MSG_DONTWAIT);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (s->config->tls.relay == NULL || n == 0)
    return n > 0;
  text[n] = '\0';
  char *end = strchrnul (text, '\n');
  bool is_ready = end - text == 5 && memcmp (text, "ready", 5) == 0;
  if (is_ready)
    {
      become_ready (s);
      end += *end == '\n';
      memmove (text, end, strlen (end) + 1);
      end = strchrnul (text, '\n');
    }
  *end = '\0';
  s->is_told = text[0] != '\0';
  if (s->is_told)
    (void) snprintf (s->problem, sizeof s->problem, "%s", text);
  return true;
}

static const char *
socket_problem (int fd)
{
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error == 0)
    return "the server has ended the connection";
  return strerror (error);
}

static void
handle (struct watch *watch, uint32_t events)
{
  struct log_stream *s = watch->owner;
  bool is_open = (events & EPOLLIN) == 0 || hear (s);
  if (!is_open || (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0)
    disconnect (s, socket_problem (s->fd));
  else
    {
      if (!s->is_ready && s->config->tls.relay == NULL)
        become_ready (s);
      drain (s);
    }
}

static void
expire (struct timer *timer)
{
  struct log_stream *s = timer->owner;
  if (s->queue.count > 0)
    connect_now (s);
}

/* The kernel has taken N bytes of the first messages. */
static void
account (struct log_stream *s, size_t n)
{
  struct iovec first;
  while (n > 0 && message_queue_peek (&s->queue, &first, 1) == 1)
    {
      size_t left = first.iov_len - s->sent;
      if (n < left)
        {
          s->sent += n;
          return;
        }
      n -= left;
      s->sent = 0;
      remember (s, &first);
      message_queue_drop_first (&s->queue);
    }
}

/* Gives the kernel what waits, as much as it takes. */
static void
drain (struct log_stream *s)
{
  bool is_plain = s->config->tls.relay == NULL;
  while ((s->is_ready || is_plain) && s->queue.count > 0)
    {
      struct iovec batch[BATCH];
      struct msghdr header = { .msg_iov = batch, .msg_iovlen = message_queue_peek (&s->queue, batch, BATCH) };
      batch[0].iov_base = (char *) batch[0].iov_base + s->sent;
      batch[0].iov_len -= s->sent;
      ssize_t n = sendmsg (s->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == ENOTCONN)) /* not connected yet */
        break;
      if (n < 0)
        {
          disconnect (s, strerror (errno));
          return;
        }
      if (!s->is_ready)
        become_ready (s);
      account (s, (size_t) n);
    }
  bool wants_room = s->queue.count > 0 && (s->is_ready || is_plain);
  loop_change (&s->watch, EPOLLIN | EPOLLRDHUP | (wants_room ? EPOLLOUT : 0));
}

/* 0 when it is connected or will be. */
static int
open_socket (struct log_stream *s, struct err *e)
{
  if (s->config->tls.relay != NULL)
    {
      s->fd = log_relay_start (&s->config->tls, s->config->address, e);
      return s->fd < 0 ? s->fd : 0;
    }
  s->fd = socket (s->address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (s->fd < 0)
    return err_errno (e, "socket");
  if (connect (s->fd, (const struct sockaddr *) &s->address->storage, s->address->length) == 0)
    become_ready (s);
  else if (errno != EINPROGRESS)
    {
      s->is_wrong_type = errno == EPROTOTYPE;
      return err_set (e, errno, "%s", strerror (errno));
    }
  return 0;
}

static void
connect_now (struct log_stream *s)
{
  struct err e = { 0 };
  s->is_told = false;
  s->connected_at_ms = clock_monotonic_ms ();
  int r = open_socket (s, &e);
  s->watch = (struct watch){ .fd = s->fd, .events = EPOLLIN | EPOLLRDHUP | EPOLLOUT, .handle = handle, .owner = s };
  if (r == 0 && s->config->tls.relay != NULL)
    s->watch.events = EPOLLIN | EPOLLRDHUP;
  if (r == 0)
    r = loop_add (&s->watch, &e);
  if (r < 0)
    disconnect (s, e.msg);
  else
    drain (s);
}

void
log_stream_init (struct log_stream *s, const struct log_address *address, const struct spec_log *config)
{
  *s = (struct log_stream){ .address = address, .config = config, .fd = -1 };
  s->retry = (struct timer){ .expire = expire, .owner = s };
  s->forget = (struct timer){ .expire = forget, .owner = s };
}

void
log_stream_close (struct log_stream *s)
{
  loop_disarm (&s->retry);
  loop_disarm (&s->forget);
  loop_remove (&s->watch);
  if (s->fd >= 0)
    (void) close (s->fd); /* given up */
  s->fd = -1;
  message_queue_free (&s->queue);
  message_queue_free (&s->older);
  message_queue_free (&s->recent);
}

void
log_stream_send (struct log_stream *s, const void *message, size_t length)
{
  const struct spec_log_delivery *delivery = &s->config->delivery;
  bool is_full = message_queue_bytes (&s->queue) + length > limit_of (s)
                 || (delivery->buffer_messages > 0 && s->queue.count >= (size_t) delivery->buffer_messages);
  if (is_full || !message_queue_add (&s->queue, message, length))
    {
      s->lost += length;
      return;
    }
  if (s->fd >= 0 && s->queue.count % BATCH == 0)
    drain (s);
  else if (s->fd < 0 && !s->retry.armed)
    connect_now (s);
}

void
log_stream_flush (struct log_stream *s)
{
  if (s->fd >= 0 && s->queue.count > 0)
    drain (s);
}

void
log_stream_linger (struct log_stream *s, int timeout_ms)
{
  int64_t due_ms = clock_monotonic_ms () + timeout_ms;
  while (s->fd >= 0 && s->queue.count > 0)
    {
      int64_t left = due_ms - clock_monotonic_ms ();
      bool wants_room = s->is_ready || s->config->tls.relay == NULL;
      struct pollfd socket = { .fd = s->fd, .events = (short) (wants_room ? POLLIN | POLLOUT : POLLIN) };
      int n = left <= 0 ? 0 : poll (&socket, 1, (int) left);
      if (n == 0 || (n < 0 && errno != EINTR))
        return;
      if (n > 0)
        handle (&s->watch, (uint32_t) socket.revents); /* the flags of poll and epoll are the same */
    }
}

bool
log_stream_has_room (const struct log_stream *s)
{
  const struct spec_log_delivery *delivery = &s->config->delivery;
  return message_queue_bytes (&s->queue) <= limit_of (s) / 2
         && (delivery->buffer_messages == 0 || s->queue.count <= (size_t) delivery->buffer_messages / 2);
}
