#include "net/proxy-server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

enum
{
  EVENTS_AT_ONCE = 64,
  RETRY_MS = 100,
  PROXY_CONNECTIONS_LEAST = 16
};

uint64_t
proxy_event_data (enum proxy_event kind, uint32_t generation, unsigned side, size_t slot)
{
  return (uint64_t) kind << 56 | (uint64_t) (generation & 0xffffff) << 32 | (uint64_t) side << 31 | slot;
}

uint64_t
proxy_now_ms (void)
{
  struct timespec now;
  (void) clock_gettime (CLOCK_MONOTONIC_COARSE, &now); /* cannot fail */
  return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void
watch_tcp_listeners (struct proxy_server *s, uint32_t events)
{
  for (size_t i = 0; i < s->n_listeners; i++)
    {
      struct epoll_event event = { .events = events, .data.u64 = proxy_event_data (PROXY_EVENT_LISTENER, 0, 0, i) };
      if (!s->listeners[i].is_udp)
        (void) epoll_ctl (s->epoll, EPOLL_CTL_MOD, s->listeners[i].fd, &event); /* it was added: this cannot fail */
    }
}

void
proxy_server_pause (struct proxy_server *s, bool retry)
{
  if (!s->is_paused)
    watch_tcp_listeners (s, 0);
  s->is_paused = true;
  s->resume_ms = retry ? proxy_now_ms () + RETRY_MS : 0;
}

void
proxy_server_resume (struct proxy_server *s)
{
  if (s->is_paused)
    watch_tcp_listeners (s, EPOLLIN);
  s->is_paused = false;
  s->resume_ms = 0;
}

static size_t
room_for_connections (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max >= PROXY_FILES_MAX)
    return PROXY_CONNECTIONS_MAX;
  rlim_t least = 2 * PROXY_CONNECTIONS_LEAST + PROXY_FILES_OTHER;
  return limit.rlim_max <= least ? PROXY_CONNECTIONS_LEAST : (size_t) (limit.rlim_max - PROXY_FILES_OTHER) / 2;
}

int
proxy_server_init (struct proxy_server *s)
{
  s->max_connections = room_for_connections ();
  s->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (s->epoll < 0)
    return -errno;
  for (size_t i = 0; i < s->n_listeners; i++)
    {
      struct epoll_event event = { .events = EPOLLIN, .data.u64 = proxy_event_data (PROXY_EVENT_LISTENER, 0, 0, i) };
      if (epoll_ctl (s->epoll, EPOLL_CTL_ADD, s->listeners[i].fd, &event) < 0)
        return -errno;
    }
  return 0;
}

/* Milliseconds until something has to be done without an event; -1: nothing. */
static int
expire (struct proxy_server *s)
{
  if (s->queue_head != 0)
    return 0;
  uint64_t next = s->n_sessions > 0 ? s->sweep_ms : 0;
  if (s->resume_ms != 0 && (next == 0 || s->resume_ms < next))
    next = s->resume_ms;
  if (next == 0)
    return -1;
  uint64_t now = proxy_now_ms ();
  if (s->n_sessions > 0 && s->sweep_ms <= now)
    proxy_udp_sweep (s, now);
  if (s->resume_ms != 0 && s->resume_ms <= now)
    proxy_server_resume (s);
  return next <= now ? 0 : (int) (next - now);
}

static void
dispatch (struct proxy_server *s, const struct epoll_event *event)
{
  uint64_t data = event->data.u64;
  size_t slot = data & 0x7fffffff;
  uint32_t generation = data >> 32 & 0xffffff;
  switch ((enum proxy_event) (data >> 56))
    {
    case PROXY_EVENT_LISTENER:
      if (s->listeners[slot].is_udp)
        proxy_udp_receive (s, slot);
      else if (!s->is_paused)
        proxy_tcp_accept (s, &s->listeners[slot]);
      break;
    case PROXY_EVENT_CONNECTION:
      proxy_tcp_event (s, slot, generation, data >> 31 & 1, event->events);
      break;
    case PROXY_EVENT_SESSION:
      proxy_udp_answer (s, slot, generation);
      break;
    }
}

int
proxy_server_run (struct proxy_server *s)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  for (;;)
    {
      int n = epoll_wait (s->epoll, events, EVENTS_AT_ONCE, expire (s));
      if (n < 0 && errno != EINTR)
        return -errno;
      for (int i = 0; i < n; i++)
        dispatch (s, &events[i]);
      proxy_tcp_run_queue (s);
    }
}
