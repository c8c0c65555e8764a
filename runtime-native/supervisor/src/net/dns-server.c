#include "net/dns-server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum
{
  EVENT_UDP,
  EVENT_TCP,
  EVENT_STREAM = 0x1000,
  EVENT_FLIGHT = 0x2000,
  EVENTS_AT_ONCE = 64,
  DATAGRAMS_AT_ONCE = 64 /* before other sockets have their turn */
};

static uint64_t
now_ms (void)
{
  struct timespec now;
  (void) clock_gettime (CLOCK_MONOTONIC_COARSE, &now); /* cannot fail; 4 ms are fine enough, and it costs next to nothing */
  return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static int
refresh_tables (struct dns_server *s)
{
  int r = 0;
  for (size_t i = 0; i < s->n_tables; i++)
    {
      int failed = dns_table_refresh (&s->tables[i]);
      r = failed < 0 ? failed : r;
    }
  return r;
}

/* The name that the container's link NAME leads to; NULL when it has no such link. */
static const char *
linked_name (const struct dns_server *s, const char *name)
{
  size_t length = strlen (name);
  for (size_t i = 0; i < s->n_links; i++)
    if (strncmp (s->links[i], name, length) == 0 && s->links[i][length] == ':')
      return s->links[i] + length + 1;
  return NULL;
}

/* The name's addresses of SIZE bytes from the first network that has any, as a container's networks are searched in
   order. What a link leads to goes before a name of the networks, and is not a link again. */
static bool
find_name (struct dns_server *s, const char *name, size_t size)
{
  const char *linked = linked_name (s, name);
  name = linked == NULL ? name : linked;
  bool known = false;
  s->addresses.n = 0;
  for (size_t i = 0; i < s->n_tables && s->addresses.n == 0; i++)
    known = dns_table_find_name (&s->tables[i], name, size, &s->addresses) || known;
  return known;
}

/* Each answer to the same question begins with another of its addresses. */
static void
add_addresses (struct dns_server *s, struct dns_reply *reply, const struct dns_query *query, enum dns_type type)
{
  size_t n = s->addresses.n;
  if (n == 0)
    return;
  uint32_t *rotation = &s->rotations[(dns_table_hash (query->name, query->name_length) + (uint32_t) type) % 64];
  size_t first = n > 1 ? (*rotation)++ % n : 0;
  for (size_t i = 0; i < n && !reply->truncated; i++)
    dns_reply_address (reply, type, s->addresses.bytes[(first + i) % n], DNS_TTL_SECONDS);
}

static size_t
answer_reverse (struct dns_server *s, const uint8_t *question, const struct dns_query *query, size_t limit)
{
  uint8_t address[16];
  char name[DNS_NAME_MAX + 1];
  size_t size = dns_reverse_address (query->name, address);
  for (size_t i = 0; size > 0 && i < s->n_tables; i++)
    {
      if (!dns_table_find_address (&s->tables[i], address, size, name, sizeof name))
        continue;
      struct dns_reply reply;
      dns_reply_begin (&reply, question, query, s->answer, limit);
      if (query->type == DNS_TYPE_PTR || query->type == DNS_TYPE_ANY)
        dns_reply_ptr (&reply, name, DNS_TTL_SECONDS);
      return dns_reply_end (&reply, query, DNS_NOERROR);
    }
  return 0;
}

size_t
dns_server_answer (struct dns_server *s, const uint8_t *question, const struct dns_query *query, size_t limit)
{
  if (refresh_tables (s) < 0)
    return dns_reply_empty (question, query, DNS_SERVFAIL, s->answer);
  bool is_ours = query->is_text && (query->class == DNS_CLASS_IN || query->class == DNS_CLASS_ANY);
  bool wants_ipv4 = query->type == DNS_TYPE_A || query->type == DNS_TYPE_ANY;
  bool wants_ipv6 = s->ipv6 && (query->type == DNS_TYPE_AAAA || query->type == DNS_TYPE_ANY);
  if (is_ours && find_name (s, query->name, 4))
    {
      /* A name of ours has no other records: asking others would give the name of a service away, and might find one. */
      struct dns_reply reply;
      dns_reply_begin (&reply, question, query, s->answer, limit);
      if (wants_ipv4)
        add_addresses (s, &reply, query, DNS_TYPE_A);
      if (wants_ipv6 && find_name (s, query->name, 16))
        add_addresses (s, &reply, query, DNS_TYPE_AAAA);
      return dns_reply_end (&reply, query, DNS_NOERROR);
    }
  size_t length = is_ours ? answer_reverse (s, question, query, limit) : 0;
  if (length == 0 && s->forward.n_upstreams == 0)
    length = dns_reply_empty (question, query, DNS_NXDOMAIN, s->answer);
  return length;
}

static void
answer (struct dns_server *s, const struct dns_source *source, bool was_expected, const uint8_t *bytes, size_t length)
{
  if (source->is_stream)
    dns_stream_answer (&s->streams, source->stream, source->generation, was_expected, bytes, length);
  else /* a full or vanished client loses its answer, as datagrams are */
    (void) sendto (s->udp, bytes, length, MSG_DONTWAIT, (const struct sockaddr *) &source->address, sizeof source->address);
}

static void
take_question (struct dns_server *s, const struct dns_source *source, const uint8_t *bytes, size_t length)
{
  struct dns_query query;
  int rcode = dns_query_parse (bytes, length, &query);
  if (rcode < 0)
    return;
  size_t limit = source->is_stream ? DNS_MESSAGE_MAX : query.udp_size;
  size_t size = rcode == 0 ? dns_server_answer (s, bytes, &query, limit) : dns_reply_empty (bytes, &query, (enum dns_rcode) rcode, s->answer);
  if (size > 0)
    {
      answer (s, source, false, s->answer, size);
      return;
    }
  if (source->is_stream)
    dns_stream_expect (&s->streams, source->stream);
  dns_forward_question (&s->forward, source, &query, bytes, length, now_ms ());
}

static void
take_datagrams (struct dns_server *s)
{
  for (int i = 0; i < DATAGRAMS_AT_ONCE; i++)
    {
      struct dns_source source;
      source.is_stream = false;
      socklen_t size = sizeof source.address;
      ssize_t n = recvfrom (s->udp, s->question, sizeof s->question, MSG_DONTWAIT, (struct sockaddr *) &source.address, &size);
      if (n < 0)
        return;
      take_question (s, &source, s->question, (size_t) n);
    }
}

static void
take_stream_question (void *context, size_t index, const uint8_t *bytes, size_t length, uint64_t now)
{
  struct dns_server *s = context;
  (void) now;
  struct dns_source source = { .is_stream = true, .stream = (uint16_t) index, .generation = s->streams.slots[index].generation };
  take_question (s, &source, bytes, length);
}

static void
take_upstream_answer (void *context, const struct dns_source *source, const struct dns_query *query, uint8_t *bytes, size_t length)
{
  (void) query;
  answer (context, source, true, bytes, length);
}

static int
add_listener (const struct dns_server *s, int fd, uint64_t data)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };
  return epoll_ctl (s->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int
dns_server_init (struct dns_server *s)
{
  s->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (s->epoll < 0)
    return -errno;
  s->forward.epoll = s->epoll;
  s->forward.event_base = EVENT_FLIGHT;
  s->forward.answer = take_upstream_answer;
  s->forward.context = s;
  s->streams.epoll = s->epoll;
  s->streams.listener = s->tcp;
  s->streams.event_base = EVENT_STREAM;
  s->streams.question = take_stream_question;
  s->streams.context = s;
  dns_streams_init (&s->streams);
  int r = dns_forward_init (&s->forward);
  if (r == 0)
    r = add_listener (s, s->udp, EVENT_UDP);
  return r == 0 ? add_listener (s, s->tcp, EVENT_TCP) : r;
}

/* Milliseconds until something has to be done without an event; -1: nothing. */
static int
expire (struct dns_server *s)
{
  if (s->forward.next_deadline_ms == 0 && s->streams.n_open == 0)
    return -1;
  uint64_t now = now_ms ();
  if (s->forward.next_deadline_ms != 0 && s->forward.next_deadline_ms <= now)
    dns_forward_expire (&s->forward, now);
  int wait = dns_streams_expire (&s->streams, now);
  if (s->forward.next_deadline_ms == 0)
    return wait;
  int flight = s->forward.next_deadline_ms <= now ? 0 : (int) (s->forward.next_deadline_ms - now);
  return wait < 0 || flight < wait ? flight : wait;
}

static void
dispatch (struct dns_server *s, const struct epoll_event *event)
{
  uint64_t data = event->data.u64;
  if (data == EVENT_UDP)
    take_datagrams (s);
  else if (data == EVENT_TCP)
    dns_streams_accept (&s->streams, now_ms ());
  else if (data >= EVENT_FLIGHT)
    dns_forward_event (&s->forward, data - EVENT_FLIGHT, now_ms ());
  else
    dns_stream_event (&s->streams, data - EVENT_STREAM, event->events, now_ms ());
}

int
dns_server_run (struct dns_server *s)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  for (;;)
    {
      int n = epoll_wait (s->epoll, events, EVENTS_AT_ONCE, expire (s));
      if (n < 0 && errno != EINTR)
        return -errno;
      for (int i = 0; i < n; i++)
        dispatch (s, &events[i]);
    }
}
