#include "net/proxy-server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
  ACCEPTS_AT_ONCE = 64
};

static size_t
slot_of (const struct proxy_server *s, const struct proxy_connection *connection)
{
  return (size_t) (connection - s->connections);
}

static void
enqueue (struct proxy_server *s, struct proxy_connection *connection)
{
  if (connection->is_queued)
    return;
  uint16_t slot = (uint16_t) (slot_of (s, connection) + 1);
  connection->is_queued = true;
  connection->next = 0;
  if (s->queue_head == 0)
    s->queue_head = slot;
  else
    s->connections[s->queue_tail - 1].next = slot;
  s->queue_tail = slot;
}

static void
free_slot (struct proxy_server *s, struct proxy_connection *connection)
{
  connection->next = s->free_slot;
  s->free_slot = (uint16_t) (slot_of (s, connection) + 1);
}

/* Ends the connection; RESET tells both sides that it did not end well. */
static void
close_connection (struct proxy_server *s, struct proxy_connection *connection, bool reset)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
  for (unsigned i = 0; i < 2; i++)
    {
      struct proxy_side *side = &connection->sides[i];
      if (reset) /* else they would see an orderly end of a stream that was cut */
        (void) setsockopt (side->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      (void) close (side->fd); /* everything that could be sent was */
      proxy_flow_release (s, &connection->flows[i]);
    }
  if (connection->is_buffer_used)
    (void) madvise (s->buffers[slot_of (s, connection)], sizeof s->buffers[0], MADV_DONTNEED); /* only saves memory */
  connection->is_buffer_used = false;
  connection->is_used = false;
  connection->generation++;
  s->n_connections--;
  if (!connection->is_queued)
    free_slot (s, connection);
  if (s->is_paused)
    proxy_server_resume (s);
}

static void
pump (struct proxy_server *s, struct proxy_connection *connection)
{
  for (unsigned i = 0; i < 2; i++)
    {
      enum proxy_flow_result result = proxy_flow_pump (s, connection, i);
      if (result == PROXY_FLOW_BROKEN)
        {
          close_connection (s, connection, true);
          return;
        }
      if (result == PROXY_FLOW_MORE)
        enqueue (s, connection);
    }
  if (connection->flows[0].is_shut && connection->flows[1].is_shut)
    close_connection (s, connection, false);
}

static struct proxy_connection *
take_slot (struct proxy_server *s)
{
  if (s->free_slot == 0)
    return &s->connections[s->high_water++];
  struct proxy_connection *connection = &s->connections[s->free_slot - 1];
  s->free_slot = connection->next;
  return connection;
}

static bool
watch (struct proxy_server *s, const struct proxy_connection *connection, unsigned side)
{
  struct epoll_event event = {
    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
    .data.u64 = proxy_event_data (PROXY_EVENT_CONNECTION, connection->generation, side, slot_of (s, connection)),
  };
  return epoll_ctl (s->epoll, EPOLL_CTL_ADD, connection->sides[side].fd, &event) == 0;
}

/* Opens the way to the container for an accepted client, whose fd is taken over. */
static void
start (struct proxy_server *s, const struct proxy_listener *listener, int client, int target)
{
  struct proxy_connection *connection = take_slot (s);
  uint32_t generation = connection->generation;
  *connection = (struct proxy_connection){ .is_used = true, .is_connecting = true, .generation = generation };
  connection->sides[0].fd = client;
  connection->sides[1].fd = target;
  s->n_connections++;
  (void) proxy_set_stream_options (target); /* the client has them from its listener; they cannot fail on a TCP socket */
  bool started = connect (target, (const struct sockaddr *) &listener->target.storage, listener->target.size) == 0 || errno == EINPROGRESS;
  if (!started || !watch (s, connection, 0) || !watch (s, connection, 1))
    close_connection (s, connection, true);
}

static bool
is_shortage (int error)
{
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

void
proxy_tcp_accept (struct proxy_server *s, const struct proxy_listener *listener)
{
  for (int i = 0; i < ACCEPTS_AT_ONCE; i++)
    {
      /* A slot that is still queued is free only after this round. */
      bool has_slot = s->free_slot != 0 || s->high_water < s->max_connections;
      if (!has_slot || s->n_connections >= s->max_connections)
        {
          proxy_server_pause (s, s->n_connections < s->max_connections);
          return;
        }
      int client = accept4 (listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      int target = client < 0 ? -1 : socket (listener->target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (target >= 0)
        {
          start (s, listener, client, target);
          continue;
        }
      if (is_shortage (errno)) /* the machine's: our own limit has room for all slots */
        proxy_server_pause (s, true);
      if (client >= 0)
        (void) close (client); /* it can only try again */
      return;
    }
}

/* The container accepted or refused. */
static bool
complete_connect (struct proxy_server *s, struct proxy_connection *connection)
{
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt (connection->sides[1].fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
    {
      connection->is_connecting = false;
      return true;
    }
  close_connection (s, connection, true);
  return false;
}

void
proxy_tcp_event (struct proxy_server *s, size_t slot, uint32_t generation, unsigned side, uint32_t events)
{
  struct proxy_connection *connection = &s->connections[slot];
  if (!connection->is_used || (connection->generation & 0xffffff) != generation)
    return; /* closed by an event of the same round */
  struct proxy_side *changed = &connection->sides[side];
  bool is_broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0 || is_broken)
    changed->is_readable = true;
  if ((events & EPOLLOUT) != 0 || is_broken)
    changed->is_writable = true;
  if (connection->is_connecting)
    {
      if (side == 0 && (events & EPOLLERR) != 0)
        {
          close_connection (s, connection, true);
          return;
        }
      if (side == 0 || !changed->is_writable || !complete_connect (s, connection))
        return;
    }
  pump (s, connection);
}

void
proxy_tcp_run_queue (struct proxy_server *s)
{
  uint16_t at = s->queue_head;
  s->queue_head = 0;
  while (at != 0)
    {
      struct proxy_connection *connection = &s->connections[at - 1];
      at = connection->next;
      connection->is_queued = false;
      if (connection->is_used)
        pump (s, connection);
      else
        free_slot (s, connection);
    }
}
