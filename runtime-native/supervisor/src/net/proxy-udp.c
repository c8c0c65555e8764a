#include "net/proxy-server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum
{
  DATAGRAMS_AT_ONCE = 64,
  SWEEP_MS = 5000
};

static uint16_t *
bucket_of (struct proxy_server *s, const struct address *client, size_t listener)
{
  const uint8_t *at = (const uint8_t *) &client->storage;
  uint32_t hash = 2166136261U ^ (uint32_t) listener;
  for (size_t i = 0; i < client->size; i++)
    hash = (hash ^ at[i]) * 16777619U;
  return &s->buckets[(hash ^ hash >> 16) % PROXY_SESSION_BUCKETS];
}

static void
close_session (struct proxy_server *s, struct proxy_session *session)
{
  uint16_t *link = bucket_of (s, &session->client, session->listener);
  while (&s->sessions[*link - 1] != session)
    link = &s->sessions[*link - 1].next;
  *link = session->next;
  (void) close (session->fd); /* datagrams in it come too late */
  session->fd = 0;
  session->generation++;
  s->n_sessions--;
}

static struct proxy_session *
free_session (struct proxy_server *s)
{
  struct proxy_session *oldest = &s->sessions[0];
  for (size_t i = 0; i < PROXY_SESSIONS_MAX; i++)
    {
      struct proxy_session *session = &s->sessions[i];
      if (session->fd == 0)
        return session;
      if (session->active_ms < oldest->active_ms)
        oldest = session;
    }
  close_session (s, oldest);
  return oldest;
}

/* A connected socket to the container, so that only its answers come back; NULL when there can be none. */
static struct proxy_session *
open_session (struct proxy_server *s, size_t listener, const struct address *client)
{
  const struct address *target = &s->listeners[listener].target;
  int fd = socket (target->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return NULL;
  struct proxy_session *session = free_session (s);
  struct epoll_event event = {
    .events = EPOLLIN,
    .data.u64 = proxy_event_data (PROXY_EVENT_SESSION, session->generation, 0, (size_t) (session - s->sessions)),
  };
  if (connect (fd, (const struct sockaddr *) &target->storage, target->size) < 0 || epoll_ctl (s->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
    {
      (void) close (fd); /* unused */
      return NULL;
    }
  uint16_t *bucket = bucket_of (s, client, listener);
  session->fd = fd;
  session->is_answered = false;
  session->listener = (uint16_t) listener;
  session->client = *client;
  session->next = *bucket;
  *bucket = (uint16_t) (session - s->sessions + 1);
  if (s->n_sessions++ == 0)
    s->sweep_ms = proxy_now_ms () + SWEEP_MS;
  return session;
}

static struct proxy_session *
find_session (struct proxy_server *s, size_t listener, const struct address *client)
{
  for (uint16_t at = *bucket_of (s, client, listener); at != 0; at = s->sessions[at - 1].next)
    {
      struct proxy_session *session = &s->sessions[at - 1];
      if (session->listener == listener && session->client.size == client->size
          && memcmp (&session->client.storage, &client->storage, client->size) == 0)
        return session;
    }
  return open_session (s, listener, client);
}

/* Datagrams that find no room on the way are lost, as datagrams are. */
void
proxy_udp_receive (struct proxy_server *s, size_t listener)
{
  for (int i = 0; i < DATAGRAMS_AT_ONCE; i++)
    {
      struct address client = { .size = sizeof client.storage };
      struct sockaddr *from = (struct sockaddr *) &client.storage;
      ssize_t n = recvfrom (s->listeners[listener].fd, s->scratch, sizeof s->scratch, MSG_DONTWAIT, from, &client.size);
      if (n < 0)
        return;
      struct proxy_session *session = find_session (s, listener, &client);
      if (session == NULL)
        continue;
      session->active_ms = proxy_now_ms ();
      /* A refusal of the one before is reported once, in place of sending. */
      if (send (session->fd, s->scratch, (size_t) n, 0) < 0 && errno == ECONNREFUSED)
        (void) send (session->fd, s->scratch, (size_t) n, 0);
    }
}

void
proxy_udp_answer (struct proxy_server *s, size_t slot, uint32_t generation)
{
  struct proxy_session *session = &s->sessions[slot];
  if (session->fd == 0 || (session->generation & 0xffffff) != generation)
    return;
  for (int i = 0; i < DATAGRAMS_AT_ONCE; i++)
    {
      ssize_t n = recv (session->fd, s->scratch, sizeof s->scratch, 0);
      if (n < 0)
        return; /* nothing more, or a refusal: the container may listen later */
      session->is_answered = true;
      session->active_ms = proxy_now_ms ();
      (void) sendto (s->listeners[session->listener].fd, s->scratch, (size_t) n, MSG_DONTWAIT,
                     (const struct sockaddr *) &session->client.storage, session->client.size);
    }
}

void
proxy_udp_sweep (struct proxy_server *s, uint64_t now_ms)
{
  for (size_t i = 0; s->n_sessions > 0 && i < PROXY_SESSIONS_MAX; i++)
    {
      struct proxy_session *session = &s->sessions[i];
      uint64_t limit = session->is_answered ? PROXY_TWO_WAY_MS : PROXY_ONE_WAY_MS;
      if (session->fd != 0 && now_ms - session->active_ms >= limit)
        close_session (s, session);
    }
  s->sweep_ms = now_ms + SWEEP_MS;
}
