#include "net/dns-stream.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void
dns_streams_init (struct dns_streams *s)
{
  for (size_t i = 0; i < DNS_STREAMS_MAX; i++)
    s->slots[i] = (struct dns_stream){ .fd = -1, .data = &s->buffers[i] };
}

static void
close_stream (struct dns_streams *s, struct dns_stream *stream)
{
  (void) close (stream->fd); /* the client is done or given up */
  stream->fd = -1;
  stream->generation++;
  s->n_open--;
}

static void
watch (struct dns_streams *s, struct dns_stream *stream)
{
  uint32_t events = stream->output_length > 0 ? EPOLLOUT : stream->is_ended ? 0U : EPOLLIN;
  struct epoll_event event = { .events = events, .data.u64 = s->event_base + (size_t) (stream - s->slots) };
  if (epoll_ctl (s->epoll, EPOLL_CTL_MOD, stream->fd, &event) < 0)
    close_stream (s, stream);
}

static struct dns_stream *
find_slot (struct dns_streams *s)
{
  struct dns_stream *idle = &s->slots[0];
  for (size_t i = 0; i < DNS_STREAMS_MAX; i++)
    {
      struct dns_stream *stream = &s->slots[i];
      if (stream->fd < 0)
        return stream;
      if (stream->active_ms < idle->active_ms)
        idle = stream;
    }
  close_stream (s, idle);
  return idle;
}

void
dns_streams_accept (struct dns_streams *s, uint64_t now_ms)
{
  int fd = accept4 (s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0)
    return; /* gone again, or no fd left: limits leave room for all slots */
  struct dns_stream *stream = find_slot (s);
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = s->event_base + (size_t) (stream - s->slots) };
  if (epoll_ctl (s->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
    {
      (void) close (fd); /* as good as never accepted */
      return;
    }
  stream->fd = fd;
  stream->pending = 0;
  stream->is_ended = false;
  stream->active_ms = now_ms;
  stream->input_length = 0;
  stream->output_length = 0;
  s->n_open++;
}

void
dns_stream_expect (struct dns_streams *s, size_t index)
{
  s->slots[index].pending++;
}

void
dns_stream_answer (struct dns_streams *s, size_t index, uint32_t generation, bool was_expected, const uint8_t *answer, size_t length)
{
  struct dns_stream *stream = &s->slots[index];
  if (stream->fd < 0 || stream->generation != generation)
    return;
  if (was_expected)
    stream->pending--;
  uint8_t size[2] = { (uint8_t) (length >> 8), (uint8_t) length };
  struct iovec parts[2] = { { .iov_base = size, .iov_len = 2 }, { .iov_base = (void *) (uintptr_t) answer, .iov_len = length } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  size_t sent = 0;
  if (stream->output_length == 0)
    {
      ssize_t n = sendmsg (stream->fd, &message, MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        {
          close_stream (s, stream);
          return;
        }
      sent = n < 0 ? 0 : (size_t) n;
    }
  size_t rest = 2 + length - sent;
  if (rest > DNS_STREAM_OUTPUT - stream->output_length)
    {
      close_stream (s, stream);
      return;
    }
  uint8_t *end = stream->data->output + stream->output_length;
  size_t head = sent < 2 ? 2 - sent : 0;
  memcpy (end, size + 2 - head, head);
  memcpy (end + head, answer + length - (rest - head), rest - head);
  stream->output_length += (uint32_t) rest;
  if (stream->output_length > 0)
    watch (s, stream);
  else if (stream->is_ended && stream->pending == 0)
    close_stream (s, stream);
}

/* Hands the complete questions over; what is left of the next one moves to the front. */
static void
take_questions (struct dns_streams *s, struct dns_stream *stream, uint64_t now_ms)
{
  size_t at = 0;
  uint32_t generation = stream->generation;
  while (stream->input_length - at >= 2)
    {
      size_t length = (size_t) (stream->data->input[at] << 8 | stream->data->input[at + 1]);
      if (length < DNS_HEADER_SIZE || length > DNS_QUERY_MAX)
        {
          close_stream (s, stream);
          return;
        }
      if (stream->input_length - at < 2 + length || stream->output_length > 0)
        break;
      s->question (s->context, (size_t) (stream - s->slots), stream->data->input + at + 2, length, now_ms);
      if (stream->fd < 0 || stream->generation != generation)
        return;
      at += 2 + length;
    }
  stream->input_length -= (uint32_t) at;
  memmove (stream->data->input, stream->data->input + at, stream->input_length);
}

static void
flush (struct dns_streams *s, struct dns_stream *stream, uint64_t now_ms)
{
  ssize_t n = send (stream->fd, stream->data->output, stream->output_length, MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0)
    {
      close_stream (s, stream);
      return;
    }
  stream->active_ms = now_ms;
  stream->output_length -= (uint32_t) n;
  memmove (stream->data->output, stream->data->output + n, stream->output_length);
  if (stream->output_length > 0)
    return;
  (void) madvise ((void *) (((uintptr_t) stream->data->output + 4095) & ~(uintptr_t) 4095), (DNS_STREAM_OUTPUT - 4096) & ~4095U,
                  MADV_DONTNEED); /* only saves memory */
  uint32_t generation = stream->generation;
  take_questions (s, stream, now_ms); /* those that waited for this */
  if (stream->generation != generation)
    return;
  if (stream->is_ended && stream->pending == 0 && stream->output_length == 0)
    close_stream (s, stream);
  else
    watch (s, stream);
}

static void
receive (struct dns_streams *s, struct dns_stream *stream, uint64_t now_ms)
{
  ssize_t n = recv (stream->fd, stream->data->input + stream->input_length, sizeof stream->data->input - stream->input_length, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0 || (n == 0 && stream->pending == 0))
    {
      close_stream (s, stream);
      return;
    }
  if (n == 0)
    {
      stream->is_ended = true;
      watch (s, stream);
      return;
    }
  stream->active_ms = now_ms;
  stream->input_length += (uint32_t) n;
  take_questions (s, stream, now_ms);
}

void
dns_stream_event (struct dns_streams *s, size_t index, uint32_t events, uint64_t now_ms)
{
  struct dns_stream *stream = &s->slots[index];
  if (stream->fd < 0)
    return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
    close_stream (s, stream);
  else if (stream->output_length > 0)
    flush (s, stream, now_ms);
  else
    receive (s, stream, now_ms);
}

int
dns_streams_expire (struct dns_streams *s, uint64_t now_ms)
{
  int64_t next = -1;
  for (size_t i = 0; s->n_open > 0 && i < DNS_STREAMS_MAX; i++)
    {
      struct dns_stream *stream = &s->slots[i];
      if (stream->fd < 0)
        continue;
      int64_t left = (int64_t) (stream->active_ms + DNS_STREAM_IDLE_MS) - (int64_t) now_ms;
      if (left <= 0)
        close_stream (s, stream);
      else if (next < 0 || left < next)
        next = left;
    }
  return (int) next;
}
