#include "net/proxy-server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum
{
  BULK_CHUNKS = 8,      /* full chunks in a row that make a flow worth a pipe */
  PIPE_SIZE = 512 << 10,
  TURN_BYTES = 1 << 20
};

void
proxy_flow_release (struct proxy_server *s, struct proxy_flow *flow)
{
  if (flow->pipe[1] > 0)
    {
      (void) close (flow->pipe[0]); /* what is in it has nowhere to go */
      (void) close (flow->pipe[1]);
      s->n_pipes--;
    }
  *flow = (struct proxy_flow){ 0 };
}

/* A flow without a pipe goes on copying. */
static void
take_pipe (struct proxy_server *s, struct proxy_flow *flow)
{
  flow->copied = 0;
  if (s->n_pipes >= PROXY_PIPES_MAX || pipe2 (flow->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      flow->pipe[0] = flow->pipe[1] = 0;
      return;
    }
  s->n_pipes++;
  (void) fcntl (flow->pipe[1], F_SETPIPE_SZ, PIPE_SIZE); /* the user's share may be used up: a smaller one works too */
}

/* For a transfer's result N: the number of bytes, 0 when it would block (then *FLAG is cleared), -1 when the peer is gone. */
static ssize_t
outcome (ssize_t n, bool *flag)
{
  if (n >= 0)
    return n;
  if (errno == EINTR)
    return 0;
  if (errno != EAGAIN)
    return -1;
  *flag = false;
  return 0;
}

/* Gives the reader what waits for it. False when the reader is gone. */
static bool
drain (uint8_t *buffer, struct proxy_flow *flow, struct proxy_side *to)
{
  while (to->is_writable && flow->in_pipe > 0)
    {
      ssize_t n = outcome (splice (flow->pipe[0], NULL, to->fd, NULL, flow->in_pipe, SPLICE_F_MOVE | SPLICE_F_NONBLOCK), &to->is_writable);
      if (n < 0)
        return false;
      flow->in_pipe -= (uint32_t) n;
    }
  while (to->is_writable && flow->waiting > 0)
    {
      ssize_t n = outcome (send (to->fd, buffer + flow->waiting_at, flow->waiting, MSG_NOSIGNAL), &to->is_writable);
      if (n < 0)
        return false;
      flow->waiting -= (uint32_t) n;
      flow->waiting_at += (uint32_t) n;
    }
  return true;
}

static ssize_t
fill_pipe (struct proxy_flow *flow, struct proxy_side *from)
{
  ssize_t n = splice (from->fd, NULL, flow->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  flow->is_ended = n == 0;
  n = outcome (n, &from->is_readable); /* the pipe is empty, so that it cannot be what blocks */
  flow->in_pipe = n > 0 ? (uint32_t) n : 0;
  return n;
}

/* Copies a chunk; what the reader does not take waits in BUFFER. */
static ssize_t
copy (struct proxy_server *s, struct proxy_connection *connection, unsigned from, uint8_t *buffer)
{
  struct proxy_flow *flow = &connection->flows[from];
  struct proxy_side *source = &connection->sides[from];
  struct proxy_side *to = &connection->sides[1 - from];
  ssize_t n = recv (source->fd, s->scratch, PROXY_CHUNK, 0);
  flow->is_ended = n == 0;
  n = outcome (n, &source->is_readable);
  if (n <= 0)
    return n;
  flow->copied = n == PROXY_CHUNK ? flow->copied + 1 : 0;
  ssize_t sent = to->is_writable ? outcome (send (to->fd, s->scratch, (size_t) n, MSG_NOSIGNAL), &to->is_writable) : 0;
  if (sent < 0)
    return -1;
  flow->waiting_at = 0;
  flow->waiting = (uint32_t) (n - sent);
  if (flow->waiting > 0)
    {
      memcpy (buffer, s->scratch + sent, flow->waiting);
      connection->is_buffer_used = true;
    }
  return n;
}

enum proxy_flow_result
proxy_flow_pump (struct proxy_server *s, struct proxy_connection *connection, unsigned from)
{
  struct proxy_flow *flow = &connection->flows[from];
  struct proxy_side *source = &connection->sides[from];
  struct proxy_side *to = &connection->sides[1 - from];
  uint8_t *buffer = s->buffers[connection - s->connections][from];
  size_t moved = 0;
  for (;;)
    {
      if (!drain (buffer, flow, to))
        return PROXY_FLOW_BROKEN;
      if (flow->in_pipe > 0 || flow->waiting > 0 || flow->is_shut)
        return PROXY_FLOW_BLOCKED;
      if (flow->is_ended)
        {
          flow->is_shut = true;
          return shutdown (to->fd, SHUT_WR) < 0 && errno != ENOTCONN ? PROXY_FLOW_BROKEN : PROXY_FLOW_BLOCKED;
        }
      if (!source->is_readable)
        return PROXY_FLOW_BLOCKED;
      if (moved >= TURN_BYTES)
        return PROXY_FLOW_MORE;
      if (flow->pipe[1] == 0 && flow->copied >= BULK_CHUNKS)
        take_pipe (s, flow);
      ssize_t n = flow->pipe[1] > 0 ? fill_pipe (flow, source) : copy (s, connection, from, buffer);
      if (n < 0)
        return PROXY_FLOW_BROKEN;
      moved += (size_t) n;
    }
}
